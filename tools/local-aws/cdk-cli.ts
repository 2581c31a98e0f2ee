import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { StackOutputs } from './deploy-stack';
import type { LocalAws } from './local-aws';

/** What to deploy with the CDK CLI. */
export interface CdkDeployment {
  /** The directory of the app, with its `cdk.json`. */
  readonly directory: string;
  /** Instead of what `cdk.json` says: a command that synthesizes, or a cloud assembly. */
  readonly app?: string;
  /** Context values. Default: none but those of `cdk.json`. */
  readonly context?: Readonly<Record<string, string>>;
  /** Or a pattern of names, `*` for all. Default: the app's only stack. */
  readonly stackName?: string;
  /** The script of a CLI. Default: that of the repository. */
  readonly cli?: string;
  /** The Node.js that runs the CLI and the app. Default: this one. */
  readonly node?: string;
  /** Gets each line that the CLI prints. Default: they are shown only when the CLI fails. */
  readonly onProgress?: (line: string) => void;
}

// The package says nothing of its own files to `require`.
const CDK = join(__dirname, '../../node_modules/aws-cdk/bin/cdk');

/**
 * Does what a user does: `cdk bootstrap`, if that has not been done, and `cdk deploy`, with the real CDK CLI, which assumes the
 * roles of its bootstrap stack.
 */
export async function deployWithCdkCli(aws: LocalAws, deployment: CdkDeployment): Promise<StackOutputs> {
  const scratch = await mkdtemp(join(tmpdir(), 'cdk-cli-'));
  try {
    const outputsFile = join(scratch, 'outputs.json');
    // No app is needed to bootstrap an environment that is named, so the app is not run twice.
    await cdk(aws, deployment, scratch, ['bootstrap', `aws://${aws.account}/${aws.region}`]);
    await cdk(aws, deployment, deployment.directory, [
      ...['deploy', ...(deployment.stackName === undefined ? [] : [deployment.stackName])],
      ...(deployment.app === undefined ? [] : ['--app', deployment.app]),
      ...Object.entries(deployment.context ?? {}).flatMap(([name, value]) => ['--context', `${name}=${value}`]),
      ...['--output', join(scratch, 'cdk.out'), '--outputs-file', outputsFile],
      // A change set would be created, awaited and described first.
      ...['--method=direct', '--require-approval', 'never'],
    ]);
    const outputs = JSON.parse(await readFile(outputsFile, 'utf8')) as Record<string, Record<string, string>>;
    return new StackOutputs(Object.assign({}, ...Object.values(outputs)) as Record<string, string>);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function cdk(aws: LocalAws, deployment: CdkDeployment, cwd: string, command: string[]): Promise<void> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  const { cli = CDK, node = process.execPath } = deployment;
  const child = spawn(node, [cli, ...command, '--ci', '--no-notices'], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...Object.fromEntries(inherited),
      PATH: [dirname(node), process.env.PATH].join(delimiter),
      ...aws.environment,
      // Credentials are given: no profile of the user's is read, and no metadata service of a cloud machine is asked.
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      // Nothing is reported to AWS, and npm is not asked for newer versions, for which the CLI would wait seconds to end.
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      CDK_DISABLE_VERSION_CHECK: 'true',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      NO_COLOR: '1',
    },
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      lines.push(line);
      deployment.onProgress?.(line);
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`cdk ${command.join(' ')} failed:\n${lines.join('\n')}`);
}
