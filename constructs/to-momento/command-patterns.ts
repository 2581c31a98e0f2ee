import type { EventPattern } from 'aws-cdk-lib/aws-events';
import { MomentoCommand } from '../common/momento-command';

/** The kinds of key of a cache item. A topic has no key. */
export type KeyKind = 'key' | 'key_base64';

/** One event pattern that matches a valid command. */
export interface AcceptedCommand {
  readonly keyKind?: KeyKind;
  readonly pattern: EventPattern;
}

/** The event patterns of one command: every event with its detail-type matches exactly one of them. */
export interface CommandPatterns {
  readonly accepted: readonly AcceptedCommand[];
  readonly rejected: EventPattern;
}

export type Matcher = string | Record<string, unknown>;

/** What a valid field matches, and what an invalid one matches. */
export interface FieldMatchers {
  readonly is: Matcher;
  readonly isNot: Matcher;
}

type Detail = Record<string, readonly Matcher[]>;

export const ABSENT = { exists: false };
const PRESENT = { exists: true };

/**
 * The matcher of a valid field, and that of an invalid one.
 *
 * A pattern has no "not", and no "and" for one field. So each field has one matcher and that matcher's own negation:
 * exactly one of the two matches, however EventBridge reads a value. A value that neither matched would be a command that
 * vanishes. That is why a `ttl` is any value but a string, and not a range: a number as large as 1e400 is in no range.
 * Momento rejects invalid values that these matchers accept.
 */
export const NAME: FieldMatchers = { is: { 'anything-but': [''] }, isNot: '' };
export const TEXT: FieldMatchers = { is: { wildcard: '*' }, isNot: { 'anything-but': { wildcard: '*' } } };
export const NUMBER: FieldMatchers = { is: TEXT.isNot, isNot: TEXT.is };
/** A binary message, which EventBridge cannot decode: the field must be absent. */
const NONE = { is: ABSENT, isNot: PRESENT };

const KEY_KINDS: readonly KeyKind[] = ['key', 'key_base64'];

const FIELDS: Record<MomentoCommand, Record<string, FieldMatchers>> = {
  [MomentoCommand.CACHE_SET]: { cacheName: NAME, message: TEXT, message_base64: NONE, ttl: NUMBER },
  [MomentoCommand.CACHE_DELETE]: { cacheName: NAME },
  [MomentoCommand.TOPIC_PUBLISH]: { cacheName: NAME, topicName: NAME, message: TEXT, message_base64: NONE },
};

/**
 * The one pattern of a command, for a target that validates the fields itself.
 *
 * @param sources the sources to accept events from; if empty, every source
 */
export function commandPattern(command: MomentoCommand, sources: readonly string[] = []): EventPattern {
  return { ...(sources.length > 0 && { source: [...sources] }), detailType: [command] };
}

/**
 * The patterns of one command, for targets that validate nothing.
 *
 * @param sources the sources to accept events from; if empty, every source
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
      rejected: { ...envelope, detail: { $or: malformed } },
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
    rejected: { ...envelope, detail: { $or: [...malformed, both, neither, ...malformedKeys] } },
  };
}
