import { Token } from 'aws-cdk-lib';
import type { EventPattern } from 'aws-cdk-lib/aws-events';
import { detailType, SOURCE } from '../common/detail-type';
import type { MomentoMessageFilter, MomentoTopicFilter } from './momento-message-filter';

/** The source of events about a subscription itself. */
export const SUBSCRIPTION_SOURCE = 'Momento.Subscription';

const MESSAGES_MISSED = 'Topic Messages Missed';

/**
 * The event pattern for the messages that match `filter`.
 *
 * The detail-type alone is not enough: cache `a#b`, topic `c` and cache `a`, topic `b#c` share theirs.
 */
export function messagePattern(filter: MomentoMessageFilter): EventPattern {
  const { cacheName, topicName, tokenId } = filter;
  checkNotEmpty({ cacheName, topicName, tokenId });

  const bothNamesKnown =
    cacheName !== undefined &&
    topicName !== undefined &&
    !Token.isUnresolved(cacheName) &&
    !Token.isUnresolved(topicName);
  const detail = {
    ...(cacheName !== undefined && { cache: [cacheName] }),
    ...(topicName !== undefined && { topic: [topicName] }),
    ...(tokenId !== undefined && { token_id: [tokenId] }),
  };
  return {
    source: [SOURCE],
    ...(bothNamesKnown && { detailType: [detailType(cacheName, topicName)] }),
    ...(Object.keys(detail).length > 0 && { detail }),
  };
}

/** The event pattern for the gaps in the topics that match `filter`. */
export function missedMessagesPattern(filter: MomentoTopicFilter): EventPattern {
  const { detail } = messagePattern(filter);
  return { source: [SUBSCRIPTION_SOURCE], detailType: [MESSAGES_MISSED], ...(detail && { detail }) };
}

/** The method that makes a rule, and the one that returns its pattern. */
export interface RuleMethods {
  readonly rule: string;
  readonly pattern: string;
}

/**
 * Rejects a pattern of the caller's own with a field that `pattern` has already: a rule merges the two by accepting the
 * values of either, and would match more messages, not fewer.
 */
export function checkNotWidening(methods: RuleMethods, pattern: EventPattern, own: EventPattern): void {
  const fields = [
    ...Object.keys(pattern).filter((field) => field !== 'detail' && field in own),
    ...Object.keys(pattern.detail ?? {})
      .filter((field) => field in (own.detail ?? {}))
      .map((field) => `detail.${field}`),
  ];
  if (fields.length > 0) {
    throw new Error(
      `eventPattern must not set ${fields.join(' and ')}, which ${methods.rule} sets: the rule would accept the values of ` +
        `either. Leave it out of eventPattern, or create a Rule of your own with ${methods.pattern}().`,
    );
  }
}

function checkNotEmpty(names: MomentoMessageFilter): void {
  for (const [member, name] of Object.entries(names)) {
    if (name === '') {
      throw new Error(`${member} must not be empty. Leave it out to match any.`);
    }
  }
}
