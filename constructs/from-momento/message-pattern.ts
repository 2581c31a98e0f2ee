import { Token } from 'aws-cdk-lib';
import type { EventPattern } from 'aws-cdk-lib/aws-events';
import { detailType } from './detail-type';
import type { MomentoMessageFilter } from './momento-message-filter';

const SOURCE = 'Momento';

/**
 * The event pattern of the messages that `filter` means.
 *
 * The detail-type alone would not do: cache `a#b`, topic `c` and cache `a`, topic `b#c` share theirs.
 */
export function messagePattern(filter: MomentoMessageFilter): EventPattern {
  const { cacheName, topicName, tokenId } = filter;
  refuseEmpty({ cacheName, topicName, tokenId });

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

/**
 * Refuses a pattern of the caller's own that names a field `pattern` already names: a rule merges the two by accepting
 * the values of either, and would take more messages than were asked for, not fewer.
 */
export function refuseWidening(pattern: EventPattern, own: EventPattern): void {
  const fields = [
    ...Object.keys(pattern).filter((field) => field !== 'detail' && field in own),
    ...Object.keys(pattern.detail ?? {})
      .filter((field) => field in (own.detail ?? {}))
      .map((field) => `detail.${field}`),
  ];
  if (fields.length > 0) {
    throw new Error(
      `eventPattern also sets ${fields.join(' and ')}, which onMessage sets itself; the rule would accept the values of ` +
        'either. Leave it out of eventPattern, or write a Rule of your own from pattern().',
    );
  }
}

function refuseEmpty(names: MomentoMessageFilter): void {
  for (const [member, name] of Object.entries(names)) {
    if (name === '') {
      throw new Error(`${member} is an empty string, which no message matches. Leave it out to match any.`);
    }
  }
}
