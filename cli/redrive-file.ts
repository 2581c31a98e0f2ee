import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Consent, MOST_WITHOUT_CONSENT } from './consent';
import { eventBatches } from './event-batches';
import type { EventBus, PutResult } from './event-bus';
import type { EventBuses } from './event-buses';
import { Failure } from './failure';
import { stopIfInterrupted } from './interruption';
import { readLoggedEvent } from './logged-event';
import type { ParkedEvent } from './parked-event';
import { printable } from './printable';
import type { RedriveReport } from './redrive-report';

/** How many events are gathered before they are put: what fits into one call at most. */
const GATHER = 10;
/** The same before the first: so many that it is known whether consent is needed. */
const GATHER_FIRST = MOST_WITHOUT_CONSENT + 1;

interface EventOfLine {
  readonly event: ParkedEvent;
  readonly bus: EventBus;
  readonly line: number;
}

/** Puts the events in the lines of a file, or of standard input (`-`), on the bus. */
export async function redriveFile(
  file: string,
  buses: EventBuses,
  report: RedriveReport,
  { limit, consent }: { readonly limit: number; readonly consent: Consent },
): Promise<void> {
  let number = 0;
  let found = 0;
  let gathered: EventOfLine[] = [];
  for await (const line of linesOf(file)) {
    number += 1;
    const logged = readLoggedEvent(line);
    if (logged === undefined) {
      if (line.trim() !== '') report.skipped();
      continue;
    }
    found += 1;
    const bus = typeof logged === 'string' ? logged : await buses.busFor(logged.bus);
    if (typeof logged === 'string' || typeof bus === 'string') {
      report.left(`line ${number.toString()}`, bus as string);
    } else {
      gathered.push({ event: logged.event, bus, line: number });
    }
    if (gathered.length >= (consent.isGiven ? GATHER : GATHER_FIRST)) {
      await consent.toPut(gathered.length, { isAtLeast: true });
      await putAll(gathered, report);
      gathered = [];
    }
    if (found >= limit) break;
  }
  await putAll(gathered, report);
}

async function putAll(events: readonly EventOfLine[], report: RedriveReport): Promise<void> {
  for (const bus of new Set(events.map((event) => event.bus))) {
    const ofBus = events.filter((event) => event.bus === bus);
    if (report.dryRun) for (const { event } of ofBus) report.put(event, bus);
    else for (const batch of eventBatches(ofBus)) await putBatch(batch, bus, report);
  }
}

async function putBatch(batch: readonly EventOfLine[], bus: EventBus, report: RedriveReport): Promise<void> {
  const results = await put(batch, bus);
  batch.forEach(({ event, line }, index) => {
    const result = results[index];
    if (result && 'eventId' in result) report.put(event, bus, result.eventId);
    else report.left(`line ${line.toString()}`, result?.refusal ?? '');
  });
}

async function put(batch: readonly EventOfLine[], bus: EventBus): Promise<PutResult[]> {
  try {
    stopIfInterrupted();
    return await bus.put(batch.map(({ event }) => event));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const line = batch[0]?.line.toString() ?? '';
    throw new Failure(`${error.message}\nLines from ${line} on were not put; earlier lines were processed.`);
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
