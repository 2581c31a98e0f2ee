import { MomentoCommand } from '../common/momento-command';
import { type EventEntry, eventEntry, type EventOptions } from './event-entry';

/** An item of a cache. */
export interface CacheItem {
  /** The cache, which exists. */
  readonly cacheName: string;
  /** The item's key: text, or bytes, which are sent as base64. Not empty. */
  readonly key: string | Uint8Array;
}

/**
 * What is stored or published: text, or bytes, which are sent as base64.
 *
 * Text arrives by API destination as a JSON string, in double quotes, and by Lambda exactly as it is. Bytes arrive by Lambda
 * alone: by API destination a command with bytes is a dead letter.
 */
export type Message = string | Uint8Array;

/** What a cache item is set to, and for how long. */
export interface CacheSet extends CacheItem {
  /** The item's value. */
  readonly message: Message;
  /** Whole seconds from 1 until Momento forgets the item. Momento's own limit is 24 hours on demand. */
  readonly ttl: number;
}

/** What is published to a topic. */
export interface TopicPublish {
  /** The cache that the topic belongs to, which exists. */
  readonly cacheName: string;
  readonly topicName: string;
  /** Momento takes at most 4 KB, by API destination with the double quotes and what JSON escapes. */
  readonly message: Message;
}

/**
 * Builds the three commands. A field that breaks their contract is a `TypeError` that names it: what patterns let through, such
 * as a `ttl` of 0, is found here, before it is sent.
 */
export const momentoCommand = {
  /** Sets a cache item. */
  cacheSet(command: CacheSet, options: EventOptions): EventEntry {
    const fields = new Fields(MomentoCommand.CACHE_SET, command);
    return fields.entry({ ...fields.cacheItem(), ...fields.message(), ...fields.ttl() }, options);
  },

  /** Deletes a cache item, if there is one. */
  cacheDelete(command: CacheItem, options: EventOptions): EventEntry {
    const fields = new Fields(MomentoCommand.CACHE_DELETE, command);
    return fields.entry(fields.cacheItem(), options);
  },

  /** Publishes to a topic. */
  topicPublish(command: TopicPublish, options: EventOptions): EventEntry {
    const fields = new Fields(MomentoCommand.TOPIC_PUBLISH, command);
    return fields.entry({ ...fields.name('cacheName'), ...fields.name('topicName'), ...fields.message() }, options);
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
    this.given = { ...given };
  }

  public entry(detail: Detail, options: EventOptions): EventEntry {
    return eventEntry(this.command, detail, options);
  }

  public name(field: string): Detail {
    const name = this.given[field];
    return typeof name === 'string' && name !== '' ? { [field]: name } : this.refuse(field, NOT_EMPTY);
  }

  public cacheItem(): Detail {
    const { key } = this.given;
    if (key instanceof Uint8Array && key.length > 0) {
      return { ...this.name('cacheName'), key_base64: base64(key) };
    }
    return { ...this.name('cacheName'), ...this.name('key') };
  }

  public message(): Detail {
    const { message } = this.given;
    if (message instanceof Uint8Array) {
      return { message_base64: base64(message) };
    }
    return typeof message === 'string' ? { message } : this.refuse('message', 'a string or a Uint8Array');
  }

  public ttl(): Detail {
    const { ttl } = this.given;
    return Number.isSafeInteger(ttl) && (ttl as number) > 0
      ? { ttl: ttl as number }
      : this.refuse('ttl', 'a whole number of seconds from 1');
  }

  /** Says nothing of the value, which may be confidential. */
  private refuse(field: string, expected: string): never {
    throw new TypeError(`${this.command}: ${field} is not ${expected}.`);
  }
}

/** As Momento has it: the alphabet of URLs, without padding. */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

const NOT_EMPTY = 'a string of one character or more';
