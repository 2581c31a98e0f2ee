import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, canAsk } from '../ask';
import type { Command } from '../command';
import { ExitStatus, Failure, UsageError } from '../failure';
import { httpUrl } from '../http-url';
import { interruptOnSignals, isInterrupted } from '../interruption';
import { parseOptions, required } from '../options';
import { print } from '../output';
import { counted, printable } from '../printable';
import { CHECKS } from '../verify/checks';
import type { Check } from '../verify/check';
import { cleanUp } from '../verify/clean-up';
import { type Clients, openClients } from '../verify/clients';
import { countResources, Deployment } from '../verify/deployment';
import { type MomentoAccount, momentoAccount } from '../verify/momento-account';
import { picture } from '../verify/picture';
import { counts, reportJson, reportMarkdown, type RunReport } from '../verify/report';
import { ALIVE_MS, type EarlierRun, RunBucket } from '../verify/run-bucket';
import { type Result, runChecks } from '../verify/run-checks';
import { nextRunName } from '../verify/run-name';
import { Trial, type TrialSettings } from '../verify/trial';
import type { ArchitectureName, StackPlan } from '../verify/verify-stack';

const HELP = `Finds out on your AWS account whether this package keeps its promises there. It
deploys a stack of its own, tries each promise, writes a report, and deletes all
that it made.

  npx cdk-momento-eventbridge verify --region REGION [options]

  --region REGION    the AWS region to do it in
  --yes              do it without asking
  --only IDS         only these checks, or groups of checks, with commas:
                     webhook,limits/entry-size
  --list             list the checks, and do nothing
  --report DIR       where to write verify-report.md, .json and .svg
                     (default: the current directory)
  --architecture A   of the handlers: arm64 (default) or x86_64
  --momento-cache C  also try Momento itself, with this cache of yours: sets and
                     deletes items, publishes, and subscribes. The API key is in
                     MOMENTO_API_KEY, the URL of Momento's HTTP API for your
                     region in MOMENTO_ENDPOINT
  --clean-up         only delete what earlier runs left in the region, also what
                     may still be in use
  --local            AWS_ENDPOINT_URL is a local AWS: what only AWS can show is
                     "not here"

It says what it creates and what that costs before it does, and asks. On AWS it
takes about 25 minutes, and begins no check after 60. A function of the stack
stands in for Momento: no Momento account is needed, and without --momento-cache
nothing is sent there.

All names begin with cdk-momento-eventbridge-verify-, and all of it is tagged
cdk-momento-eventbridge:verify. Ctrl-C, SIGTERM or SIGHUP end it early, and it
still deletes everything; a second one ends it at once. What a killed run left
is deleted by the next one in the account and region, once it has given no sign
of life for 10 minutes, or by --clean-up. One KMS key stays for 7 days, waiting
to be deleted, which costs nothing.

The report has what was seen, with ARNs, but without your account's number and
without the Momento API key, which the run keeps in Secrets Manager meanwhile.

Permissions: those to create, update and delete such a stack, with its roles;
AdministratorAccess has them. Use an account for tests.

Exit status: 0 nothing is broken, 1 something is undecided or left, 2 invalid
command line, 3 a promise is broken.
`;

/** How long checks begin. */
const CHECKS_MS = 60 * 60_000;
const SIGN_OF_LIFE_MS = 60_000;
const REPORT = 'verify-report';

/** Tries the promises on an account. */
export const verify: Command = {
  help: HELP,
  async run(args) {
    const options = parseOptions(args, {
      region: 'value',
      yes: 'flag',
      only: 'value',
      list: 'flag',
      report: 'value',
      architecture: 'value',
      'momento-cache': 'value',
      'clean-up': 'flag',
      local: 'flag',
    });
    const checks = chosen(options.only);
    if (options.list) {
      for (const { id, promise } of checks) print(`${id.padEnd(30)} ${promise}`);
      return ExitStatus.Success;
    }
    const region = required(options.region, '--region');
    const isLocal = options.local ?? false;
    const momento = momentoAccount(options['momento-cache'], isLocal);
    const plan: StackPlan = {
      name: nextRunName(region),
      region,
      architecture: architecture(options.architecture),
      ...(isLocal && { localEndpoint: localEndpoint() }),
      ...(momento && { momento: { endpoint: momento.endpoint, cache: momento.cache } }),
    };
    if (!isLocal) refuseOtherEndpoints();
    interruptOnSignals();
    const clients = await openClients(region);
    if (options['clean-up']) {
      const runs = await RunBucket.all(clients.s3, region);
      await cleanUpAll(runs, region, clients);
      print(`${counted(runs.length, 'earlier run')} deleted.`);
      return ExitStatus.Success;
    }
    await announce(plan, checks, isLocal, momento);
    if (!options.yes) await consent();
    await cleanUpLeftovers(region, clients);
    const report = await tryPromises(plan, checks, { isLocal, clients, ...(momento && { momento }) });
    write(report, options.report ?? '.');
    return conclude(report);
  },
};

function chosen(only: string | undefined): readonly Check[] {
  if (only === undefined) return CHECKS;
  const wanted = required(only, '--only').split(',');
  const isOf = (check: Check, id: string): boolean => check.id === id || check.id.startsWith(`${id}/`);
  const unknown = wanted.find((id) => !CHECKS.some((check) => isOf(check, id)));
  if (unknown !== undefined) throw new UsageError(`There is no check ${printable(unknown)}: --list shows them all.`);
  return CHECKS.filter((check) => wanted.some((id) => isOf(check, id)));
}

function architecture(name = 'arm64'): ArchitectureName {
  if (name !== 'arm64' && name !== 'x86_64') throw new UsageError('--architecture must be arm64 or x86_64.');
  return name;
}

function localEndpoint(): string {
  const endpoint = httpUrl(process.env.AWS_ENDPOINT_URL ?? '');
  if (!endpoint) throw new UsageError('--local needs AWS_ENDPOINT_URL: the address of a local AWS.');
  return endpoint.origin;
}

/** What an emulator does must not be reported as what AWS did. */
function refuseOtherEndpoints(): void {
  const name = Object.keys(process.env).find((one) => one.startsWith('AWS_ENDPOINT_URL') && process.env[one]);
  if (name !== undefined) throw new UsageError(`${name} is set, so this would not ask AWS. Unset it, or add --local.`);
}

/** Says what will be created, and at most what it costs. */
async function announce(
  plan: StackPlan,
  checks: readonly Check[],
  isLocal: boolean,
  momento: MomentoAccount | undefined,
): Promise<void> {
  const resources = [...(await countResources(plan))];
  const types = resources.map(([type, count]) => `${count.toString()} ${type.replace('AWS::', '')}`);
  const cost = isLocal
    ? 'It costs nothing: this is the local AWS.'
    : 'At list prices it costs less than 0.10 USD, with the KMS key (docs/verify.md), as long as all of it is deleted within a day.';
  say(`In ${printable(plan.region)} this creates a bucket and the stacks ${plan.name}(-queues): ${types.join(', ')}.`);
  if (momento) {
    say(
      `It keeps the key of MOMENTO_API_KEY in a secret, sets and deletes items of the cache ${printable(momento.cache)}, and publishes and subscribes to topics there.`,
    );
  }
  say(`It tries ${counted(checks.length, 'promise')} there, and deletes everything. ${cost}`);
}

async function consent(): Promise<void> {
  if (!canAsk()) throw new UsageError('Add --yes to do it. (It asks first where there is a terminal.)');
  if (!(await ask('Go on?'))) throw new Failure('Nothing was created.');
}

/** Deletes what killed runs left, but nothing that may be in use. */
async function cleanUpLeftovers(region: string, clients: Clients): Promise<void> {
  const runs = await RunBucket.all(clients.s3, region);
  const isLeft = ({ aliveAt }: EarlierRun): boolean => aliveAt + ALIVE_MS < Date.now();
  await cleanUpAll(runs.filter(isLeft), region, clients);
  for (const { name } of runs.filter((run) => !isLeft(run))) {
    say(`The run ${name} gave a sign of life within 10 minutes, and is left alone. To delete it: verify --clean-up`);
  }
}

async function cleanUpAll(runs: readonly EarlierRun[], region: string, clients: Clients): Promise<void> {
  for (const { name } of runs) {
    say(`Deleting what the run ${name} left.`);
    await cleanUp(name, region, clients, say);
  }
}

async function tryPromises(
  plan: StackPlan,
  checks: readonly Check[],
  { isLocal, clients, momento }: Pick<TrialSettings, 'isLocal' | 'clients' | 'momento'>,
): Promise<RunReport> {
  const startedAt = new Date();
  const deployment = new Deployment(plan, clients, say);
  let tried: Pick<RunReport, 'results' | 'account'> = { results: [], account: '' };
  let left: string | undefined;
  const alive = setInterval(() => {
    // If it fails, so do the checks, which say why.
    deployment.keepAlive().catch(() => undefined);
  }, SIGN_OF_LIFE_MS).unref();
  try {
    say('Making the bucket.');
    await deployment.begin();
    if (momento) await deployment.keepApiKey(momento.apiKey);
    say('Deploying the stack.');
    const outputs = await deployment.deploy({});
    const signingSecret = randomBytes(32).toString('hex');
    const { PutSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
    const secret = { SecretId: outputs.get('SigningSecretArn'), SecretString: signingSecret };
    await clients.secrets.send(new PutSecretValueCommand(secret));
    const settings = { clients, isLocal, signingSecret, outputs, deployment };
    const trial = new Trial({ ...settings, ...(momento && { momento }) });
    const deadline = Date.now() + CHECKS_MS;
    const results = await runChecks(checks, trial, { deadline, onStart: sayStart, onResult: printResult });
    tried = { results, account: accountOf(outputs) };
  } finally {
    clearInterval(alive);
    if (isInterrupted()) say('Stopped. Deleting everything first: press Ctrl-C again to leave it to the next run.');
    left = await cleanUp(plan.name, plan.region, clients, say).then(
      () => undefined,
      (error: unknown) => {
        if (!(error instanceof Failure)) throw error;
        return error.message;
      },
    );
    if (left !== undefined) say(`Something is left: ${left} The next run tries again, and so does verify --clean-up.`);
  }
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1_000);
  return { region: plan.region, isLocal, startedAt, seconds, ...tried, ...(left !== undefined && { left }) };
}

/** The account's number, from an ARN. */
function accountOf(outputs: ReadonlyMap<string, string>): string {
  return outputs.get('ApiKeyArn')?.split(':')[4] ?? '';
}

function write(report: RunReport, directory: string): void {
  mkdirSync(directory, { recursive: true });
  const files = {
    md: reportMarkdown(report, `${REPORT}.svg`),
    json: reportJson(report),
    svg: picture(report),
  };
  for (const [ending, text] of Object.entries(files)) writeFileSync(join(directory, `${REPORT}.${ending}`), text);
  say(`The report is in ${printable(join(directory, `${REPORT}.md`))}, and beside it as JSON.`);
}

function conclude({ results, left }: RunReport): ExitStatus {
  print(`${counted(results.length, 'promise')}: ${counts(results)}.`);
  const isThere = (kind: string): boolean => results.some(({ outcome }) => outcome.kind === kind);
  if (isThere('broken')) return ExitStatus.Fault;
  return isThere('undecided') || left !== undefined ? ExitStatus.Failure : ExitStatus.Success;
}

function sayStart({ id }: Check): void {
  say(`Trying ${id}.`);
}

function printResult({ check, outcome }: Result): void {
  print(`${outcome.kind.padEnd(9)}  ${check.id}: ${outcome.kind === 'held' ? check.promise : printable(outcome.seen)}`);
}

/** Progress: not a result. */
function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}
