import type { EventPattern } from 'aws-cdk-lib/aws-events';
import { MomentoCommand } from '../common/momento-command';

/** How a command names its cache item. A topic has no key. */
export type KeyKind = 'key' | 'key_base64';

/** One event pattern that accepts a command. */
export interface AcceptedCommand {
  readonly keyKind?: KeyKind;
  readonly pattern: EventPattern;
}

/** The event patterns of one command: every event with its detail-type matches exactly one of them. */
export interface CommandPatterns {
  readonly accepted: readonly AcceptedCommand[];
  readonly refused: EventPattern;
}

type Matcher = string | Record<string, unknown>;
type Detail = Record<string, readonly Matcher[]>;

const ABSENT = { exists: false };
const PRESENT = { exists: true };

/**
 * What a field of a command must be, and what it must not be.
 *
 * A pattern cannot say "not", and cannot say "and" of one field. So each field has one matcher and that matcher's own
 * negation: whatever EventBridge takes a value for, one of the two matches, and a value that neither matched would be
 * a command that vanishes. That is why a `ttl` is any value but a string, and not a range: a number as large as 1e400 is in
 * no range. What these matchers let through beyond the contract, Momento refuses.
 */
const NAME = { is: { 'anything-but': [''] }, isNot: '' };
const TEXT = { is: { wildcard: '*' }, isNot: { 'anything-but': { wildcard: '*' } } };
const NUMBER = { is: TEXT.isNot, isNot: TEXT.is };
/** A message as bytes: EventBridge cannot decode it. A field that has to be missing is not missing where it is there. */
const NONE = { is: ABSENT, isNot: PRESENT };

const KEY_KINDS: readonly KeyKind[] = ['key', 'key_base64'];

const FIELDS: Record<MomentoCommand, Record<string, { is: Matcher; isNot: Matcher }>> = {
  [MomentoCommand.CACHE_SET]: { cacheName: NAME, message: TEXT, message_base64: NONE, ttl: NUMBER },
  [MomentoCommand.CACHE_DELETE]: { cacheName: NAME },
  [MomentoCommand.TOPIC_PUBLISH]: { cacheName: NAME, topicName: NAME, message: TEXT, message_base64: NONE },
};

/**
 * The one pattern of a command, for a target that checks its fields itself.
 *
 * @param sources the sources that events are taken from; with none, every source
 */
export function commandPattern(command: MomentoCommand, sources: readonly string[] = []): EventPattern {
  return { ...(sources.length > 0 && { source: [...sources] }), detailType: [command] };
}

/**
 * The patterns of one command, for targets that take what they get.
 *
 * @param sources the sources that events are taken from; with none, every source
 */
export function commandPatterns(command: MomentoCommand, sources: readonly string[] = []): CommandPatterns {
  const fields = Object.entries(FIELDS[command]);
  const envelope = commandPattern(command, sources);
  const wellFormed: Detail = Object.fromEntries(fields.map(([field, { is }]) => [field, [is]]));
  const malformed: Detail[] = fields.map(([field, { isNot }]) => ({
    [field]: isNot === PRESENT ? [PRESENT] : [ABSENT, isNot],
  }));
  if (command === MomentoCommand.TOPIC_PUBLISH) {
    return {
      accepted: [{ pattern: { ...envelope, detail: wellFormed } }],
      refused: { ...envelope, detail: { $or: malformed } },
    };
  }
  const both: Detail = Object.fromEntries(KEY_KINDS.map((kind) => [kind, [PRESENT]]));
  const neither: Detail = Object.fromEntries(KEY_KINDS.map((kind) => [kind, [ABSENT]]));
  const malformedKeys: Detail[] = KEY_KINDS.map((kind) => ({ [kind]: [NAME.isNot] }));
  return {
    accepted: KEY_KINDS.map((keyKind) => ({
      keyKind,
      pattern: { ...envelope, detail: { ...wellFormed, ...neither, [keyKind]: [NAME.is] } },
    })),
    refused: { ...envelope, detail: { $or: [...malformed, both, neither, ...malformedKeys] } },
  };
}
