import { version } from '../package.json';
import type { Command } from './command';
import { ExitStatus, Failure, UsageError } from './failure';
import { interrupt } from './interruption';
import { printable } from './printable';

const PROGRAM = 'cdk-momento-eventbridge';

// Loaded when they are run: the AWS SDK takes longer to load than most of what is asked of it.
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['show', async () => (await import('./commands/show.js')).show],
  ['doctor', async () => (await import('./commands/doctor.js')).doctor],
  ['tail', async () => (await import('./commands/tail.js')).tail],
  ['send-webhook', async () => (await import('./commands/send-webhook.js')).sendWebhook],
  ['undelivered', async () => (await import('./commands/undelivered.js')).undelivered],
  ['redrive', async () => (await import('./commands/redrive.js')).redrive],
  ['verify', async () => (await import('./commands/verify.js')).verify],
]);

const HELP = `Tools for operating what ${PROGRAM} deploys.

  npx ${PROGRAM} <command> [options]

  show           show the URLs, queues, secrets and logs of a deployed stack
  doctor         examine a deployed stack, and say what is wrong with it
  tail           show what is put on the event bus from now on
  send-webhook   sign and post a webhook as Momento does, and explain the answer
  undelivered    list the messages of a dead-letter queue or of the fallback
                 queue, and why they are there
  redrive        put the events of such a queue, or events logged as lost, back
                 on the event bus
  verify         find out on your AWS account whether this package keeps its
                 promises there

  With --stack NAME, each but verify finds its URLs in the deployed stack.
  See <command> --help. Credentials, region and proxy are found as the AWS CLI
  finds them: AWS_PROFILE, AWS_REGION, AWS_DEFAULT_REGION, HTTPS_PROXY,
  NO_PROXY. AWS_ENDPOINT_URL is honoured; for a proxy's own certificate
  authority set NODE_EXTRA_CA_CERTS.

Exit status: 0 success, 1 failure or work left, 2 invalid command line, 3 a
fault found by doctor or a promise broken in verify.
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
    throw new UsageError(`Unknown command ${printable(name)}. Commands: ${names}.`);
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

// The SDK is part of the bundle: a user cannot follow its advice to install a newer one on a newer Node.js.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

// A reader such as `head` closes the pipe when it has enough: then the command stops, and puts back what it holds.
process.stdout.on('error', () => {
  interrupt('EPIPE');
});
// Where nobody reads messages either, the exit status is all that is left to say it.
process.stderr.on('error', () => undefined);

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    const expected = error instanceof Failure || error instanceof UsageError;
    process.stderr.write(`${PROGRAM}: ${expected ? message : `unexpected error: ${printable(message)}`}\n`);
    process.exitCode = error instanceof UsageError ? ExitStatus.Usage : ExitStatus.Failure;
  },
);
