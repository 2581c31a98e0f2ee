import type { EventBridgeClient, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { callAws } from './aws-call';
import { clientSettings, regionOfArn } from './aws-client';
import { Failure } from './failure';
import type { ParkedEvent } from './parked-event';
import { printable } from './printable';

const SERVICE = 'EventBridge';

/** What became of an event: its id on the bus, or why the bus did not take it. */
export type PutResult = { readonly eventId: string } | { readonly refusal: string };

/** An event bus that is there. */
export class EventBus {
  /**
   * @param region where the bus is, if its name does not say
   * @throws Failure where there is no such bus
   */
  public static async find(nameOrArn: string, region: string | undefined): Promise<EventBus> {
    const { EventBridgeClient, DescribeEventBusCommand } = await import('@aws-sdk/client-eventbridge');
    const client = new EventBridgeClient(clientSettings(regionOfArn(nameOrArn) ?? region));
    // EventBridge takes events for a bus that does not exist, gives them ids, and drops them. Nobody would notice before
    // they are deleted from the queue.
    await callAws(SERVICE, 'events:DescribeEventBus', async () => {
      try {
        await client.send(new DescribeEventBusCommand({ Name: nameOrArn }));
      } catch (error) {
        if (!(error instanceof Error && error.name === 'ResourceNotFoundException')) throw error;
        throw new Failure(`There is no event bus ${printable(nameOrArn)} in this account and region. Nothing was put.`);
      }
    });
    return new EventBus(client, nameOrArn);
  }

  private constructor(
    private readonly client: EventBridgeClient,
    public readonly name: string,
  ) {}

  /**
   * Puts events on the bus in one call, as they are.
   *
   * @returns what became of each, in their order
   * @throws Failure where EventBridge did not take the call, or its answer was lost
   */
  public async put(events: readonly ParkedEvent[]): Promise<PutResult[]> {
    const { PutEventsCommand } = await import('@aws-sdk/client-eventbridge');
    const { Entries = [] } = await callAws(SERVICE, 'events:PutEvents', () =>
      this.client.send(new PutEventsCommand({ Entries: events.map((event) => this.entry(event)) })),
    );
    return events.map((_, index) => {
      const { EventId, ErrorCode, ErrorMessage } = Entries[index] ?? {};
      if (EventId !== undefined && ErrorCode === undefined) return { eventId: EventId };
      const message = ErrorMessage === undefined ? '' : ` (${printable(ErrorMessage)})`;
      return { refusal: `EventBridge answered ${ErrorCode ?? 'without saying what became of it'}${message}` };
    });
  }

  private entry({ source, detailType, detail, time, traceHeader }: ParkedEvent): PutEventsRequestEntry {
    return {
      EventBusName: this.name,
      Source: source,
      DetailType: detailType,
      Detail: detail,
      Time: new Date(time),
      TraceHeader: traceHeader,
    };
  }
}
