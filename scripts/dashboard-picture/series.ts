// The data of the picture. All of it is made up: three quiet hours with one outage of the bus, and a while in which Momento
// postponed a few commands.

/** One value for each 5 minutes of three hours; undefined where a metric has no data. */
export type Series = readonly (number | undefined)[];

const POINTS = 36;
/** The points in which the bus is unavailable. */
const OUTAGE = { from: 20, to: 22 };
/** The points in which Momento refuses some commands for a while. */
const BUSY = { from: 9, to: 10 };

type Shape = (point: number) => number | undefined;

const always =
  (value: number): Shape =>
  () =>
    value;
const never = always(0);

/** A level that rises and falls as traffic does, with some unrest. The same each time. */
const about =
  (level: number, unrest = 0.12): Shape =>
  (point) => {
    const wave = Math.sin(point / 6 + level) + 0.6 * Math.sin(point * 1.7 + level) + 0.4 * Math.sin(point * 2.9);
    return Math.max(0, Math.round(level * (1 + unrest * wave)));
  };

/** A shape within a range of points, and another one beside it. */
const within =
  ({ from, to }: { from: number; to: number }, inside: Shape, outside: Shape = never): Shape =>
  (point) =>
    point >= from && point <= to ? inside(point) : outside(point);

/** Each 15 minutes. */
const everyThird =
  (inside: number, outside: number): Shape =>
  (point) =>
    point % 3 === 2 ? inside : outside;

/** What has piled up since the outage began. */
const rising =
  (step: number): Shape =>
  (point) =>
    (point - OUTAGE.from + 1) * step;

const noData: Shape = () => undefined;
const outage = (inside: Shape, outside?: Shape) => within(OUTAGE, inside, outside);
const recovery = (inside: Shape, outside?: Shape) =>
  within({ from: OUTAGE.to + 1, to: OUTAGE.to + 2 }, inside, outside);
const outageAndRecovery = (inside: Shape, outside: Shape = never) =>
  within({ from: OUTAGE.from, to: OUTAGE.to + 2 }, inside, outside);

const byKind = (cacheSet: Shape, cacheDelete: Shape, topicPublish: Shape) => ({ cacheSet, cacheDelete, topicPublish });

/** By the title of the widget, and by the label in it. */
const SHAPES: Readonly<Record<string, Readonly<Record<string, Shape>>>> = {
  Messages: { accepted: about(600), duplicates: never, parked: outage(about(600)), missed: never },
  Subscriptions: {
    held: always(1),
    'not held': never,
    heartbeats: always(5),
    'hand-overs': everyThird(1, 0),
  },
  Interruptions: {
    gaps: never,
    'subscriptions refused': never,
    'API key refused': never,
    silent: never,
    resumed: within({ from: 28, to: 28 }, always(1)),
  },
  'Time to put messages on the bus': { p50: about(11), p99: outage(about(210), about(38)) },
  'Parked messages': { redriven: recovery(about(900)), postponed: outage(rising(580)), 'dead letters': never },
  'Fallback queue': {
    'to be received': outageAndRecovery(about(40)),
    'received, or waiting': outage(rising(590), recovery(always(700))),
    'age of the oldest': outage(rising(300), recovery(always(960))),
  },
  'Dead-letter queue': { 'to be received': never, 'received, or waiting': never, 'age of the oldest': never },
  'Function subscribe: invocations': {
    invocations: always(5),
    errors: never,
    throttles: never,
    concurrency: everyThird(2, 1),
  },
  'Function subscribe: duration': { p50: about(14), p99: everyThird(840_000, 15) },
  'Function redrive: invocations': {
    invocations: outageAndRecovery(about(60)),
    errors: never,
    throttles: never,
    concurrency: outageAndRecovery(always(2)),
  },
  'Function redrive: duration': {
    p50: outageAndRecovery(about(90), noData),
    p99: outageAndRecovery(about(420), noData),
  },
  Commands: { received: about(240), delivered: about(240), failed: never, 'dead letters': never },
  'Commands received, by kind': byKind(about(150), about(30), about(60)),
  'Commands delivered, by kind': byKind(about(150), about(30), about(60)),
  'Retried commands, by kind': byKind(within(BUSY, about(24)), within(BUSY, about(4)), within(BUSY, about(11))),
  'Failed commands, by kind': byKind(never, never, never),
};

/** What is billed for these three hours, by the beginning of the section's heading: 36 times 600 messages and 240 commands. */
const BILLED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'From Momento by subscription': {
    'events put on the bus': '21.6k',
    'Lambda requests': '480',
    'Lambda GB-seconds': '1.36k',
    'log bytes': '3.9M',
    'SQS requests, at most': '9.8k',
    'DynamoDB writes': '11.9k',
  },
  'To Momento': { 'API destination calls': '8.72k', 'SQS requests, at most': '0' },
};

/**
 * The series of a label in the widget with a title.
 *
 * @throws if there is none: a metric that is new on the dashboard needs a shape here
 */
export function seriesOf(title: string, label: string): Series {
  const shape = SHAPES[title]?.[label];
  if (!shape) throw new Error(`"${label}" in "${title}" needs a shape in scripts/dashboard-picture/series.ts`);
  return Array.from({ length: POINTS }, (_, point) => shape(point));
}

/**
 * What is billed of something in the three hours, in the section with a heading.
 *
 * @throws if that is not known
 */
export function billedOf(heading: string, label: string): string {
  const value = BILLED[heading.split(':')[0] ?? '']?.[label];
  if (value === undefined) throw new Error(`"${label}" needs a value in scripts/dashboard-picture/series.ts`);
  return value;
}
