import { handlerMessage, isRefusal, type WebhookAnswer } from './webhook-answer';

/** What the answer depends on besides itself. */
export interface Circumstances {
  /** The request was made to be rejected. */
  readonly refusalExpected: boolean;
  /** It is the second copy of the request. */
  readonly isReplay: boolean;
}

/** How long Momento waits for an answer. */
const MOMENTO_GIVES_UP_MS = 5_000;
/** A clock error worth mentioning when the age of a message may be the reason of a rejection, in seconds. */
const NOTABLE_CLOCK_ERROR = 5;

/** Says what an answer means, and what to do about it. */
export function meaning(answer: WebhookAnswer, circumstances: Circumstances): string {
  const late =
    answer.milliseconds > MOMENTO_GIVES_UP_MS
      ? ' It took more than 5 s: Momento gives up after 5 s and counts the message as failed.'
      : '';
  return (isRefusal(answer) ? ofRefusal(answer, circumstances) : ofStatus(answer, circumstances)) + late;
}

function ofRefusal({ clockAheadBy }: WebhookAnswer, { refusalExpected }: Circumstances): string {
  if (refusalExpected) return 'Rejected, as expected. Nothing is on the bus.';
  const clock =
    clockAheadBy !== undefined && Math.abs(clockAheadBy) >= NOTABLE_CLOCK_ERROR
      ? ` Check the clock first: this machine's is about ${Math.abs(clockAheadBy).toString()} s ` +
        `${clockAheadBy > 0 ? 'ahead of' : 'behind'} the server's, and messages too old or too far in the future are rejected.`
      : '';
  return (
    'The handler rejected the signature or the age of the request. The answer does not say which; the log of the handler ' +
    `does: search it for "rejected".${clock} Otherwise check that you sign with one of the signing secrets in the construct's ` +
    "secret, that --algorithm matches the construct's signatureAlgorithm, and that nothing on the way changes the body."
  );
}

function ofStatus(answer: WebhookAnswer, { refusalExpected, isReplay }: Circumstances): string {
  const { status } = answer;
  const message = handlerMessage(answer);
  switch (status) {
    case 200:
      if (message === 'Duplicate') {
        return isReplay
          ? 'Recognised as a replay, as expected. It was not put on the bus again.'
          : 'The handler received the same request before and did not put it on the bus again.';
      }
      if (message !== 'Success') {
        return 'The answer is not from the handler: check the URL against the output of the stack. The event is not on the bus as far as this can tell.';
      }
      if (refusalExpected)
        return 'It should have been rejected but is on the bus: check that the handler is a version of this package.';
      if (isReplay) {
        return (
          'The replay is on the bus a second time: another execution environment of the function received it, and each ' +
          'remembers only its own requests. A replay table (replayProtection) is shared by all of them and would stop it.'
        );
      }
      return "The event is on the bus. If a target did not receive it, compare the rule's pattern with source, detail-type and detail.";
    case 202:
      return (
        'The bus was unavailable and the event is in the fallback queue. ' +
        '`cdk-momento-eventbridge undelivered --queue fallback` shows the reason; the redrive handler, or `cdk-momento-eventbridge redrive`, puts it on the bus.'
      );
    case 400:
      return 'The signature is valid, but the body is not a valid topic message: the answer says why.';
    case 403:
      return (
        'AWS, or something in front of the handler, answered: the request did not reach the handler. A Function URL needs two ' +
        'public permissions, lambda:InvokeFunctionUrl and lambda:InvokeFunction; aws-cdk-lib grants both since 2.220.0.'
      );
    case 404:
      return 'There is nothing at this address: check the URL against the output of the stack.';
    case 405:
      return 'The address does not accept POST: check the URL against the output of the stack.';
    case 413:
      return 'The body is too large (the handler accepts 120 KiB). Momento does not send messages of that size.';
    case 429:
      return (
        'Lambda throttled the request: the reserved concurrency of the function, or the concurrency of the account, is used up. ' +
        'Momento does not retry, so a genuine message would be lost. See docs/floods.md.'
      );
    case 500:
    case 502:
    case 504:
      return 'The function failed or timed out before it answered. Its log says why.';
    case 503:
      return message === 'Service Unavailable'
        ? 'The handler cannot accept the message now; its log says why. No valid signing secret may be readable: the secret has ' +
            'no value, or Secrets Manager failed. Or neither the bus nor the fallback queue accepted the event: then it is in ' +
            'the log at level ERROR, and `cdk-momento-eventbridge redrive --file` puts it on the bus. Or another execution ' +
            'environment is handling the same request, or the replay table is unavailable and ReplayTableOutage.REFUSE is set.'
        : 'AWS, or something in front of the handler, is unavailable: retry.';
    default:
      if (status >= 300 && status < 400) {
        return 'The address redirects. Give the webhook the final address: a redirected POST loses its body.';
      }
      return 'The handler does not give this answer: check the URL against the output of the stack.';
  }
}
