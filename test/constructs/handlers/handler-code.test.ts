import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, describe, test } from 'node:test';
import { buildSync } from 'esbuild';
import { App, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { codeFromSource } from '../../../constructs/handlers/code-from-source';
import { HandlerCode, packageDirectory } from '../../../constructs/handlers/handler-code';
import { prebuiltCode } from '../../../constructs/handlers/prebuilt-code';

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

  test('that was not built is rejected, with the command that builds it', () => {
    const assets = path.join(__dirname, '..', '..', '..', 'assets');
    assert.throws(() => HandlerCode.prebuilt().bind('no-such-binary', lambda.Architecture.ARM_64), {
      message:
        `The prebuilt handler ${path.join(assets, 'no-such-binary-arm64.zip')} is missing. In a checkout of ` +
        'cdk-momento-eventbridge, run `npm run build:handler`; if you installed the package, install it again, or pass ' +
        'handlerCode: HandlerCode.fromCode(...).',
    });
  });
});

describe('given handler code', () => {
  const code = () => lambda.Code.fromAsset(__dirname);
  const binaries = {
    webhook: code(),
    subscribe: code(),
    redrive: code(),
    deliver: code(),
    followRotation: code(),
    changes: code(),
  };
  const bind = (binary: string) => HandlerCode.fromCode(binaries).bind(binary, lambda.Architecture.X86_64);

  test('is used as it is, each for its handler', () => {
    assert.equal(bind('webhook'), binaries.webhook);
    assert.equal(bind('subscribe'), binaries.subscribe);
    assert.equal(bind('redrive'), binaries.redrive);
    assert.equal(bind('deliver'), binaries.deliver);
    assert.equal(bind('follow-rotation'), binaries.followRotation);
    assert.equal(bind('changes'), binaries.changes);
  });

  test('that lacks a handler is rejected', () => {
    assert.throws(() => bind('toString'), {
      message: 'handlerCode must have code for the handler toString. Pass it to HandlerCode.fromCode(...).',
    });
    const { webhook, redrive } = binaries;
    assert.throws(() => HandlerCode.fromCode({ webhook, redrive }).bind('deliver', lambda.Architecture.X86_64), {
      message: /^handlerCode must have code for the handler deliver\./,
    });
  });
});

describe('handler code from source', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'from-source-'));
  const { PATH = '' } = process.env;
  after(() => {
    process.env.PATH = PATH;
    rmSync(directory, { recursive: true });
  });

  /** A cargo that writes down how it was called, and leaves an executable where cargo-lambda does. */
  function standInCargo(): string {
    const log = path.join(directory, 'calls');
    const script = [
      '#!/bin/sh',
      'if [ "$2" = --version ]; then exit; fi',
      `echo "$PWD: $* $CARGO_TARGET_DIR" >>'${log}'`,
      'while [ "$1" != --lambda-dir ]; do shift; done',
      'mkdir "$2/webhook" && echo binary >"$2/webhook/bootstrap"',
    ];
    writeFileSync(path.join(directory, 'cargo'), script.join('\n'), { mode: 0o755 });
    process.env.PATH = `${directory}${path.delimiter}${PATH}`;
    return log;
  }

  test('is what cargo-lambda makes of the sources in the package', () => {
    const log = standInCargo();
    const app = new App({ outdir: path.join(directory, 'cdk.out') });
    const code = HandlerCode.fromSource({
      cargoLambdaFlags: ['--compiler', 'cargo'],
      environment: { CARGO_TARGET_DIR: '/elsewhere' },
    }).bind('webhook', lambda.Architecture.X86_64);
    new lambda.Function(new Stack(app, 'Stack'), 'Webhook', {
      runtime: lambda.Runtime.PROVIDED_AL2023,
      handler: 'bootstrap',
      code,
    });
    app.synth();
    const sources = path.join(__dirname, '../../..');
    const [call = '', ...others] = readFileSync(log, 'utf8').trim().split('\n');
    assert.deepEqual(others, []);
    assert.match(
      call.replace(/(--lambda-dir) \S+/, '$1 <out>'),
      new RegExp(`^${sources}: lambda build --lambda-dir <out> `),
    );
    for (const part of ['--release --locked --compiler cargo', '--x86-64', '--bin webhook', ' /elsewhere']) {
      assert.ok(call.includes(part), `${part} in: ${call}`);
    }
  });

  test('without cargo-lambda-cdk is rejected, with how to install it', () => {
    assert.throws(() => codeFromSource(directory, 'webhook', lambda.Architecture.ARM_64, {}), {
      message:
        'HandlerCode.fromSource() needs the package cargo-lambda-cdk. Install it next to cdk-momento-eventbridge ' +
        '(`npm install cargo-lambda-cdk`); in a language other than TypeScript and JavaScript, also import it.',
    });
  });
});

describe('a package that was bundled into another file', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'bundled-'));
  after(() => {
    rmSync(directory, { recursive: true });
  });
  const refusal = /cdk-momento-eventbridge was bundled into .*esbuild --external:cdk-momento-eventbridge/;

  test('is rejected, with how to leave it out, whether the app has a package.json or not', () => {
    assert.throws(() => packageDirectory(directory), refusal);
    writeFileSync(path.join(directory, 'package.json'), '{"name":"my-app"}');
    assert.throws(() => packageDirectory(directory), refusal);
  });

  test('is not found where it was not', () => {
    assert.equal(packageDirectory(), path.join(__dirname, '../../..'));
  });

  test('says so when the app runs', () => {
    const bundle = path.join(directory, 'dist', 'app.cjs');
    buildSync({
      stdin: {
        contents:
          "import { HandlerCode } from '../../../constructs'; HandlerCode.prebuilt().bind('webhook', { name: 'arm64' });",
        resolveDir: __dirname,
      },
      bundle: true,
      platform: 'node',
      external: ['aws-cdk-lib', 'constructs'],
      outfile: bundle,
      logLevel: 'error',
    });
    const NODE_PATH = path.join(__dirname, '../../../node_modules');
    const { stderr } = spawnSync(process.execPath, [bundle], { encoding: 'utf8', env: { ...process.env, NODE_PATH } });
    assert.match(stderr, /Error: cdk-momento-eventbridge was bundled into/);
  });
});
