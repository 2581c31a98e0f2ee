import { version } from '../package.json';
import type { Command } from './command';
import { ExitStatus, Failure, UsageError } from './failure';
import { printable } from './printable';

const PROGRAM = 'cdk-momento-eventbridge';

// Loaded when they are run: the AWS SDK takes longer to load than most of what is asked of it.
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['send-webhook', async () => (await import('./commands/send-webhook.js')).sendWebhook],
  ['dlq', async () => (await import('./commands/dlq.js')).dlq],
  ['redrive', async () => (await import('./commands/redrive.js')).redrive],
]);

const HELP = `Tools for whoever runs what ${PROGRAM} deploys.

  npx ${PROGRAM} <command> [options]

  send-webhook   signs and posts a webhook as Momento does, and says what the answer means
  dlq            shows what waits in the fallback queue or in a dead-letter queue
  redrive        puts what waits there, or what was logged as lost, on the event bus

  <command> --help says more. AWS credentials and region are found as the AWS CLI finds them: AWS_PROFILE, AWS_REGION and
  so on; AWS_ENDPOINT_URL is honoured.

Exit status: 0 as it should be, 1 not so, 2 a command line that makes no sense.
`;

async function main([name, ...args]: readonly string[]): Promise<ExitStatus> {
  if (name === undefined) {
    process.stderr.write(HELP);
    return ExitStatus.Usage;
  }
  if (name === '--help' || name === '-h') {
    process.stdout.write(HELP);
    return ExitStatus.Success;
  }
  if (name === '--version') {
    process.stdout.write(`${version}\n`);
    return ExitStatus.Success;
  }
  const load = COMMANDS.get(name);
  if (!load) {
    const names = [...COMMANDS.keys()].join(', ');
    throw new UsageError(`There is no command ${printable(name)}. There are: ${names}.`);
  }
  const command = await load();
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(command.help);
    return ExitStatus.Success;
  }
  try {
    return await command.run(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${error.message}\nSee: ${PROGRAM} ${name} --help`);
  }
}

// The SDK is part of the bundle: whoever runs it cannot heed its advice to take a newer one on a newer Node.js.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

// Whoever reads only the first lines closes the pipe, and that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? ExitStatus.Success : ExitStatus.Failure);
});

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    const expected = error instanceof Failure || error instanceof UsageError;
    process.stderr.write(`${PROGRAM}: ${expected ? message : `unexpectedly: ${printable(message)}`}\n`);
    process.exitCode = error instanceof UsageError ? ExitStatus.Usage : ExitStatus.Failure;
  },
);
