import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { printable } from '../../printable';
import type { TopicMessage } from '../../topic-message';
import { handlerMessage, isDuplicate, isRefusal, type WebhookAnswer } from '../../webhook-answer';
import { broken, type Check, held, notHere, type Outcome } from '../check';
import { ARRIVAL, type Trial } from '../trial';

const FUNCTION_URLS = 'https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html';

const HANDLER = {
  does: 'runs the same handler, as a local process',
  evidence: 'documentation',
  rules: ['bare_function_environment'],
} as const;

/** From the webhook to the bus. */
export const WEBHOOK_CHECKS: readonly Check[] = [
  {
    id: 'webhook/permissions',
    promise: 'The URL is open to Momento: the function has both permissions that AWS asks for.',
    source: FUNCTION_URLS,
    local: { does: 'lets every request through, whatever the permissions are', evidence: 'not modelled' },
    async run(trial) {
      const { GetPolicyCommand } = await import('@aws-sdk/client-lambda');
      const get = new GetPolicyCommand({ FunctionName: trial.output('HandlerName') });
      const { Policy = '{}' } = await trial.clients.lambda.send(get);
      const { Statement = [] } = JSON.parse(Policy) as { Statement?: readonly { readonly Action?: unknown }[] };
      const actions = Statement.map(({ Action }) => String(Action)).sort();
      const answer = await trial.post(trial.message(), "a stranger's signing secret");
      const seen = `The policy allows ${actions.join(' and ') || 'nothing'}. A request without credentials ${said(answer)}.`;
      if (!isDeepStrictEqual(actions, ['lambda:InvokeFunction', 'lambda:InvokeFunctionUrl']) || !isRefusal(answer)) {
        return broken(seen);
      }
      return trial.isLocal ? notHere(`${seen} The local AWS would let it through without the policy too.`) : held(seen);
    },
  },
  {
    id: 'webhook/one-permission',
    promise:
      'A URL with one of the two permissions answers 403, whichever it is, and with both it is open: why the constructs give both.',
    source: FUNCTION_URLS,
    local: { does: 'lets every request through, whatever the permissions are', evidence: 'not modelled' },
    async run(trial) {
      const { AddPermissionCommand, GetPolicyCommand, RemovePermissionCommand } =
        await import('@aws-sdk/client-lambda');
      const { lambda } = trial.clients;
      const FunctionName = trial.output('DoorName');
      const { Policy = '{}' } = await lambda.send(new GetPolicyCommand({ FunctionName }));
      const { Statement = [] } = JSON.parse(Policy) as { Statement?: readonly { readonly Sid?: string }[] };
      const [{ Sid: StatementId } = {}] = Statement;
      const byUrl = await knock(trial, 403);
      const both = { FunctionName, StatementId: 'function', Action: 'lambda:InvokeFunction', Principal: '*' };
      await lambda.send(new AddPermissionCommand({ ...both, InvokedViaFunctionUrl: true }));
      const byBoth = await knock(trial, 204);
      await lambda.send(new RemovePermissionCommand({ FunctionName, StatementId }));
      const byFunction = await knock(trial, 403);
      const seen =
        `With lambda:InvokeFunctionUrl alone a request is answered ${byUrl.toString()}, with lambda:InvokeFunction too ` +
        `${byBoth.toString()}, and with that alone ${byFunction.toString()}.`;
      if (byBoth !== 204) return broken(seen);
      if (trial.isLocal) return notHere(`${seen} The local AWS looks at neither.`);
      return byUrl === 403 && byFunction === 403 ? held(seen) : broken(seen);
    },
  },
  {
    id: 'webhook/genuine',
    promise: 'A genuine message is answered 200, and is on the bus once, with its detail unchanged.',
    source: 'docs/momento-to-eventbridge.md',
    local: {
      does: 'carries the event from the bus by a rule to a queue; serializes its JSON again',
      evidence: 'documentation',
      rules: ['event_time', 'queue_target_delivery'],
    },
    async run(trial) {
      const message = trial.message({ text: 'He said "hi":\n\\ ü 😀' });
      const answer = await trial.post(message);
      if (handlerMessage(answer) !== 'Success') return broken(`The request ${said(answer)}.`);
      const event = await trial.eventOf(message.topic);
      if (!event) return broken(`The request ${said(answer)}, but its event is not on the bus.`);
      const { source, 'detail-type': detailType, detail, time } = event;
      const isSame =
        source === 'Momento' &&
        detailType === `${message.cache}#${message.topic}` &&
        isDeepStrictEqual(detail, { ...message }) &&
        Math.floor(message.publish_timestamp / 1_000) === Date.parse(time) / 1_000;
      const other = await trial.noOtherEventOf(message.topic, event);
      const seen = `The request ${said(answer)}. On the bus: ${printable(JSON.stringify(event))}${other ? ', and again' : ''}.`;
      return isSame && !other ? held(seen) : broken(seen);
    },
  },
  {
    id: 'webhook/forged',
    promise: 'A message with a wrong signature is answered 403, and is not on the bus.',
    source: 'docs/momento-to-eventbridge.md',
    local: HANDLER,
    run: (trial) => refused(trial, trial.message(), "a stranger's signing secret"),
  },
  {
    id: 'webhook/stale',
    promise: 'A message older than 60 s is answered 403, and is not on the bus.',
    source: 'docs/momento-to-eventbridge.md',
    local: HANDLER,
    run: (trial) => refused(trial, trial.message({ publish_timestamp: Date.now() - 90_000 })),
  },
  {
    id: 'webhook/replayed',
    promise: 'A message that is posted again is answered as a duplicate, and is not on the bus again.',
    source: 'docs/momento-to-eventbridge.md',
    local: { does: 'has a DynamoDB table with conditional writes', evidence: 'documentation' },
    async run(trial) {
      const message = trial.message();
      const [first, second] = [await trial.post(message), await trial.post(message)];
      const seen = `The first request ${said(first)}, the second ${said(second)}.`;
      const event = await trial.eventOf(message.topic);
      if (handlerMessage(first) !== 'Success' || !isDuplicate(second) || !event) return broken(seen);
      const other = await trial.noOtherEventOf(message.topic, event);
      return other ? broken(`${seen} It is on the bus twice.`) : held(`${seen} It is on the bus once.`);
    },
  },
  {
    id: 'webhook/long-names',
    promise:
      'A detail-type of more than 128 characters is shortened, always to the same one, and the event is on the bus.',
    source: 'https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html',
    local: {
      does: 'refuses a detail-type of more than 128 characters',
      evidence: 'documentation',
      rules: ['put_events_validation'],
    },
    async run(trial) {
      const topic = `${trial.nextName()}-${'x'.repeat(200)}`;
      const message = trial.message({ topic });
      const answer = await trial.post(message);
      const event = await trial.eventOf(topic);
      const full = `${message.cache}#${topic}`;
      const hash = createHash('sha256').update(full).digest('hex').slice(0, 16);
      const expected = `${full.slice(0, 128 - 1 - hash.length)}~${hash}`;
      const seen = `The request ${said(answer)}. On the bus: ${event?.['detail-type'] ?? 'nothing'}.`;
      return event?.['detail-type'] === expected ? held(seen) : broken(seen);
    },
  },
  {
    id: 'webhook/off-switch',
    promise: 'A reserved concurrency of 0 turns the URL off: it answers 429, and no code runs.',
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html',
    local: {
      does: 'answers 429 to requests above the reserved concurrency',
      evidence: 'documentation',
      rules: ['reserved_concurrency'],
    },
    async run(trial) {
      const { DeleteFunctionConcurrencyCommand, PutFunctionConcurrencyCommand } =
        await import('@aws-sdk/client-lambda');
      const FunctionName = trial.output('HandlerName');
      const { lambda } = trial.clients;
      const isAnswered = async (status: number): Promise<WebhookAnswer | undefined> => {
        const answer = await trial.post(trial.message());
        return answer.status === status ? answer : undefined;
      };
      await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
      let off: WebhookAnswer | undefined;
      try {
        off = await trial.until(() => isAnswered(429), ARRIVAL);
      } finally {
        await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
      }
      if (!off) return broken('Requests were not answered 429 within a minute.');
      const on = await trial.until(() => isAnswered(200), ARRIVAL);
      const seen = `With 0 a request ${said(off)}, and without the limit it ${on ? said(on) : 'is not answered 200 within a minute'}.`;
      return on ? held(seen) : broken(seen);
    },
  },
];

/** Asks at the function that everybody may call, if anybody, until it answers as expected. Returns the last status. */
async function knock(trial: Trial, expected: number): Promise<number> {
  let status = 0;
  await trial.until(async () => {
    ({ status } = await trial.postTo('DoorUrl', trial.message()));
    // The local AWS answers the same to all.
    return status === expected || trial.isLocal ? true : undefined;
  }, ARRIVAL);
  return status;
}

async function refused(trial: Trial, message: TopicMessage, secret?: string): Promise<Outcome> {
  const answer = await trial.post(message, secret);
  const event = await trial.noOtherEventOf(message.topic);
  const seen = `The request ${said(answer)}. ${event ? 'Its event is on the bus.' : 'Nothing is on the bus.'}`;
  return isRefusal(answer) && !event ? held(seen) : broken(seen);
}

function said({ status, body }: WebhookAnswer): string {
  return `is answered ${status.toString()} ${printable(body.slice(0, 200))}`;
}
