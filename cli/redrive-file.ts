import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { eventBatches } from './event-batches';
import type { EventBus } from './event-bus';
import { Failure } from './failure';
import { readLoggedEvent } from './logged-event';
import type { ParkedEvent } from './parked-event';
import { printable } from './printable';
import type { RedriveReport } from './redrive-report';

/** How many events are gathered before they are put: what fits into one call at most. */
const GATHER = 10;

interface EventOfLine {
  readonly event: ParkedEvent;
  readonly line: number;
}

/** Puts the events in the lines of a file, or of standard input (`-`), on the bus. */
export async function redriveFile(file: string, bus: EventBus, report: RedriveReport, limit: number): Promise<void> {
  let number = 0;
  let found = 0;
  let gathered: EventOfLine[] = [];
  for await (const line of linesOf(file)) {
    number += 1;
    const event = readLoggedEvent(line);
    if (event === undefined) {
      if (line.trim() !== '') report.passedOver();
      continue;
    }
    found += 1;
    if (typeof event === 'string') {
      report.left(`line ${number.toString()}`, event);
    } else {
      gathered.push({ event, line: number });
    }
    if (gathered.length === GATHER) {
      await putAll(gathered, bus, report);
      gathered = [];
    }
    if (found >= limit) break;
  }
  await putAll(gathered, bus, report);
}

async function putAll(events: readonly EventOfLine[], bus: EventBus, report: RedriveReport): Promise<void> {
  if (report.dryRun) {
    for (const { event } of events) report.put(event);
    return;
  }
  for (const batch of eventBatches(events)) {
    const results = await bus.put(batch.map(({ event }) => event)).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      const line = batch[0]?.line ?? 1;
      throw new Failure(
        `${error.message}\nThe lines from ${line.toString()} on were not put; those before it were seen to.`,
      );
    });
    batch.forEach(({ event, line }, index) => {
      const result = results[index];
      if (result && 'eventId' in result) report.put(event, result.eventId);
      else report.left(`line ${line.toString()}`, result?.refusal ?? '');
    });
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  try {
    yield* createInterface({ input, crlfDelay: Infinity });
  } catch (error) {
    throw new Failure(`${printable(file)} cannot be read: ${reason(error as NodeJS.ErrnoException)}.`);
  }
}

function reason({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'permission denied';
  if (code === 'EISDIR') return 'it is a directory';
  return message;
}
