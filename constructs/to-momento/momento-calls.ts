import * as events from 'aws-cdk-lib/aws-events';
import type { KeyKind } from './command-patterns';
import { MomentoCommand } from '../common/momento-command';

/** The call of Momento's HTTP API for a command, as an API destination and its targets describe it. */
export interface MomentoCall {
  /** The construct id for the command's resources. */
  readonly id: string;
  readonly description: string;
  readonly method: events.HttpMethod;
  /** Each `*` stands for one of `pathParameterValues`, in their order. */
  readonly path: string;
  readonly pathParameterValues: readonly string[];
  readonly queryStringParameters: Readonly<Record<string, string>>;
  readonly headerParameters: Readonly<Record<string, string>>;
  readonly body: events.RuleTargetInput;
}

/**
 * By InputPath, not by an input template: EventBridge escapes nothing in a template, so a quotation mark in a message would
 * break it.
 */
const MESSAGE = events.RuleTargetInput.fromEventPath('$.detail.message');

/** Instead of the whole event, which is the default body and holds more than Momento needs. */
const NOTHING = events.RuleTargetInput.fromObject({});

/**
 * The call of a command.
 *
 * Only the key that the command has is sent: EventBridge sends an empty value for a path that is not in the event.
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
        // Momento documents text/plain for text, and says nothing about EventBridge's application/json. It is set on the
        // target because a connection treats headers as secrets.
        headerParameters: { 'Content-Type': 'text/plain' },
        body: MESSAGE,
      };
  }
}
