import type { Call } from '../../tools';

/** The texts of the messages that a call to the bus or to a queue carries. */
export function textsOfCall({ input }: Call): string[] {
  const { Entries = [], MessageBody } = input as { Entries?: { Detail?: string }[]; MessageBody?: string };
  const parked = MessageBody === undefined ? [] : [(JSON.parse(MessageBody) as { detail?: string }).detail];
  const details = [...parked, ...Entries.map(({ Detail }) => Detail)];
  return details.flatMap((detail) =>
    detail === undefined ? [] : [String((JSON.parse(detail) as { text?: string }).text)],
  );
}
