import type { PutEventsRequestEntry, PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import { AwsFailure } from '../../aws-call';
import { broken, type Check, held, type Outcome } from '../check';
import type { Trial } from '../trial';

const ENTRY = 'https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html';
/** What EventBridge counts of an entry besides its detail: source, detail-type and time. */
const ROOM_FOR_THE_REST = 1_000;
const MIB = 1_024 * 1_024;

/** What AWS takes, and how it refuses the rest: the handlers are built on it. */
export const LIMIT_CHECKS: readonly Check[] = [
  {
    id: 'limits/invalid-entry',
    promise:
      'PutEvents refuses an entry whose detail is not a JSON object, says so for that entry, and takes the others.',
    source: 'Recorded on AWS (localstack, tests/aws/services/events)',
    local: { does: 'answers MalformedDetail for the entry', evidence: 'record', rules: ['put_events_validation'] },
    async run(trial) {
      const [invalid, valid] = await put(trial, [{ Detail: '"text"' }, { Detail: '{}' }]);
      const seen = `The entries are answered ${outcome(invalid)} and ${outcome(valid)}.`;
      return invalid?.ErrorCode === 'MalformedDetail' && valid?.EventId !== undefined ? held(seen) : broken(seen);
    },
  },
  {
    id: 'limits/missing-bus',
    promise:
      'PutEvents accepts an event for a bus that does not exist, and drops it: why the constructs make sure that the bus exists.',
    source: 'Recorded on AWS (localstack, test_put_events_nonexistent_event_bus, 2025-01-08)',
    local: { does: 'answers with an event id', evidence: 'record', rules: ['missing-bus'] },
    async run(trial) {
      const [entry] = await put(trial, [{ Detail: '{}', EventBusName: `${trial.output('BusName')}-missing` }]);
      const seen = `The entry is answered ${outcome(entry)}.`;
      return entry?.EventId === undefined ? broken(seen) : held(seen);
    },
  },
  {
    id: 'limits/entry-size',
    promise: 'PutEvents takes an entry of just under 1 MiB, and refuses a larger one with ValidationException.',
    source: `${ENTRY}, and AWS Compute Blog, 2026-01-29`,
    local: {
      does: 'counts the bytes of a request as AWS documents it',
      evidence: 'record',
      rules: ['put_events_validation'],
    },
    async run(trial) {
      const detailOf = (bytes: number): string => JSON.stringify({ text: 'x'.repeat(bytes - '{"text":""}'.length) });
      const [taken] = await put(trial, [{ Detail: detailOf(MIB - ROOM_FOR_THE_REST) }]);
      const refusal = await refusalOf(() => put(trial, [{ Detail: detailOf(MIB + 1) }]));
      const seen = `The smaller one is answered ${outcome(taken)}, the larger one ${refusal?.code ?? 'as taken'}.`;
      return taken?.EventId !== undefined && refusal?.code === 'ValidationException' ? held(seen) : broken(seen);
    },
  },
  {
    id: 'limits/environment',
    promise: 'Lambda refuses environment variables of more than 4 KB.',
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html',
    local: {
      does: 'answers InvalidParameterValueException',
      evidence: 'record',
      rules: ['function_environment_limit'],
    },
    async run(trial) {
      const { UpdateFunctionConfigurationCommand } = await import('@aws-sdk/client-lambda');
      const update = new UpdateFunctionConfigurationCommand({
        FunctionName: trial.output('EchoName'),
        Environment: { Variables: { TEXT: 'x'.repeat(4_097) } },
      });
      return refusedWith('InvalidParameterValueException', () => trial.clients.lambda.send(update));
    },
  },
  {
    id: 'limits/connection-key',
    promise: 'EventBridge refuses an API key of more than 512 characters for a connection.',
    source:
      'https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateConnectionApiKeyAuthRequestParameters.html',
    local: { does: 'answers ValidationException', evidence: 'documentation', rules: ['connection_limits'] },
    async run(trial) {
      const { UpdateConnectionCommand } = await import('@aws-sdk/client-eventbridge');
      const ApiKeyAuthParameters = { ApiKeyName: 'Authorization', ApiKeyValue: 'x'.repeat(513) };
      const update = new UpdateConnectionCommand({
        Name: trial.output('ConnectionName'),
        AuthorizationType: 'API_KEY',
        AuthParameters: { ApiKeyAuthParameters },
      });
      return refusedWith('ValidationException', () => trial.clients.events.send(update));
    },
  },
  {
    id: 'limits/partial-secret-arn',
    promise: 'A secret is found by its ARN without the hyphen and six characters at the end.',
    source: 'https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html (ARN_secretnamehyphen)',
    local: {
      does: 'finds it, but not by a partial ARN that itself ends in a hyphen and six characters',
      evidence: 'documentation',
      rules: ['partial_secret_arn'],
    },
    async run(trial) {
      const { DescribeSecretCommand } = await import('@aws-sdk/client-secrets-manager');
      const arn = trial.output('ApiKeyArn');
      const found = await refusalOf(() =>
        trial.clients.secrets.send(new DescribeSecretCommand({ SecretId: arn.slice(0, -7) })),
      );
      return found ? broken(`The partial ARN is answered ${found.code}.`) : held('The partial ARN is answered.');
    },
  },
];

async function put(trial: Trial, entries: readonly PutEventsRequestEntry[]): Promise<readonly PutEventsResultEntry[]> {
  const { PutEventsCommand } = await import('@aws-sdk/client-eventbridge');
  const common = { Source: 'verify.limits', DetailType: 'limit', EventBusName: trial.output('BusName') };
  const Entries = entries.map((entry) => ({ ...common, ...entry }));
  return (await trial.clients.events.send(new PutEventsCommand({ Entries }))).Entries ?? [];
}

function outcome(entry: PutEventsResultEntry | undefined): string {
  return entry?.ErrorCode ?? (entry?.EventId === undefined ? 'without an event id' : 'with an event id');
}

async function refusedWith(code: string, call: () => Promise<unknown>): Promise<Outcome> {
  const refusal = await refusalOf(call);
  const seen = `The call is ${refusal ? `answered ${refusal.code}` : 'taken'}.`;
  return refusal?.code === code ? held(seen) : broken(seen);
}

async function refusalOf(call: () => Promise<unknown>): Promise<AwsFailure | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (error instanceof AwsFailure) return error;
    throw error;
  }
}
