import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ReleasedFile, releasedFile } from './released-file';
import { objectKey } from './release';

/** The handlers' code, of which a template takes what it needs. */
export class HandlerZips {
  private readonly taken = new Set<string>();

  /** The key of a zip in the buckets. */
  public key(handler: string, architecture: string): string {
    const name = `${handler}-${architecture}.zip`;
    this.taken.add(name);
    return objectKey(name);
  }

  /**
   * What the templates have taken, to be uploaded.
   *
   * @param directory where the zips are, named `<handler>-<architecture>.zip`
   * @throws if one of them is missing
   */
  public files(directory: string): ReleasedFile[] {
    return [...this.taken].map((name) => {
      const path = join(directory, name);
      if (!existsSync(path)) throw new Error(`${path} is missing: run 'npm run build:handler'`);
      return releasedFile(path, 'application/zip', objectKey(name));
    });
  }
}
