import { MomentoCommand } from '../common/momento-command';
import { type EventEntry, eventEntry, type EventOptions, nonEmptyText, wellFormedText } from './event-entry';

/** The key of a cache item: text or bytes, not empty. Bytes are sent as base64. */
export type CacheKey =
  | { readonly key: string | Uint8Array; readonly key_base64?: undefined }
  /** The bytes in base64, of either alphabet, with or without padding. */
  | { readonly key?: undefined; readonly key_base64: string };

/** An item of a cache. */
export type CacheItem = CacheKey & {
  /** The cache, which exists. */
  readonly cacheName: string;
};

/**
 * What is stored or published: text, or bytes, which are sent as base64.
 *
 * Text arrives by API destination as a JSON string, in double quotes, and by Lambda exactly as it is. Bytes arrive by Lambda
 * alone: by API destination a command with bytes is a dead letter.
 */
export type Message = string | Uint8Array;

/** The message of a command. */
export type WithMessage =
  | { readonly message: Message; readonly message_base64?: undefined }
  /** The bytes in base64, of either alphabet, with or without padding. */
  | { readonly message?: undefined; readonly message_base64: string };

/** What a cache item is set to, and for how long. */
export type CacheSet = CacheItem &
  WithMessage & {
    /** Whole seconds from 1 until Momento forgets the item. Momento's own limit is 24 hours on demand. */
    readonly ttl: number;
  };

/** What is published to a topic: 4,096 bytes at most, by API destination 4,094 with what JSON escapes, since quotes are added. */
export type TopicPublish = WithMessage & {
  /** The cache that the topic belongs to, which exists. */
  readonly cacheName: string;
  readonly topicName: string;
};

/** The most bytes that Momento accepts as a topic message. */
const MAX_TOPIC_MESSAGE_BYTES = 4_096;

/**
 * Builds the three commands. An invalid field is a `TypeError` that names it: what patterns let through, such as a `ttl` of 0, is
 * found here, before it is sent. Too large a topic message, or event (1 MB), is a `RangeError`. Fields that a command does not
 * have are not sent.
 */
export const momentoCommand = {
  /** Sets a cache item. */
  cacheSet(command: CacheSet, options: EventOptions): EventEntry {
    const fields = new Fields(MomentoCommand.CACHE_SET, command);
    return fields.entry(
      { ...fields.name('cacheName'), ...fields.key(), ...fields.message(), ...fields.ttl() },
      options,
    );
  },

  /** Deletes a cache item, if there is one. */
  cacheDelete(command: CacheItem, options: EventOptions): EventEntry {
    const fields = new Fields(MomentoCommand.CACHE_DELETE, command);
    return fields.entry({ ...fields.name('cacheName'), ...fields.key() }, options);
  },

  /** Publishes to a topic. */
  topicPublish(command: TopicPublish, options: EventOptions): EventEntry {
    const fields = new Fields(MomentoCommand.TOPIC_PUBLISH, command);
    const names = { ...fields.name('cacheName'), ...fields.name('topicName') };
    return fields.entry({ ...names, ...fields.message(MAX_TOPIC_MESSAGE_BYTES) }, options);
  },
} as const;

type Detail = Record<string, string | number>;

/** The fields of a command, each checked when it is read: the compiler has checked them for TypeScript only. */
class Fields {
  private readonly given: Readonly<Record<string, unknown>>;

  public constructor(
    private readonly command: MomentoCommand,
    given: CacheSet | CacheItem | TopicPublish,
  ) {
    // JavaScript can pass nothing. A copy would lack the getters of a class.
    this.given = Object(given) as Readonly<Record<string, unknown>>;
  }

  public entry(detail: Detail, options: EventOptions): EventEntry {
    return eventEntry(this.command, detail, options);
  }

  public name(field: string): Detail {
    return { [field]: nonEmptyText(this.command, field, this.given[field]) };
  }

  public key(): Detail {
    const bytes = this.bytes('key');
    if (!bytes) return this.name('key');
    return bytes.length > 0 ? { key_base64: bytes.toString('base64url') } : this.refuse('key', 'not be empty');
  }

  public message(maxBytes = Infinity): Detail {
    const bytes = this.bytes('message');
    const { message } = this.given;
    const text = bytes ? '' : wellFormedText(this.command, 'message', message, 'a string or a Uint8Array');
    if ((bytes?.length ?? Buffer.byteLength(text)) > maxBytes) {
      throw new RangeError(`${this.command}: message must have at most ${maxBytes.toString()} bytes.`);
    }
    return bytes ? { message_base64: bytes.toString('base64url') } : { message: text };
  }

  public ttl(): Detail {
    const { ttl } = this.given;
    return Number.isSafeInteger(ttl) && (ttl as number) > 0
      ? { ttl: ttl as number }
      : this.refuse('ttl', 'be a whole number of seconds from 1');
  }

  /** The bytes of a field that was given as bytes, or in base64; nothing where it was not. */
  private bytes(field: 'key' | 'message'): Buffer | undefined {
    const { [field]: value, [`${field}_base64`]: base64 } = this.given;
    if (base64 === undefined) {
      // An `instanceof` would refuse those of another realm, such as of a test runner's sandbox.
      return ArrayBuffer.isView(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : undefined;
    }
    if (value !== undefined) this.refuse(`${field}_base64`, `not be given together with ${field}`);
    return typeof base64 === 'string' && isBase64(base64)
      ? Buffer.from(base64, 'base64')
      : this.refuse(`${field}_base64`, 'be base64');
  }

  /** Says nothing of the value, which may be confidential. */
  private refuse(field: string, expected: string): never {
    throw new TypeError(`${this.command}: ${field} must ${expected}.`);
  }
}

/** Not one pattern of groups of four, which would overflow the stack on some megabytes. */
function isBase64(text: string): boolean {
  const digits = text.replace(/={1,2}$/, '');
  const isPadded = digits.length < text.length;
  return /^[-\w+/]*$/.test(digits) && (isPadded ? text.length % 4 === 0 : digits.length % 4 !== 1);
}
