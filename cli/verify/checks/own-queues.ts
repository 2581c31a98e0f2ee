import { printable } from '../../printable';
import { handlerMessage } from '../../webhook-answer';
import { broken, type Check, held, notHere } from '../check';
import { cacheAnswered } from '../echo';
import { SOURCES } from '../stack-facts';
import type { Trial } from '../trial';

const MANUAL = 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html';
/** A refused command is a dead letter at once. A changed role or key policy takes up to a minute or so. */
const PATIENCE = { timeoutMs: 3 * 60_000 };
const LOCAL_PATIENCE = { timeoutMs: 60_000 };

/** Queues that are not the construct's: in another stack, encrypted with a customer-managed key. */
export const OWN_QUEUE_CHECKS: readonly Check[] = [
  {
    id: 'own-queues/parked',
    promise:
      "A message that the bus does not take is parked in a fallback queue of another stack, encrypted with that stack's own key, and redriven.",
    source: MANUAL,
    local: {
      does: 'asks a function for the permissions on queues, but not for those on keys',
      evidence: 'not modelled',
    },
    async run(trial) {
      const key = await keyOf(trial, 'OwnFallbackUrl');
      if (key === undefined) return broken('The queue is not encrypted with a key of its own.');
      const message = trial.message();
      const answer = await trial.postTo('OwnQueuesUrl', message);
      const answered = `Without the bus the request is answered ${answer.status.toString()} ${printable(answer.body.slice(0, 200))}`;
      if (answer.status !== 202 || handlerMessage(answer) !== 'Accepted') return broken(`${answered}.`);
      const event = await trial.eventOf(message.topic);
      if (!event) return broken(`${answered}, and its event is not on the bus after a minute.`);
      const seen = `${answered}, and the redrive function put ${event['detail-type']} on the bus.`;
      if (event.detail.text !== message.text) return broken(seen);
      return trial.isLocal ? notHere(`${seen} The local AWS lets every function use every key.`) : held(seen);
    },
  },
  {
    id: 'own-queues/dead-letters',
    promise: 'The dead letters of a rule reach a queue of another stack that is encrypted with its own key.',
    source: MANUAL,
    local: {
      does: "sends a dead letter to an encrypted queue only if the queue's policy and the key's let EventBridge in",
      evidence: 'documentation',
      rules: ['queue_target_delivery'],
    },
    async run(trial) {
      const key = await keyOf(trial, 'OwnDeadLettersUrl');
      if (key === undefined) return broken('The queue is not encrypted with a key of its own.');
      const detail = { cacheName: cacheAnswered(400), key: trial.nextName(), message: 'hello', ttl: 60 };
      await trial.putCommand(SOURCES.ownQueues, 'cacheSet', detail);
      const letter = await trial.messageIn(
        trial.output('OwnDeadLettersUrl'),
        ({ body }) => body.includes(`"${detail.key}"`),
        trial.isLocal ? LOCAL_PATIENCE : PATIENCE,
      );
      return letter
        ? held(`The dead letter of a refused command is in the queue, with ERROR_CODE ${said(letter.attributes)}.`)
        : broken('The dead letter of a refused command did not come.');
    },
  },
];

function said({ ERROR_CODE = 'missing' }: Readonly<Record<string, string>>): string {
  return printable(ERROR_CODE);
}

/** The key that a queue is encrypted with, where it is not one of SQS. */
async function keyOf(trial: Trial, output: string): Promise<string | undefined> {
  const { GetQueueAttributesCommand } = await import('@aws-sdk/client-sqs');
  const get = new GetQueueAttributesCommand({ QueueUrl: trial.output(output), AttributeNames: ['KmsMasterKeyId'] });
  const { Attributes: { KmsMasterKeyId: key } = {} } = await trial.clients.sqs.send(get);
  return key;
}
