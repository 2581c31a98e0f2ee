import type { Construct } from 'constructs';
import { checkEventPath } from './event-path';
import type { TemplateTtl } from './template-ttl';
import { MomentoCommand } from '../common/momento-command';
import { checkedNameTemplate, checkedTemplate, warnOfMalformedJson } from '../common/text-template';

/**
 * How an event becomes a cache item. Each text is a template: `MomentoCommandTemplate` says how.
 */
export interface CacheSetTemplate {
  /**
   * The name of the cache, which must exist.
   */
  readonly cacheName: string;

  /**
   * The key of the item, such as `order-{detail.id}`.
   */
  readonly key: string;

  /**
   * The value of the item.
   *
   * @default '{detail}', the event's whole detail as JSON
   */
  readonly message?: string;

  /**
   * The time to live of the item.
   */
  readonly ttl: TemplateTtl;
}

/**
 * Which cache item an event deletes. Each text is a template: `MomentoCommandTemplate` says how.
 */
export interface CacheDeleteTemplate {
  /**
   * The name of the cache, which must exist.
   */
  readonly cacheName: string;

  /**
   * The key of the item, such as `order-{detail.id}`.
   */
  readonly key: string;
}

/**
 * How an event becomes a topic message. Each text is a template: `MomentoCommandTemplate` says how.
 */
export interface TopicPublishTemplate {
  /**
   * The name of the cache that the topic belongs to, which must exist.
   */
  readonly cacheName: string;

  /**
   * The name of the topic, such as `orders-{region}`.
   */
  readonly topicName: string;

  /**
   * The message. Momento accepts 4 KB.
   *
   * @default '{detail}', the event's whole detail as JSON
   */
  readonly message?: string;
}

/** A command in which the texts are templates, checked. `ttl` is a number, or one placeholder. */
export interface CommandTemplateFields {
  readonly command: MomentoCommand;
  readonly cacheName: string;
  readonly key?: string;
  readonly topicName?: string;
  readonly message?: string;
  readonly ttl?: number | string;
}

/**
 * The command that an event of yours becomes, for `EventBridgeToMomento.onEvent()`.
 *
 * In a text, a path in braces stands for what the event has there: `{detail.id}`, `{detail.items[0].sku}`, `{source}`,
 * `{detail-type}`, `{id}`, `{time}`, `{account}`, `{region}`, `{resources[0]}`, or `{detail}`, the whole detail. A member whose
 * name has a dot, a bracket or a brace cannot be named. `{{` and `}}` are literal braces.
 *
 * Names and keys take strings, numbers and booleans. A message takes anything: a string as it is, anything else as the JSON
 * that is in the event. A message that is a JSON object, array or string, such as `{{"id":"{detail.id}","n":{detail.n}}}`, is
 * valid JSON for every event: within double quotes a value is escaped, elsewhere it is written as JSON.
 *
 * Different values never make the same name or key: with several placeholders, such as `{detail.shop}#{detail.id}`, `%` and the
 * characters between two of them (except letters and digits) are percent-encoded in the values.
 *
 * An event that lacks a value, or has one of another type, goes to the dead-letter queue, with the placeholder in the reason.
 *
 * `Delivery.apiDestinations()` can do less: a name, a key or a message is either one placeholder or has none.
 */
export abstract class MomentoCommandTemplate {
  /**
   * Sets a cache item.
   *
   * @param template its names, key, value and time to live
   */
  public static cacheSet(template: CacheSetTemplate): MomentoCommandTemplate {
    const { ttl, message = DETAIL, ...names } = template;
    return new Template(MomentoCommand.CACHE_SET, names, message, ttl);
  }

  /**
   * Deletes a cache item. A missing item is not an error.
   *
   * @param template its names and key
   */
  public static cacheDelete(template: CacheDeleteTemplate): MomentoCommandTemplate {
    return new Template(MomentoCommand.CACHE_DELETE, template);
  }

  /**
   * Publishes a message to a topic.
   *
   * @param template its names and the message
   */
  public static topicPublish(template: TopicPublishTemplate): MomentoCommandTemplate {
    const { message = DETAIL, ...names } = template;
    return new Template(MomentoCommand.TOPIC_PUBLISH, names, message);
  }

  /**
   * Checks the templates.
   *
   * @internal
   */
  public abstract _bind(scope: Construct): CommandTemplateFields;
}

const DETAIL = '{detail}';

interface Names {
  readonly cacheName: string;
  readonly key?: string;
  readonly topicName?: string;
}

class Template extends MomentoCommandTemplate {
  public constructor(
    private readonly command: MomentoCommand,
    private readonly names: Names,
    private readonly message?: string,
    private readonly ttl?: TemplateTtl,
  ) {
    super();
  }

  /** @internal */
  public _bind(scope: Construct): CommandTemplateFields {
    const { command, message, ttl } = this;
    const { cacheName, key, topicName } = this.names;
    const check = (prop: string, paths: readonly string[]): void => {
      for (const path of paths) checkEventPath(scope, prop, path);
    };
    for (const [field, text] of Object.entries({ cacheName, key, topicName })) {
      const prop = `command.${field}`;
      if (text !== undefined) check(prop, checkedNameTemplate(scope, prop, text, PLACEHOLDERS));
    }
    if (message !== undefined) {
      check('command.message', checkedTemplate(scope, 'command.message', message, PLACEHOLDERS));
      warnOfMalformedJson(scope, 'command.message', message, PLACEHOLDERS);
    }
    return {
      command,
      cacheName,
      ...(key !== undefined && { key }),
      ...(topicName !== undefined && { topicName }),
      ...(message !== undefined && { message }),
      ...(ttl && { ttl: ttl._bind(scope, 'command.ttl') }),
    };
  }
}

const PLACEHOLDERS = 'placeholders';
