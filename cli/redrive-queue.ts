import { busOfMessage } from './bus-of-message';
import type { Consent } from './consent';
import { eventBatches } from './event-batches';
import type { EventBus } from './event-bus';
import type { EventBuses } from './event-buses';
import { type ParkedEvent, readQueuedEvent } from './parked-event';
import type { Queue, ReceivedMessage } from './queue';
import type { RedriveReport } from './redrive-report';

/** Longer than 10 messages take, retries included; short enough to try again soon after this was interrupted. */
const VISIBILITY_TIMEOUT = 120;
/** How many receives in a row may find nothing while messages are missing that were there at the start. */
const PATIENCE = 5;
/** Messages older than this were there at the start, whatever the clocks say. */
const CLOCK_TOLERANCE_MS = 5_000;

interface Received {
  readonly event: ParkedEvent;
  readonly message: ReceivedMessage;
}

/**
 * Puts what is in a queue on the bus, and deletes what the bus has taken: what was there when it began. What fails again comes back
 * to the same queue, and would otherwise be received again forever.
 */
export async function redriveQueue(
  queue: Queue,
  buses: EventBuses,
  report: RedriveReport,
  { limit, consent }: { readonly limit: number; readonly consent: Consent },
): Promise<void> {
  const start = await queue.state();
  await consent.toPut(Math.min(start.visible, limit), { isAtLeast: false });
  let taken = 0;
  const wasThere = (message: ReceivedMessage): boolean => {
    // The count is about right and the clocks nearly agree: together they tell a new message from an old one.
    const isOld = message.sentAt <= start.at - (taken < start.visible ? 0 : CLOCK_TOLERANCE_MS);
    if (isOld) taken += 1;
    else report.cameIn();
    return isOld;
  };
  const patience = (): number => (taken < start.visible ? PATIENCE : 1);
  try {
    const options = { limit, visibilityTimeout: VISIBILITY_TIMEOUT, isWanted: wasThere, patience };
    for await (const messages of queue.receive(options)) {
      // SQS says only about how many there are.
      await consent.toPut(taken, { isAtLeast: true });
      for (const [bus, received] of await byBus(messages, buses, report)) {
        if (report.dryRun) for (const { event } of received) report.put(event, bus);
        else for (const batch of eventBatches(received)) await putBatch(batch, queue, bus, report);
      }
    }
    if (taken < Math.min(start.visible, limit)) report.notReceived(start.visible - taken);
  } finally {
    await queue.release();
  }
}

async function byBus(
  messages: readonly ReceivedMessage[],
  buses: EventBuses,
  report: RedriveReport,
): Promise<Map<EventBus, Received[]>> {
  const received = new Map<EventBus, Received[]>();
  for (const message of messages) {
    const event = readQueuedEvent(message.body);
    if (typeof event === 'string') {
      report.left(`message ${message.id}`, `it is not an event, because ${event}`);
      continue;
    }
    const bus = await buses.busFor(busOfMessage(message));
    if (typeof bus === 'string') report.left(event, bus);
    else received.set(bus, [...(received.get(bus) ?? []), { event, message }]);
  }
  return received;
}

async function putBatch(batch: readonly Received[], queue: Queue, bus: EventBus, report: RedriveReport): Promise<void> {
  const results = await bus.put(batch.map(({ event }) => event));
  const taken: Received[] = [];
  batch.forEach((queued, index) => {
    const result = results[index];
    if (result && 'eventId' in result) {
      taken.push(queued);
      report.put(queued.event, bus, result.eventId);
    } else {
      report.left(queued.event, result?.refusal ?? '');
    }
  });
  const undeleted = await queue.delete(taken.map(({ message }) => message));
  for (const { event, message } of taken) {
    const reason = undeleted.get(message.id);
    if (reason !== undefined) report.undeleted(event, reason);
  }
}
