import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../package.json';
import { callAws } from '../aws-call';
import { clientSettings } from '../aws-client';
import { printable } from '../printable';
import type { DeployedFunction } from '../stack/deployed-function';
import type { Examination } from './examination';

/** The stack itself: it was deployed to its end. */
export async function examineStack(examination: Examination): Promise<void> {
  const { stack, constructs } = examination;
  await examination.examine('stack', stack.name, (report) => {
    if (!/^(CREATE|UPDATE|IMPORT|UPDATE_ROLLBACK|IMPORT_ROLLBACK)_COMPLETE$/.test(stack.status)) {
      report(`The stack is ${printable(stack.status)}: its last deployment did not end well, or has not ended.`);
    }
    if (constructs.length === 0) report('The stack has no construct of cdk-momento-eventbridge: is it the right one?');
    return Promise.resolve();
  });
}

/** The functions: there, active, not switched off, and of this version. */
export async function examineFunctions(examination: Examination): Promise<void> {
  const missing = (await examination.stack.functions()).filter(({ isMissing }) => isMissing);
  for (const { logicalId, name } of missing) {
    await examination.examine('function', logicalId, (report) => {
      report(`The function ${printable(name)} does not exist any more: deploy the stack again.`);
      return Promise.resolve();
    });
  }
  const handlers = examination.constructs.flatMap(({ functions }) => functions);
  for (const handler of handlers) await examineFunction(examination, handler);
  await examineVersions(examination, handlers);
}

async function examineFunction(examination: Examination, handler: DeployedFunction): Promise<void> {
  const { GetFunctionConcurrencyCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient(await clientSettings(examination.region));
  await examination.examine('function', handler.logicalId, async (report) => {
    // Lambda makes a function inactive that was not called for weeks, and wakes it with the next call.
    if (!['Active', 'Inactive', 'Pending'].includes(handler.state)) {
      report(`Lambda cannot run the function: its state is ${printable(handler.state)}.`);
    }
    const { ReservedConcurrentExecutions: reserved } = await callAws('Lambda', 'lambda:GetFunctionConcurrency', () =>
      client.send(new GetFunctionConcurrencyCommand({ FunctionName: handler.name })),
    );
    if (reserved === 0) {
      report('The function is switched off: its reserved concurrency is 0. Set another, or remove it.');
    }
  });
}

interface Manifest {
  readonly handlers: readonly { readonly handler: string; readonly sha256: string }[];
}

/** Compares the code of the functions with the handlers that are in this package. */
async function examineVersions(examination: Examination, handlers: readonly DeployedFunction[]): Promise<void> {
  await examination.examine('version', examination.stack.name, (report) => {
    const manifest = join(__dirname, '../assets/manifest.json');
    if (!existsSync(manifest)) {
      report('This copy of cdk-momento-eventbridge has no handlers to compare the functions with.', 'note');
      return Promise.resolve();
    }
    const { handlers: built } = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest;
    const isOfThisVersion = ({ role, codeSha256 }: DeployedFunction): boolean => {
      const sha256 = Buffer.from(codeSha256, 'base64').toString('hex');
      return built.some((known) => known.handler === role && known.sha256 === sha256);
    };
    const others = handlers.filter((handler) => !isOfThisVersion(handler)).map(({ logicalId }) => printable(logicalId));
    // Handlers that were built from source are all of another.
    if (others.length === 0) return Promise.resolve();
    if (others.length === handlers.length) {
      report(`The handlers are not those of version ${version}: of another version, or built from source.`, 'note');
    } else {
      report(
        `The functions are of different versions: ${others.join(', ')} ${others.length === 1 ? 'is' : 'are'} not of version ` +
          `${version}, as the others are. Deploy the stack again.`,
      );
    }
    return Promise.resolve();
  });
}
