import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readManifest } from '../../scripts/handler/manifest';
import { unpackBootstrap } from './bootstrap';
import { CASES } from './cases';
import { processorsFor } from './processors';
import { RunningHandler } from './running-handler';
import { StandInAws } from './stand-in-aws';

for (const { file, handler, architecture } of readManifest().handlers) {
  describe(file, () => {
    for (const { name, command } of processorsFor(architecture)) {
      test(`answers an event on ${name}`, async (context) => {
        const {
          environment,
          endpoints = [],
          answers,
          exercise,
        } = CASES.get(handler) ?? assert.fail(`cases.ts has none for the handler ${handler}`);
        const aws = await StandInAws.start(answers);
        context.after(() => {
          aws.stop();
        });
        const running = await RunningHandler.start([...command, unpackBootstrap(context, file)], {
          PATH: process.env.PATH,
          AWS_ACCESS_KEY_ID: 'test',
          AWS_ENDPOINT_URL: aws.url,
          AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
          AWS_LAMBDA_FUNCTION_NAME: handler,
          AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
          AWS_REGION: 'us-east-1',
          AWS_SECRET_ACCESS_KEY: 'test',
          ...environment,
          ...Object.fromEntries(endpoints.map((variable) => [variable, aws.url])),
        });
        context.after(() => {
          running.stop();
        });
        await exercise(running, aws);
      });
    }
  });
}
