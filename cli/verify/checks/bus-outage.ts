import { handlerMessage } from '../../webhook-answer';
import { broken, type Check, held } from '../check';
import { ARRIVAL } from '../trial';

/** IAM takes up to a minute or so to apply a changed policy everywhere. */
const POLICY_TIMEOUT_MS = 3 * 60_000;

/** What happens to messages while the bus is not available. */
export const BUS_OUTAGE_CHECKS: readonly Check[] = [
  {
    id: 'bus-outage/parked',
    promise:
      'A message that the bus does not take is answered 202, waits in the fallback queue, and is redriven to the bus.',
    source: 'docs/momento-to-eventbridge.md',
    local: {
      does: 'denies PutEvents by the role of the function; feeds the redrive function from the queue',
      evidence: 'documentation',
    },
    async run(trial) {
      // Only the webhook's handler is denied the bus, so that the redrive is seen too.
      await trial.deploy({ withoutBus: true });
      try {
        let refused = 0;
        const parked = await trial.until(
          async () => {
            const message = trial.message();
            const answer = await trial.post(message);
            if (handlerMessage(answer) === 'Accepted' && answer.status === 202) return message;
            refused += 1;
            return undefined;
          },
          { timeoutMs: POLICY_TIMEOUT_MS },
        );
        if (!parked) return broken(`None of ${refused.toString()} messages was answered 202 while the bus was denied.`);
        const event = await trial.eventOf(parked.topic, ARRIVAL);
        if (!event) return broken('A message was answered 202, and is not on the bus after a minute.');
        const isSame = event.detail.text === parked.text && event['detail-type'] === `${parked.cache}#${parked.topic}`;
        const seen = `Denied the bus, the handler answered 202, and the redrive function put ${event['detail-type']} on the bus.`;
        return isSame ? held(seen) : broken(seen);
      } finally {
        await trial.deploy({ withoutBus: false });
      }
    },
  },
];
