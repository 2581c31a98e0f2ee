import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { unzipSync } from 'fflate';
import { ASSETS, readManifest } from '../../scripts/handler/manifest';
import { CASES } from './cases';
import { processorsFor } from './processors';
import { RunningHandler } from './running-handler';
import { StandInAws } from './stand-in-aws';

for (const { file, handler, architecture } of readManifest().handlers) {
  describe(file, () => {
    for (const { name, command } of processorsFor(architecture)) {
      test(`answers an event on ${name}`, async (context) => {
        const { environment, answers, exercise } =
          CASES.get(handler) ?? assert.fail(`cases.ts has none for ${handler}`);
        const folder = mkdtempSync(join(tmpdir(), 'handler-'));
        context.after(() => {
          rmSync(folder, { recursive: true });
        });
        const bootstrap = join(folder, 'bootstrap');
        const content = unzipSync(readFileSync(join(ASSETS, file))).bootstrap;
        writeFileSync(bootstrap, content ?? assert.fail('the zip has no bootstrap'));
        chmodSync(bootstrap, 0o755);

        const aws = await StandInAws.start(answers);
        context.after(() => {
          aws.stop();
        });
        const running = await RunningHandler.start([...command, bootstrap], {
          PATH: process.env.PATH,
          AWS_ACCESS_KEY_ID: 'test',
          AWS_ENDPOINT_URL: aws.url,
          AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
          AWS_LAMBDA_FUNCTION_NAME: handler,
          AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
          AWS_REGION: 'us-east-1',
          AWS_SECRET_ACCESS_KEY: 'test',
          ...environment,
        });
        context.after(() => {
          running.stop();
        });
        await exercise(running, aws);
      });
    }
  });
}
