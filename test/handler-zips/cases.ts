import assert from 'node:assert/strict';
import { parked } from '../cli/parked';
import signatures from '../vectors/signatures.json';
import type { RunningHandler } from './running-handler';
import type { StandInAws } from './stand-in-aws';

/** What a handler has to be able to do, wherever it runs. */
export interface Case {
  /** The handler's own variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** The variables that say where what is not AWS is: at the stand-in, too. */
  readonly endpoints?: readonly string[];
  /** What each operation is answered. */
  readonly answers: Readonly<Record<string, unknown>>;
  /** Gives it events, and checks what it does with them. */
  readonly exercise: (handler: RunningHandler, aws: StandInAws) => Promise<void>;
}

const QUEUES = 'https://sqs.us-east-1.amazonaws.com/123456789012';
const SIGNED = signatures[0];
assert.ok(SIGNED, 'test/vectors/signatures.json begins with a message');
const BODY = Buffer.from(SIGNED.bodyHex, 'hex').toString();
const PUT = { FailedEntryCount: 0, Entries: [{ EventId: '11710aed-b79e-4468-a20b-bb3c0c3b4860' }] };

interface PutEvents {
  readonly Entries: readonly Readonly<Record<string, unknown>>[];
}

/** By the handlers' names. */
export const CASES: ReadonlyMap<string, Case> = new Map<string, Case>([
  [
    'webhook',
    {
      environment: {
        EVENT_BUS_NAME: 'bus',
        FALLBACK_QUEUE_URL: `${QUEUES}/fallback`,
        MAX_EVENT_AGE_MS: (100 * 365 * 86_400_000).toString(), // the signed message is from 2023
        MOMENTO_SECRET_ID: 'secret',
      },
      answers: {
        'AWSEvents.PutEvents': PUT,
        'secretsmanager.GetSecretValue': {
          SecretString: SIGNED.secret,
          VersionId: 'a1b2c3d4-5678-90ab-cdef-111111111111',
        },
      },
      exercise: async (handler, aws) => {
        const tampered = (await handler.invoke(post(BODY.replace('281', '282'), SIGNED.hmacSha3_256))) as Answer;
        assert.deepEqual([tampered.statusCode, JSON.parse(tampered.body)], [403, { message: 'Unauthorized' }]);
        const genuine = (await handler.invoke(post(BODY, SIGNED.hmacSha3_256))) as Answer;
        const success = { message: 'Success', eventId: PUT.Entries[0]?.EventId };
        assert.deepEqual([genuine.statusCode, JSON.parse(genuine.body)], [200, success]);
        assert.deepEqual(detailsPut(aws), [BODY]);
      },
    },
  ],
  [
    'redrive',
    {
      environment: {
        DEAD_LETTER_QUEUE_URL: `${QUEUES}/dead-letters`,
        EVENT_BUS_NAME: 'bus',
        FALLBACK_QUEUE_URL: `${QUEUES}/fallback`,
      },
      answers: { 'AWSEvents.PutEvents': PUT },
      exercise: async (handler, aws) => {
        const message = parked(1);
        assert.deepEqual(await handler.invoke(batch(JSON.stringify(message))), { batchItemFailures: [] });
        assert.deepEqual(detailsPut(aws), [message.detail]);
      },
    },
  ],
  [
    'subscribe',
    {
      environment: {
        CHECKPOINT_TABLE_NAME: 'checkpoints',
        EVENT_BUS_NAME: 'bus',
        FALLBACK_QUEUE_URL: `${QUEUES}/fallback`,
        LEASE_RENEWAL_MS: '2000',
        MOMENTO_API_KEY_SECRET_ID: 'api-key',
      },
      endpoints: ['MOMENTO_ENDPOINT'],
      answers: {
        // Nobody holds the lease, and its next holder soon hears of a successor.
        'DynamoDB_20120810.GetItem': {},
        'DynamoDB_20120810.UpdateItem': { Attributes: { successor: { S: 'the next invocation' } } },
        'secretsmanager.GetSecretValue': {
          SecretString: 'the-api-key',
          VersionId: 'a1b2c3d4-5678-90ab-cdef-444444444444',
        },
      },
      exercise: async (handler, aws) => {
        const input = { topics: [{ cache: 'chat', topic: 'room-281' }], startAt: 'NEWEST' };
        assert.equal(await handler.invoke(input), null);
        const updates = aws.bodiesOf('DynamoDB_20120810.UpdateItem').map((body) => JSON.parse(body) as UpdateItem);
        const ids = updates.map(({ Key: { id } }) => id.S);
        // Acquired, taken over, renewed, given up.
        assert.deepEqual(ids, ['lease', '["chat","room-281"]', 'lease', 'lease']);
        assert.equal(aws.bodiesOf('secretsmanager.GetSecretValue').length, 1);
      },
    },
  ],
  [
    'deliver',
    {
      environment: {
        COMMAND_QUEUE_URL: `${QUEUES}/commands`,
        DEAD_LETTER_QUEUE_URL: `${QUEUES}/dead-letters`,
        EVENT_BUS_NAME: 'bus',
        MOMENTO_API_KEY_SECRET_ID: 'api-key',
      },
      endpoints: ['MOMENTO_ENDPOINT'],
      answers: {
        'secretsmanager.GetSecretValue': {
          SecretString: 'the-api-key',
          VersionId: 'a1b2c3d4-5678-90ab-cdef-222222222222',
        },
        'POST /topics/chat/room-281': {},
      },
      exercise: async (handler, aws) => {
        const detail = { cacheName: 'chat', topicName: 'room-281', message: '"Hello", exactly' };
        const command = { source: 'orders', 'detail-type': 'topicPublish', detail };
        assert.deepEqual(await handler.invoke(batch(JSON.stringify(command))), { batchItemFailures: [] });
        assert.deepEqual(aws.bodiesOf('POST /topics/chat/room-281'), [detail.message]);
      },
    },
  ],
  [
    'changes',
    {
      environment: {
        CACHE_NAME: 'weather',
        DEAD_LETTER_QUEUE_URL: `${QUEUES}/dead-letters`,
        KEY_TEMPLATE: 'weather-{Location}',
        TTL_SECONDS: '60',
      },
      answers: {},
      exercise: async (handler) => {
        const removed = {
          eventName: 'REMOVE',
          eventSource: 'aws:dynamodb',
          dynamodb: { Keys: { Location: { S: 'Oslo' } }, SequenceNumber: '300000000000000499659' },
        };
        const command = { command: 'cacheDelete', cacheName: 'weather', key: 'weather-Oslo' };
        assert.deepEqual(await handler.invoke([removed]), [command]);
      },
    },
  ],
  [
    'follow-rotation',
    {
      environment: { CONNECTION_NAME: 'momento', MOMENTO_API_KEY_SECRET_ID: 'api-key' },
      answers: {
        'AWSEvents.DescribeConnection': { Name: 'momento' },
        'AWSEvents.UpdateConnection': { ConnectionArn: 'arn:aws:events:us-east-1:111111111111:connection/momento/1' },
        'secretsmanager.GetSecretValue': {
          SecretString: 'the-api-key',
          VersionId: 'a1b2c3d4-5678-90ab-cdef-333333333333',
        },
      },
      exercise: async (handler, aws) => {
        assert.equal(await handler.invoke({ 'detail-type': 'AWS API Call via CloudTrail' }), null);
        const updates = aws.bodiesOf('AWSEvents.UpdateConnection').map((body) => JSON.parse(body) as UpdateConnection);
        const keys = updates.map(({ AuthParameters: { ApiKeyAuthParameters: parameters } }) => parameters.ApiKeyValue);
        assert.deepEqual(keys, ['the-api-key']);
      },
    },
  ],
]);

interface UpdateItem {
  readonly Key: { readonly id: { readonly S: string } };
}

interface UpdateConnection {
  readonly AuthParameters: { readonly ApiKeyAuthParameters: { readonly ApiKeyValue: string } };
}

interface Answer {
  readonly statusCode: number;
  readonly body: string;
}

/** What a Function URL makes of a request: payload format 2.0. */
function post(body: string, signature: string): unknown {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/',
    rawQueryString: '',
    headers: { 'content-type': 'application/json', 'momento-signature': signature },
    requestContext: { http: { method: 'POST', path: '/', protocol: 'HTTP/1.1' }, timeEpoch: Date.now() },
    body,
    isBase64Encoded: false,
  };
}

/** A queue's message as Lambda hands it over, received for the first time. */
function batch(body: string): unknown {
  const record = {
    messageId: '059f36b4-87a3-44ab-83d2-661975830a7d',
    receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
    body,
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: Date.now().toString() },
  };
  return { Records: [record] };
}

function detailsPut(aws: StandInAws): unknown[] {
  const calls = aws.bodiesOf('AWSEvents.PutEvents').map((body) => JSON.parse(body) as PutEvents);
  return calls.flatMap(({ Entries: entries }) => entries.map(({ Detail: detail }) => detail));
}
