/**
 * A Lambda function that does what the request's body tells it to, for testing the local AWS itself.
 *
 * It is its own runtime, as a `provided.al2023` function is: it asks the Runtime API for invocations and answers them.
 */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

/** The orders that the function takes. */
export type Order =
  /** Answer with the event that the function got. */
  | { readonly do: 'echo' }
  /** Answer with the environment variables. */
  | { readonly do: 'environment' }
  /** Answer with the process's id after some time. */
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'print'; readonly lines: readonly string[] }
  | { readonly do: 'put-event'; readonly detail: string; readonly time?: string }
  | { readonly do: 'send'; readonly body: string }
  | { readonly do: 'get-secret'; readonly stage: string }
  /** Report an error to the Runtime API. */
  | { readonly do: 'fail' }
  /** End as the kernel's out-of-memory killer ends a process. */
  | { readonly do: 'die' };

interface Response {
  readonly statusCode: number;
  readonly body: string;
}
interface UrlEvent {
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}
interface QueueEvent {
  readonly Records: readonly QueueRecord[];
}

/** A message as the queue hands it over; the function prints it. */
export interface QueueRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const { AWS_LAMBDA_RUNTIME_API = '', BUS_NAME, ORDERS_URL, QUEUE_URL, SECRET_ID } = process.env;
const runtime = `http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
// One attempt: what is injected into a call has to be seen.
const settings = { maxAttempts: 1, requestHandler: { requestTimeout: 1000, throwOnRequestTimeout: true } };
const events = new EventBridgeClient(settings);
const secrets = new SecretsManagerClient(settings);
const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });

async function obey(order: Order, event: UrlEvent): Promise<unknown> {
  switch (order.do) {
    case 'echo':
      return event;
    case 'environment':
      return process.env;
    case 'wait':
      await new Promise((resolve) => setTimeout(resolve, order.milliseconds));
      return process.pid;
    case 'print':
      for (const line of order.lines) console.log(line);
      // What a full pipe does not take at once, Node.js writes later. Only then is it printed.
      await new Promise((resolve) => process.stdout.write('', resolve));
      return order.lines.length;
    case 'put-event':
      return events.send(
        new PutEventsCommand({
          Entries: [
            {
              EventBusName: BUS_NAME,
              Source: 'stand-in',
              DetailType: 'order',
              Detail: order.detail,
              ...(order.time === undefined ? {} : { Time: new Date(order.time) }),
            },
          ],
        }),
      );
    case 'send':
      return sqs.send(new SendMessageCommand({ QueueUrl: QUEUE_URL, MessageBody: order.body }));
    case 'get-secret':
      return secrets.send(new GetSecretValueCommand({ SecretId: SECRET_ID, VersionStage: order.stage }));
    case 'fail':
      throw new TypeError('told to fail');
    case 'die':
      process.kill(process.pid, 'SIGKILL');
      return undefined;
  }
}

function orderIn(event: UrlEvent): Order {
  try {
    return JSON.parse(event.body ?? '') as Order;
  } catch {
    return { do: 'echo' };
  }
}

/** Takes every message but those that say `refuse`, which it wants back after a second. */
async function take({ Records: records }: QueueEvent): Promise<unknown> {
  const refused = records.filter(({ body }) => body === 'refuse');
  for (const record of records) console.log(JSON.stringify(record));
  for (const { receiptHandle } of refused) {
    await sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: ORDERS_URL, ReceiptHandle: receiptHandle, VisibilityTimeout: 1 }),
    );
  }
  return { batchItemFailures: refused.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

async function answer(event: UrlEvent): Promise<Response> {
  const order = orderIn(event);
  if (order.do === 'fail') throw new TypeError('told to fail');
  try {
    return { statusCode: 200, body: JSON.stringify(await obey(order, event)) };
  } catch (error) {
    const { name, message } = error as Error;
    return { statusCode: 500, body: JSON.stringify({ name, message }) };
  }
}

async function serve(): Promise<void> {
  console.log('stand-in started');
  for (;;) {
    const next = await fetch(`${runtime}/next`);
    if (!next.ok) return;
    const id = next.headers.get('lambda-runtime-aws-request-id') ?? '';
    const event = (await next.json()) as QueueEvent | UrlEvent;
    try {
      const answered = await ('Records' in event ? take(event) : answer(event));
      await fetch(`${runtime}/${id}/response`, { method: 'POST', body: JSON.stringify(answered) });
    } catch (error) {
      const { name, message } = error as Error;
      const report = JSON.stringify({ errorType: name, errorMessage: message });
      await fetch(`${runtime}/${id}/error`, { method: 'POST', body: report });
    }
  }
}

void serve();
