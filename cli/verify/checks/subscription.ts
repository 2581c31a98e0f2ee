import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../../failure';
import { printable } from '../../printable';
import { broken, type Check, held, notHere, type Outcome } from '../check';
import { writtenMetrics } from '../metric-lines';
import { type BusEvent, type Patience, type Trial } from '../trial';

const MANUAL = 'docs/momento-to-eventbridge.md';
const NO_MOMENTO = 'Not tried: no Momento key (--momento-cache).';
const HAND_OVERS = 2;
/** The schedule invokes once a minute, and the first time up to a minute after the deployment. */
const PATIENCE: Patience = { timeoutMs: 8 * 60_000 };
const LOCAL_PATIENCE: Patience = { timeoutMs: 2 * 60_000 };
/** The messages have a pace of their own, so that some are published while the topic is handed over. */
const WITHOUT_PAUSE = { pauseMs: 0 };
/** From one message to the next. Momento's soft limit for topics is 10 operations a second, and a delivery is one too. */
const PACE_MS = { onAws: 500, locally: 50 } as const;
const LOCAL_SCHEDULE_MS = 1_000;

/** Topics without webhooks. */
export const SUBSCRIPTION_CHECKS: readonly Check[] = [
  {
    id: 'subscription/hand-over',
    promise:
      'Two hand-overs from one invocation to the next lose no message of a topic: all are on the bus, no gap is reported, and the checkpoint moves on.',
    source: MANUAL,
    local: {
      does: 'invokes the function as often as the check asks it to, with the input of the schedule; a local Momento has the topic',
      evidence: 'documentation',
    },
    alongside: true,
    async run(trial) {
      const { momentoCache: cache } = trial;
      return cache === undefined ? notHere(NO_MOMENTO) : handOver(trial, cache);
    },
  },
  {
    id: 'subscription/schedule',
    promise: 'EventBridge Scheduler invokes the function that subscribes, with its topics, within two minutes.',
    source: 'https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html (rate-based schedules)',
    local: { does: 'has a schedule, whose first minute a run does not wait for', evidence: 'not modelled' },
    async run(trial) {
      if (trial.momentoCache === undefined) return notHere(NO_MOMENTO);
      if (trial.isLocal)
        return notHere('Here the check invokes the function, since a minute is longer than the rest of the run.');
      const begun = await trial.until(async () => (await metricSum(trial, 'Heartbeat')) || undefined, PATIENCE);
      return begun === undefined
        ? broken('The function has written no heartbeat. Nothing but the schedule invokes it.')
        : held(`The function has written ${begun.toString()} heartbeats. Nothing but the schedule invokes it.`);
    },
  },
];

async function handOver(trial: Trial, cache: string): Promise<Outcome> {
  const topic = trial.output('SubscribedTopic');
  const patience = trial.isLocal ? LOCAL_PATIENCE : PATIENCE;
  const schedule = new LocalSchedule(trial);
  const before = await trial.until(async () => {
    await schedule.invoke();
    return checkpoint(trial, cache);
  }, patience);
  if (before === undefined) return broken('No checkpoint of the topic was written: it is not subscribed to.');
  const published: string[] = [];
  const publish = async (): Promise<void> => {
    const text = `message ${published.length.toString()}`;
    const path = `/topics/${encodeURIComponent(cache)}/${topic}`;
    const { status } = await trial.askMomento('POST', path, { body: text });
    if (status !== 204) throw new Failure(`Momento answers ${status.toString()} to a message that is published.`);
    published.push(text);
  };
  const handOvers = await trial.until(
    async () => {
      await schedule.invoke();
      await publish();
      await delay(trial.isLocal ? PACE_MS.locally : PACE_MS.onAws);
      const count = await metricSum(trial, 'HandOver');
      return count >= HAND_OVERS ? count : undefined;
    },
    { ...patience, ...WITHOUT_PAUSE },
  );
  if (handOvers === undefined) {
    return broken(
      `There were fewer than ${HAND_OVERS.toString()} hand-overs, of ${published.length.toString()} messages.`,
    );
  }
  // The holder after the last hand-over has this one.
  await publish();
  const facts = `${published.length.toString()} messages were published.`;
  const isOfTopic = ({ detail }: BusEvent): boolean => detail.topic === topic;
  for (const text of published) {
    const event = await trial.eventThat((one) => isOfTopic(one) && one.detail.text === text);
    if (!event) return broken(`${facts} After ${handOvers.toString()} hand-overs, ${text} is not on the bus.`);
  }
  const events = trial.eventsSoFar(isOfTopic);
  const gap = events.find(({ source }) => source === 'Momento.Subscription');
  if (gap) return broken(`${facts} A gap is reported: ${printable(JSON.stringify(gap.detail))}`);
  const last = Math.max(...events.map(({ detail }) => Number(detail.topic_sequence_number)));
  const after = await trial.until(async () => {
    const number = await checkpoint(trial, cache);
    return number !== undefined && number > last ? number : undefined;
  }, patience);
  const copies = new Set(events.map(({ id }) => id)).size - published.length;
  const seen =
    `${facts} During ${handOvers.toString()} hand-overs all came to the bus, with ${copies.toString()} copies and without a gap. The checkpoint ` +
    `was ${before.toString()}, and is ${after?.toString() ?? `not behind ${last.toString()}`}.`;
  return after === undefined ? broken(seen) : held(seen);
}

/** The number of the message that the next holder goes on with. Nothing before the first. */
async function checkpoint(trial: Trial, cache: string): Promise<number | undefined> {
  const { GetItemCommand } = await import('@aws-sdk/client-dynamodb');
  const id = JSON.stringify([cache, trial.output('SubscribedTopic')]);
  const TableName = trial.output('CheckpointTableName');
  const get = new GetItemCommand({ TableName, Key: { id: { S: id } }, ConsistentRead: true });
  const { Item } = await trial.clients.dynamoDb.send(get);
  return Item?.number?.N === undefined ? undefined : Number(Item.number.N);
}

/** The sum of a metric in the log of the function that subscribes. */
async function metricSum(trial: Trial, name: string): Promise<number> {
  const metrics = writtenMetrics(await trial.logLines(trial.output('SubscriptionLogName')));
  return metrics.filter((metric) => metric.name === name).reduce((sum, { value }) => sum + value, 0);
}

/** Invokes the function as the schedule does, but more often, where the schedule itself would take a minute. */
class LocalSchedule {
  private invokedAt = 0;

  public constructor(private readonly trial: Trial) {}

  public async invoke(): Promise<void> {
    const { trial } = this;
    if (!trial.isLocal || Date.now() - this.invokedAt < LOCAL_SCHEDULE_MS) return;
    this.invokedAt = Date.now();
    const { InvokeCommand } = await import('@aws-sdk/client-lambda');
    const Payload = Buffer.from(trial.output('SubscriptionInput'));
    const FunctionName = trial.output('SubscriptionName');
    await trial.clients.lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
  }
}
