import type { Command } from '../command';
import { examineAlarms } from '../doctor/alarms';
import { examineBusesAndRules } from '../doctor/buses-and-rules';
import { examineConnections } from '../doctor/connections';
import { Examination, type Finding } from '../doctor/examination';
import { examineFunctionUrls } from '../doctor/function-urls';
import { examineMappings, examinePipes } from '../doctor/invocations';
import { examineQueues } from '../doctor/queues';
import { examineSecrets } from '../doctor/secrets';
import { examineFunctions, examineStack } from '../doctor/stack-and-functions';
import { examineSubscriptions } from '../doctor/subscriptions';
import { examineWithTestMessages, TEST_CACHE } from '../doctor/test-message';
import { ExitStatus, UsageError } from '../failure';
import { httpUrl } from '../http-url';
import { interruptOnSignals } from '../interruption';
import { parseOptions, required } from '../options';
import { print } from '../output';
import { counted, printable, printableJson } from '../printable';
import { constructsOf } from '../stack/deployed-construct';
import { DeployedStack } from '../stack/deployed-stack';

const HELP = `Examines a deployed stack, and says what is wrong with it and what to do.

  npx cdk-momento-eventbridge doctor --stack NAME [options]

  --stack NAME       a deployed CloudFormation stack: its name or ARN
  --no-test-message  send no test message
  --url URL          where the webhook is reached, if not at its Function URL: a
                     domain of your own, for example
  --json             print one JSON object
  --region REGION    the AWS region of the stack

It examines:
  stack, function    deployed to the end; functions there, active, and with a
                     concurrency other than 0
  version            all functions of this version. All of another, or built
                     from source, is a note
  signing-secret, api-key
                     a value that the handlers accept
  function-url, permission
                     open to Momento, with both public permissions
  event-bus, rule    there; rules enabled, with a target
  fallback-queue, dead-letter-queue
                     there, and empty. Commands that wait in a command-queue are
                     a note
  event-source-mapping, pipe, schedule
                     enabled
  lease              topics held by an invocation
  connection         AUTHORIZED
  alarm              not in ALARM
  test-message       a signed message is accepted, and arrives on the bus

A test message is a real event, of the cache ${TEST_CACHE}: rules that
match every message carry it to their targets. It is seen by a temporary rule
and queue, as those of tail.

Exit status: 0 nothing is wrong, 1 something could not be examined, 2 invalid
command line, 3 a fault was found. Notes do not count.

Permissions: cloudformation:DescribeStacks, cloudformation:ListStackResources,
lambda:Get*, secretsmanager:GetSecretValue, events:Describe*,
events:ListTargetsByRule, sqs:GetQueueAttributes, scheduler:GetSchedule,
dynamodb:GetItem, pipes:DescribePipe, cloudwatch:DescribeAlarms; for the test
message those of tail. What is denied is reported.
`;

/** Says what is wrong with a stack. */
export const doctor: Command = {
  help: HELP,
  async run(args) {
    const options = parseOptions(args, {
      stack: 'value',
      'no-test-message': 'flag',
      url: 'value',
      json: 'flag',
      region: 'value',
    });
    const { url } = options;
    if (url !== undefined && !httpUrl(url)) throw new UsageError('--url must be an HTTP URL.');
    interruptOnSignals();
    const stack = await DeployedStack.read(required(options.stack, '--stack'), options.region);
    const constructs = await constructsOf(stack);
    if (url !== undefined && constructs.filter(({ kind }) => kind === 'MomentoWebhookToEventBridge').length > 1) {
      throw new UsageError('--url is for a stack with one webhook.');
    }
    const examination = new Examination(stack, constructs);
    await examineStack(examination);
    await examineFunctions(examination);
    await examineSecrets(examination);
    await examineFunctionUrls(examination);
    await examineBusesAndRules(examination);
    await examineQueues(examination);
    await examineMappings(examination);
    await examinePipes(examination);
    await examineSubscriptions(examination);
    await examineConnections(examination);
    await examineAlarms(examination);
    if (!options['no-test-message']) await examineWithTestMessages(examination, url);
    return conclude(examination, options.json ?? false);
  },
};

function conclude({ stack, findings, checks }: Examination, asJson: boolean): ExitStatus {
  const count = (severity: Finding['severity']): number =>
    findings.filter((finding) => finding.severity === severity).length;
  const [faults, unknown, notes] = [count('fault'), count('unknown'), count('note')];
  if (asJson) {
    print(printableJson({ stack: stack.name, region: stack.region, checks, faults, unknown, notes, findings }));
  } else {
    for (const { severity, check, subject, sentence } of findings) {
      print(`${severity.padEnd(7)}  ${check}, ${printable(subject)}: ${sentence}`);
    }
    const also = [unknown > 0 && `${unknown.toString()} not examined`, notes > 0 && counted(notes, 'note')];
    const rest = also.filter((part) => part !== false).map((part) => `, ${part}`);
    print(`${printable(stack.name)}: ${counted(checks, 'check')}, ${counted(faults, 'fault')}${rest.join('')}.`);
  }
  if (faults > 0) return ExitStatus.Fault;
  return unknown > 0 ? ExitStatus.Failure : ExitStatus.Success;
}
