import { eventBatches } from './event-batches';
import type { EventBus } from './event-bus';
import { type ParkedEvent, readQueuedEvent } from './parked-event';
import type { Queue, ReceivedMessage } from './queue';
import type { RedriveReport } from './redrive-report';

/** Longer than 10 messages take, retries included; short enough to try again soon after this was interrupted. */
const VISIBILITY_TIMEOUT = 120;

interface Received {
  readonly event: ParkedEvent;
  readonly message: ReceivedMessage;
}

/** Puts what is in a queue on the bus, and deletes what the bus has taken. */
export async function redriveQueue(queue: Queue, bus: EventBus, report: RedriveReport, limit: number): Promise<void> {
  try {
    for await (const messages of queue.receive({ limit, visibilityTimeout: VISIBILITY_TIMEOUT })) {
      const readable = messages.flatMap((message): Received[] => {
        const event = readQueuedEvent(message.body);
        if (typeof event !== 'string') return [{ event, message }];
        report.left(`message ${message.id}`, `it is no event, because ${event}`);
        return [];
      });
      if (report.dryRun)
        readable.forEach(({ event }) => {
          report.put(event);
        });
      else for (const batch of eventBatches(readable)) await putBatch(batch, queue, bus, report);
    }
  } finally {
    await queue.release();
  }
}

async function putBatch(batch: Received[], queue: Queue, bus: EventBus, report: RedriveReport): Promise<void> {
  const results = await bus.put(batch.map(({ event }) => event));
  const taken: Received[] = [];
  batch.forEach((queued, index) => {
    const result = results[index];
    if (result && 'eventId' in result) {
      taken.push(queued);
      report.put(queued.event, result.eventId);
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
