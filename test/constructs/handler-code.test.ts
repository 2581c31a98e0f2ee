import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, describe, test } from 'node:test';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { HandlerCode } from '../../constructs/handler-code';
import { prebuiltCode } from '../../constructs/prebuilt-code';

describe('prebuilt handler code', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'prebuilt-'));
  after(() => {
    rmSync(directory, { recursive: true });
  });

  for (const architecture of [lambda.Architecture.ARM_64, lambda.Architecture.X86_64]) {
    test(`is the zip of the binary for ${architecture.name}`, () => {
      const zip = path.join(directory, `webhook-${architecture.name}.zip`);
      writeFileSync(zip, '');
      const code = prebuiltCode(directory, 'webhook', architecture);
      assert.ok(code instanceof lambda.AssetCode);
      assert.equal(code.path, zip);
    });
  }

  test('that was not built is refused, with the command that builds it', () => {
    const assets = path.join(__dirname, '..', '..', 'assets');
    assert.throws(() => HandlerCode.prebuilt().bind('no-such-binary', lambda.Architecture.ARM_64), {
      message:
        `The prebuilt handler ${path.join(assets, 'no-such-binary-arm64.zip')} is missing. In a checkout of ` +
        'cdk-momento-eventbridge, run `npm run build:handler`; as an installed package, install it again, or give ' +
        'handlerCode: HandlerCode.fromCode(...).',
    });
  });
});

describe('given handler code', () => {
  test('is used as it is', () => {
    const code = lambda.Code.fromAsset(__dirname);
    assert.equal(HandlerCode.fromCode(code).bind('webhook', lambda.Architecture.X86_64), code);
  });
});
