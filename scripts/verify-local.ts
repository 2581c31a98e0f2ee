/**
 * Runs the check of the promises, `cdk-momento-eventbridge verify`, on a local AWS with a local Momento, and writes its report in docs/.
 *
 * usage: npm run verify:local      (after npm run build:handler and npm run build)
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { LocalAws, LocalMomento } from '../tools';
import { sayMade } from './made';

const CACHE = 'verify';
const ROOT = join(__dirname, '..');

async function main(): Promise<number> {
  const momento = await LocalMomento.start({ caches: [CACHE] });
  const aws = await LocalAws.start({ enforceIam: true });
  try {
    const architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
    const options = ['--local', '--yes', '--region', aws.region, '--architecture', architecture, '--report', 'docs'];
    const command = ['bin/cdk-momento-eventbridge.js', 'verify', '--momento-cache', CACHE, ...options];
    const env = {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      AWS_EC2_METADATA_DISABLED: 'true',
      MOMENTO_API_KEY: momento.apiKey,
      MOMENTO_ENDPOINT: momento.endpoint,
      ...aws.environment,
    };
    const { status } = spawnSync(process.execPath, command, { cwd: ROOT, env, stdio: 'inherit' });
    for (const ending of ['md', 'json', 'svg']) sayMade(join(ROOT, `docs/verify-report.${ending}`));
    return status ?? 1;
  } finally {
    await aws.stop();
    await momento.stop();
  }
}

void main().then((status) => {
  process.exitCode = status;
});
