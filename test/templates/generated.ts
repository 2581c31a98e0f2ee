import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate, type Uploads } from '../../templates/generate';
import { type Host, RELEASE_BUCKETS } from '../../templates/host';
import type { TemplateName } from '../../templates/release';

const BUILT = join(__dirname, '../../assets');
const HANDLERS = ['subscribe', 'webhook', 'redrive', 'deliver'];
const ARCHITECTURES = ['arm64', 'x86_64'];

/** What `npm run templates` writes, in a directory of its own, of the handlers that this machine has built. */
export class GeneratedTemplates {
  private readonly directory = mkdtempSync(join(tmpdir(), 'templates-'));
  private readonly output = join(this.directory, 'templates');

  /**
   * @param host where they are hosted: by default where a release is
   * @param standIn what the handlers are instead of what this machine has built
   */
  public constructor(host: Host = RELEASE_BUCKETS, standIn?: string) {
    process.once('exit', () => {
      rmSync(this.directory, { recursive: true });
    });
    const assets = join(this.directory, 'assets');
    mkdirSync(assets);
    for (const zip of HANDLERS.flatMap((handler) => ARCHITECTURES.map((name) => `${handler}-${name}.zip`))) {
      // Not every machine has built for both architectures, and what it has not built it does not run.
      if (standIn === undefined && existsSync(join(BUILT, zip))) cpSync(join(BUILT, zip), join(assets, zip));
      else writeFileSync(join(assets, zip), `${standIn ?? 'in place of '}${zip}`);
    }
    generate({ host, assets, output: this.output });
  }

  /** Where a template is. */
  public path(name: TemplateName): string {
    return join(this.output, `${name}.yaml`);
  }

  public yaml(name: TemplateName): string {
    return readFileSync(this.path(name), 'utf8');
  }

  /** Where the list of what a release uploads is. */
  public get list(): string {
    return join(this.output, 'uploads.json');
  }

  public get uploads(): Uploads {
    return JSON.parse(readFileSync(this.list, 'utf8')) as Uploads;
  }
}
