import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { HandlerCode } from 'cdk-momento-eventbridge';
import { LocalMomento } from '../local-momento/local-momento';

// Where cargo puts what prepare.mjs has it build. Not assets/, which is for what is published.
const TARGET = join(__dirname, '../../target');
const BUILT = join(TARGET, 'debug');
const STRIPPED = join(TARGET, 'demo');

/** Whether `useDemoBuild` was called. */
export let isDemoBuild = false;

/**
 * From now on, handlers and local Momento are those that prepare.mjs has compiled, quickly and without optimisation. Not for
 * tests, which run what is published.
 */
export function useDemoBuild(): void {
  isDemoBuild = true;
  LocalMomento.executable = join(TARGET, 'tools/debug/local-momento');
  const code = new DemoHandlerCode();
  HandlerCode.prebuilt = () => code;
}

class DemoHandlerCode extends HandlerCode {
  public bind(binary: string): lambda.Code {
    const executable = join(BUILT, binary);
    if (!existsSync(executable)) throw new Error(`${executable} is missing: add it to prepare.mjs`);
    const directory = join(STRIPPED, binary);
    const bootstrap = join(directory, 'bootstrap');
    mkdirSync(directory, { recursive: true });
    if (!existsSync(bootstrap) || statSync(bootstrap).mtimeMs < statSync(executable).mtimeMs) {
      // Most of an executable is what debuggers want to know.
      execFileSync('strip', ['-o', bootstrap, executable]);
    }
    return lambda.Code.fromAsset(directory);
  }
}
