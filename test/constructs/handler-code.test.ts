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
  const code = () => lambda.Code.fromAsset(__dirname);
  const binaries = { webhook: code(), redrive: code(), deliver: code(), followRotation: code() };
  const bind = (binary: string) => HandlerCode.fromCode(binaries).bind(binary, lambda.Architecture.X86_64);

  test('is used as it is, each for its handler', () => {
    assert.equal(bind('webhook'), binaries.webhook);
    assert.equal(bind('redrive'), binaries.redrive);
    assert.equal(bind('deliver'), binaries.deliver);
    assert.equal(bind('follow-rotation'), binaries.followRotation);
  });

  test('that lacks a handler is refused', () => {
    assert.throws(() => bind('toString'), {
      message: 'handlerCode has no code for the handler toString. Give it to HandlerCode.fromCode(...).',
    });
    const { webhook, redrive } = binaries;
    assert.throws(() => HandlerCode.fromCode({ webhook, redrive }).bind('deliver', lambda.Architecture.X86_64), {
      message: /^handlerCode has no code for the handler deliver\./,
    });
  });
});
