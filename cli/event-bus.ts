import type { EventBridgeClient, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { AwsFailure, callAws } from './aws-call';
import { clientSettings, regionOfArn } from './aws-client';
import { Failure } from './failure';
import type { ParkedEvent } from './parked-event';
import { printable } from './printable';

const SERVICE = 'EventBridge';
/** What EventBridge answers to a call because of what is in it. */
const BAD_CALLS: readonly string[] = ['ValidationException', 'SerializationException', 'RequestEntityTooLarge'];

/** The outcome of an event: its id on the bus, or why the bus did not take it. */
export type PutResult = { readonly eventId: string } | { readonly refusal: string };

/** An event bus that exists. */
export class EventBus {
  /**
   * @param region where the bus is, if its name does not say
   * @throws Failure if there is no such bus
   */
  public static async find(nameOrArn: string, region: string | undefined): Promise<EventBus> {
    const { EventBridgeClient } = await import('@aws-sdk/client-eventbridge');
    const client = new EventBridgeClient(await clientSettings(regionOfArn(nameOrArn) ?? region));
    // EventBridge takes events for a bus that does not exist, gives them ids, and drops them. Nobody would notice before
    // they are deleted from the queue.
    const found = await describe(client, nameOrArn);
    if (!found) throw new Failure(`There is no event bus ${printable(nameOrArn)} in this account and region.`);
    const { Arn } = found;
    if (!Arn) throw new Failure(`EventBridge did not confirm that there is an event bus ${printable(nameOrArn)}.`);
    return new EventBus(client, nameOrArn, Arn);
  }

  private constructor(
    private readonly client: EventBridgeClient,
    /** As it was given: its name or ARN. */
    public readonly name: string,
    public readonly arn: string,
  ) {}

  /**
   * Puts events on the bus as they are, in one call; each alone where EventBridge refuses the call for what is in it, so that one
   * bad event costs only itself.
   *
   * @returns the outcome of each, in their order
   * @throws Failure if EventBridge did not take the call for another reason, or its answer was lost
   */
  public async put(events: readonly ParkedEvent[]): Promise<PutResult[]> {
    try {
      return await this.putTogether(events);
    } catch (error) {
      if (!(error instanceof AwsFailure && BAD_CALLS.includes(error.code))) throw error;
      if (events.length <= 1) return events.map(() => ({ refusal: error.message }));
    }
    const results: PutResult[] = [];
    for (const event of events) results.push(...(await this.put([event])));
    return results;
  }

  private async putTogether(events: readonly ParkedEvent[]): Promise<PutResult[]> {
    const { PutEventsCommand } = await import('@aws-sdk/client-eventbridge');
    const { Entries = [] } = await callAws(SERVICE, 'events:PutEvents', () =>
      this.client.send(new PutEventsCommand({ Entries: events.map((event) => this.entry(event)) })),
    );
    // Its stack may have been deleted since the bus was found. What exists now existed when the events were put.
    if (!(await describe(this.client, this.name))) {
      return events.map(() => ({ refusal: 'its event bus was deleted meanwhile' }));
    }
    return events.map((_, index) => {
      // Which result is whose is known by its place only.
      const { EventId, ErrorCode, ErrorMessage } =
        (Entries.length === events.length ? Entries[index] : undefined) ?? {};
      if (EventId && ErrorCode === undefined) return { eventId: EventId };
      const message = ErrorMessage === undefined ? '' : ` (${printable(ErrorMessage)})`;
      return { refusal: `EventBridge answered ${printable(ErrorCode ?? 'without an event id')}${message}` };
    });
  }

  private entry({ source, detailType, detail, time, resources, traceHeader }: ParkedEvent): PutEventsRequestEntry {
    return {
      EventBusName: this.name,
      Source: source,
      DetailType: detailType,
      Detail: detail,
      Time: new Date(time),
      ...(resources && { Resources: [...resources] }),
      TraceHeader: traceHeader,
    };
  }
}

/** What EventBridge says about a bus; nothing where there is none. */
async function describe(client: EventBridgeClient, nameOrArn: string): Promise<{ readonly Arn?: string } | undefined> {
  const { DescribeEventBusCommand } = await import('@aws-sdk/client-eventbridge');
  return callAws(SERVICE, 'events:DescribeEventBus', async () => {
    try {
      return await client.send(new DescribeEventBusCommand({ Name: nameOrArn }));
    } catch (error) {
      if (!(error instanceof Error && error.name === 'ResourceNotFoundException')) throw error;
      return undefined;
    }
  });
}
