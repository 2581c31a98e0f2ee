import { createHash } from 'node:crypto';
import { Token } from 'aws-cdk-lib';

/** The source of Momento's messages on the bus. */
export const SOURCE = 'Momento';

/** Between the names of a cache and a topic in a detail-type. */
export const SEPARATOR = '#';

/** EventBridge's limit: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html */
const MAX_CHARACTERS = 128;
const DIGEST_CHARACTERS = 16;

/**
 * The detail-type of the messages of one topic, as the handler computes it.
 *
 * Characters are Unicode code points here and in the handler: a limit in UTF-16 units could split a surrogate pair, and the
 * two sides would disagree.
 */
export function detailType(cacheName: string, topicName: string): string {
  if (Token.isUnresolved(cacheName) || Token.isUnresolved(topicName)) {
    throw new Error(
      'cacheName and topicName must be known at synth, got a token: a long detail-type is hashed. Match detail.cache and ' +
        'detail.topic instead, as pattern() does.',
    );
  }
  const full = `${cacheName}${SEPARATOR}${topicName}`;
  const characters = Array.from(full);
  if (characters.length <= MAX_CHARACTERS) {
    return full;
  }
  const digest = createHash('sha256').update(full, 'utf8').digest('hex').slice(0, DIGEST_CHARACTERS);
  return [...characters.slice(0, MAX_CHARACTERS - 1 - DIGEST_CHARACTERS), '~', digest].join('');
}
