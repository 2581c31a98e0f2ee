import { setTimeout as delay } from 'node:timers/promises';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { GetScheduleOutput } from '@aws-sdk/client-scheduler';
import { callAws } from '../aws-call';
import { clientSettings } from '../aws-client';
import { jsonObject } from '../parked-event';
import { printable } from '../printable';
import type { DeployedFunction } from '../stack/deployed-function';
import { type Examination, ifThere } from './examination';

/** How long after a crash another invocation has the topics: the lease runs out, and the schedule invokes. */
const TAKEN_OVER_MS = 90_000;
/** Between two invocations, nobody holds the lease for less than a second. */
const HAND_OVER_MS = 2_000;

/** The subscriptions: invoked by their schedules, and held. */
export async function examineSubscriptions(examination: Examination): Promise<void> {
  const handlers = examination.constructs.flatMap(({ functions }) => functions);
  for (const handler of handlers.filter(({ role }) => role === 'subscribe')) {
    const schedule = await examineSchedule(examination, handler);
    await examineLease(examination, handler, schedule?.Target?.Input ?? '{}');
  }
}

async function examineSchedule(
  examination: Examination,
  { logicalId, name }: DeployedFunction,
): Promise<GetScheduleOutput | undefined> {
  const { GetScheduleCommand, SchedulerClient } = await import('@aws-sdk/client-scheduler');
  const client = new SchedulerClient(await clientSettings(examination.region));
  let own: GetScheduleOutput | undefined;
  await examination.examine('schedule', logicalId, async (report) => {
    for (const { physicalId: Name } of examination.stack.ofType('AWS::Scheduler::Schedule')) {
      const schedule = await ifThere(() =>
        callAws('Scheduler', 'scheduler:GetSchedule', () => client.send(new GetScheduleCommand({ Name }))),
      );
      if (schedule?.Target?.Arn?.endsWith(`:function:${name}`)) own = schedule;
    }
    if (own === undefined) report('No schedule invokes the function, which subscribes to nothing then: deploy again.');
    else if (own.State !== 'ENABLED') {
      report('The schedule that keeps the subscriptions is disabled: enable it, or deploy the stack again.');
    }
  });
  return own;
}

async function examineLease(
  examination: Examination,
  { logicalId, variables }: DeployedFunction,
  input: string,
): Promise<void> {
  const { DynamoDBClient, GetItemCommand } = await import('@aws-sdk/client-dynamodb');
  const client = new DynamoDBClient(await clientSettings(examination.region));
  const TableName = variables.CHECKPOINT_TABLE_NAME ?? '';
  const item = async (id: string): Promise<Item | undefined> => {
    const get = new GetItemCommand({ TableName, Key: { id: { S: id } }, ConsistentRead: true });
    return (await callAws('DynamoDB', 'dynamodb:GetItem', () => client.send(get))).Item;
  };
  await examination.examine('lease', logicalId, async (report) => {
    let lease = await item('lease');
    if (!isFresh(lease)) {
      await delay(HAND_OVER_MS);
      lease = await item('lease');
    }
    if (lease === undefined) {
      report('No invocation has ever held the subscriptions. The log of the function says why.');
    } else if (!isFresh(lease)) {
      const until = numberOf(lease, 'expires');
      const since = until === 0 ? '' : ` since ${new Date(until).toISOString()}`;
      report(`No invocation holds the subscriptions${since}. The log of the function says why.`);
    }
    if (!isFresh(lease)) return;
    for (const { cache, topic } of topicsOf(input)) {
      const checkpoint = await item(JSON.stringify([cache, topic]));
      if (checkpoint === undefined || numberOf(checkpoint, 'fence') !== numberOf(lease, 'fence')) {
        report(`The invocation in charge has not begun with the topic ${printable(`${cache}#${topic}`)}.`);
      }
    }
  });
}

type Item = Record<string, AttributeValue>;

function isFresh(lease: Item | undefined): boolean {
  return lease !== undefined && numberOf(lease, 'expires') > Date.now() - TAKEN_OVER_MS;
}

function numberOf(item: Item | undefined, attribute: string): number {
  return Number(item?.[attribute]?.N ?? 0);
}

/** The topics in the input of a schedule. */
function topicsOf(input: string): { readonly cache: string; readonly topic: string }[] {
  const topics = jsonObject(input)?.topics;
  return Array.isArray(topics) ? (topics as { cache: string; topic: string }[]) : [];
}
