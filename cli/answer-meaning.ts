import { handlerMessage, isRefusal, type WebhookAnswer } from './webhook-answer';

/** What the sender knows that the answer does not say. */
export interface Circumstances {
  /** The request was made so that it is refused. */
  readonly refusalExpected: boolean;
  /** It is the second copy. */
  readonly isReplay: boolean;
}

/** Momento waits so long. */
const MOMENTO_GIVES_UP_MS = 5_000;
/** A clock that is further off than this is worth a word, when the age of a message may be what was wrong. */
const NOTABLE_CLOCK_ERROR = 5;

/** Says what an answer means, and what to do about it. */
export function meaning(answer: WebhookAnswer, circumstances: Circumstances): string {
  const late =
    answer.milliseconds > MOMENTO_GIVES_UP_MS
      ? ' It came after more than 5 s, when Momento has given up already and counts the message as failed.'
      : '';
  return (isRefusal(answer) ? ofRefusal(answer, circumstances) : ofStatus(answer, circumstances)) + late;
}

function ofRefusal({ clockAheadBy }: WebhookAnswer, { refusalExpected }: Circumstances): string {
  if (refusalExpected) return 'Refused, as it should be. Nothing is on the bus.';
  const clock =
    clockAheadBy !== undefined && Math.abs(clockAheadBy) >= NOTABLE_CLOCK_ERROR
      ? ` Look at the clock first: this machine's is about ${Math.abs(clockAheadBy).toString()} s ` +
        `${clockAheadBy > 0 ? 'ahead of' : 'behind'} the server's, and messages too old or too far ahead are refused.`
      : '';
  return (
    'The handler refused the signature or the age of this request. It does not tell a sender which, but its log ' +
    `does: look for "rejected" and its reason.${clock} Otherwise: is what was signed with one of the signing secrets in the ` +
    "construct's secret, to the letter (a line break at its end counts)? Does --algorithm say what the construct's " +
    'signatureAlgorithm does? Does something on the way alter the body?'
  );
}

function ofStatus(answer: WebhookAnswer, { refusalExpected, isReplay }: Circumstances): string {
  const { status } = answer;
  const message = handlerMessage(answer);
  switch (status) {
    case 200:
      if (message === 'Duplicate') {
        return isReplay
          ? 'Recognised as a replay, as it should be. It is not on the bus again.'
          : 'The handler has had this very request before, and did not put it on the bus again.';
      }
      if (message !== 'Success') {
        return 'Whatever answered is not the handler: is this the URL that the stack has as an output? Nothing is known of the event.';
      }
      if (refusalExpected)
        return 'It should have been refused, and is on the bus: is the handler a version of this package?';
      if (isReplay) {
        return (
          'The replay is on the bus a second time: it met another environment of the function, and each remembers for ' +
          'itself what it has seen. A table shared by all of them (replayProtection) would have stopped it.'
        );
      }
      return "The event is on the bus. If a target did not get it, compare the rule's pattern with source, detail-type and detail.";
    case 202:
      return (
        'The bus did not take the event, and it waits in the fallback queue. ' +
        '`cdk-momento-eventbridge dlq` shows the reason, `cdk-momento-eventbridge redrive` puts it on the bus.'
      );
    case 400:
      return 'The signature is right, but the body is no topic message: the answer says what is wrong with it.';
    case 403:
      return (
        'This is not the answer of the handler but of AWS, or of something in front of it: the request did not get through. A ' +
        'Function URL needs two permissions for everybody, lambda:InvokeFunctionUrl and lambda:InvokeFunction; aws-cdk-lib ' +
        'gives both since 2.220.0.'
      );
    case 404:
      return 'There is nothing at this address: compare it with the URL that the stack has as an output.';
    case 405:
      return 'The address takes no POST, which the handler does: is this the URL that the stack has as an output?';
    case 413:
      return 'The body is larger than is taken (the handler takes 120 KiB). Momento does not send messages of that size.';
    case 429:
      return (
        'Lambda had no environment to spare: the reserved concurrency of the function, or that of the account, is used up. ' +
        'Momento does not try again, so a genuine message is lost. See docs/floods.md.'
      );
    case 500:
    case 502:
    case 504:
      return 'The function failed or ran out of time before it answered. Its log says why.';
    case 503:
      return message === 'Service Unavailable'
        ? 'The handler cannot take it just now; its log says why. Either there is no signing secret to check with: none put ' +
            'in yet, unreadable, or Secrets Manager was down at a cold start. Or neither the bus nor the fallback queue took ' +
            'the event: then it is in the log at level ERROR, and `cdk-momento-eventbridge redrive --file` puts it on the ' +
            'bus. Or another environment is at work on the same request, or the replay table is down and the construct was ' +
            'told to refuse what it cannot look up.'
        : 'Something in front of the handler, or AWS itself, is unavailable: try again.';
    default:
      if (status >= 300 && status < 400) {
        return 'The address sends its callers elsewhere. Give the webhook the final address: a redirected POST loses its body.';
      }
      return 'This is not an answer that the handler gives: is this the URL that the stack has as an output?';
  }
}
