import type { Command } from '../command';
import { ExitStatus } from '../failure';
import { parseOptions, required } from '../options';
import { print } from '../output';
import { printable, printableJson } from '../printable';
import { constructsOf, type DeployedConstruct } from '../stack/deployed-construct';
import { DeployedStack } from '../stack/deployed-stack';
import { describeWebhook } from '../stack/stack-options';

const HELP = `Shows what you would look up in the console: the URLs, secrets, event buses,
queues and log groups of the constructs in a deployed stack, and the outputs of
the stack.

  npx cdk-momento-eventbridge show --stack NAME [options]

  --stack NAME      a deployed CloudFormation stack: its name or ARN
  --json            print one JSON object
  --region REGION   the AWS region of the stack

It shows the ARN of a secret, never its value.

Permissions: cloudformation:DescribeStacks, cloudformation:ListStackResources,
lambda:GetFunctionConfiguration, and for webhooks lambda:GetFunctionUrlConfig.
`;

/** Shows where everything of a stack is. */
export const show: Command = {
  help: HELP,
  async run(args) {
    const options = parseOptions(args, { stack: 'value', json: 'flag', region: 'value' });
    const stack = await DeployedStack.read(required(options.stack, '--stack'), options.region);
    const constructs = await constructsOf(stack);
    const shown = await Promise.all(
      constructs.map(async (construct) => ({
        name: construct.name,
        kind: construct.kind,
        facts: await factsOf(construct, stack.region),
      })),
    );
    if (options.json) {
      const outputs = Object.fromEntries(stack.outputs);
      const flat = shown.map(({ facts, ...construct }) => ({ ...construct, ...Object.fromEntries(facts) }));
      print(
        printableJson({ stack: stack.name, region: stack.region, status: stack.status, constructs: flat, outputs }),
      );
      return ExitStatus.Success;
    }
    print(`Stack ${printable(stack.name)} in ${printable(stack.region)}, ${printable(stack.status)}`);
    if (shown.length === 0) print('\nIt has no construct of cdk-momento-eventbridge.');
    for (const { name, kind, facts } of shown) printTable(`${name}: ${kind}`, facts);
    if (stack.outputs.size > 0) printTable('Outputs', [...stack.outputs]);
    return ExitStatus.Success;
  },
};

type Fact = readonly [name: string, value: string];

async function factsOf(construct: DeployedConstruct, region: string): Promise<Fact[]> {
  const { functions, queueUrls, eventBus } = construct;
  const handler = functions.find(({ role }) => role === 'webhook');
  const webhook = handler && (await describeWebhook(handler, region));
  const variable = (name: string): string | undefined =>
    functions.map(({ variables }) => variables[name]).find((value) => value !== undefined);
  const facts: (readonly [string, string | undefined])[] = [
    ['url', webhook?.url],
    ['signing secret', webhook?.secretId],
    ['API key', variable('MOMENTO_API_KEY_SECRET_ID')],
    ['Momento', variable('MOMENTO_ENDPOINT')],
    ['event bus', eventBus],
    ['fallback queue', queueUrls.fallback],
    ['command queue', queueUrls.command],
    ['dead-letter queue', queueUrls['dead-letter']],
    ['table', variable('CHECKPOINT_TABLE_NAME') ?? variable('REPLAY_TABLE_NAME')],
    ...functions.map(({ role, logGroup }) => [`log of ${role ?? ''}`, logGroup] as const),
  ];
  return facts.filter((fact): fact is Fact => fact[1] !== undefined);
}

function printTable(title: string, facts: readonly Fact[]): void {
  const width = Math.max(...facts.map(([name]) => printable(name).length));
  print(`\n${printable(title)}`);
  for (const [name, value] of facts) print(`  ${printable(name).padEnd(width)}  ${printable(value)}`);
}
