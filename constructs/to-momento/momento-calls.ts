import * as events from 'aws-cdk-lib/aws-events';
import type { KeyKind } from './command-patterns';
import { MomentoCommand } from '../common/momento-command';

/** The call of Momento's HTTP API that a command becomes, as an API destination and its targets state it. */
export interface MomentoCall {
  /** The construct id of what belongs to the command. */
  readonly id: string;
  readonly description: string;
  readonly method: events.HttpMethod;
  /** Each `*` is one of `pathParameterValues`, in their order. */
  readonly path: string;
  readonly pathParameterValues: readonly string[];
  readonly queryStringParameters: Readonly<Record<string, string>>;
  readonly headerParameters: Readonly<Record<string, string>>;
  readonly body: events.RuleTargetInput;
}

/**
 * By InputPath, and not in a template: EventBridge escapes nothing that it puts in a template, so a quotation mark in
 * a message would break it.
 */
const MESSAGE = events.RuleTargetInput.fromEventPath('$.detail.message');

/** Instead of the whole event, which would be the body by default, and is none of Momento's business. */
const NOTHING = events.RuleTargetInput.fromObject({});

/**
 * The call of a command.
 *
 * Only the key that the command has is sent: for a path that an event lacks, EventBridge sends an empty value.
 */
export function momentoCall(command: MomentoCommand, keyKind?: KeyKind): MomentoCall {
  const key = keyKind && { [keyKind]: `$.detail.${keyKind}` };
  const cacheItem = { path: '/cache/*', pathParameterValues: ['$.detail.cacheName'], headerParameters: {} };
  switch (command) {
    case MomentoCommand.CACHE_SET:
      return {
        ...cacheItem,
        id: 'CacheSet',
        description: 'Sets an item of a Momento cache',
        method: events.HttpMethod.PUT,
        queryStringParameters: { ...key, ttl_seconds: '$.detail.ttl' },
        body: MESSAGE,
      };
    case MomentoCommand.CACHE_DELETE:
      return {
        ...cacheItem,
        id: 'CacheDelete',
        description: 'Deletes an item of a Momento cache',
        method: events.HttpMethod.DELETE,
        queryStringParameters: { ...key },
        body: NOTHING,
      };
    case MomentoCommand.TOPIC_PUBLISH:
      return {
        id: 'TopicPublish',
        description: 'Publishes to a Momento topic',
        method: events.HttpMethod.POST,
        path: '/topics/*/*',
        pathParameterValues: ['$.detail.cacheName', '$.detail.topicName'],
        queryStringParameters: {},
        // Momento's documentation has text/plain for text and does not mention EventBridge's own application/json. Set on
        // the target, because the connection would keep it as a secret.
        headerParameters: { 'Content-Type': 'text/plain' },
        body: MESSAGE,
      };
  }
}
