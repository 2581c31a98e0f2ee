import { AwsFailure } from '../../aws-call';
import { broken, type Check, held } from '../check';
import { StackFailure } from '../run-stack';
import type { Trial } from '../trial';

/** A deleted queue is gone within a minute. */
const DELETION = { timeoutMs: 2 * 60_000 };

/** A bus that does not exist would lose all events, without an error. */
export const MISSING_BUS_CHECKS: readonly Check[] = [
  {
    id: 'missing-bus/deletion',
    promise: 'The bus of a webhook cannot be deleted: the construct has a rule on it.',
    source: 'https://github.com/hashicorp/terraform-provider-aws/issues/22131',
    local: { does: 'answers ValidationException', evidence: 'record', rules: ['bus_with_rules'] },
    async run(trial) {
      const { DeleteEventBusCommand } = await import('@aws-sdk/client-eventbridge');
      const Name = trial.output('GuardedBusName');
      try {
        await trial.clients.events.send(new DeleteEventBusCommand({ Name }));
      } catch (error) {
        if (error instanceof AwsFailure && error.code === 'ValidationException') {
          return held('The call is answered ValidationException.');
        }
        throw error;
      }
      return broken('The bus was deleted.');
    },
  },
  {
    id: 'missing-bus/deployment',
    promise:
      'A webhook for a bus that does not exist cannot be deployed: the update is rolled back, and leaves nothing of it.',
    source: 'https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html (ResourceNotFoundException)',
    local: {
      does: 'refuses a rule on a bus that does not exist, and rolls the update back',
      evidence: 'documentation',
      rules: ['rule_on_missing_bus'],
    },
    async run(trial) {
      const failure = await failureOf(trial);
      if (!failure) {
        await trial.deploy({ onMissingBus: false });
        return broken('It was deployed.');
      }
      const ofWebhook = ({ logicalId }: { readonly logicalId: string }): boolean =>
        logicalId.startsWith('OnMissingBus');
      const left = (await trial.resources()).filter(ofWebhook).length;
      const made = (await trial.allResources()).filter(ofWebhook);
      const queues = made.filter(({ type }) => type === 'AWS::SQS::Queue').map(({ id }) => id);
      const functions = made.filter(({ type }) => type === 'AWS::Lambda::Function').length;
      const isGone = await trial.until(async () => ((await areGone(trial, queues)) ? true : undefined), DELETION);
      const { status, reason } = failure;
      const seen =
        `The stack is ${status}: ${reason} Made of the webhook: ${made.length.toString()} resources, ${functions.toString()} of them ` +
        `functions. Left: ${left.toString()}, and its queues are ${isGone ? 'gone' : 'still there'}.`;
      const isRolledBack = status === 'UPDATE_ROLLBACK_COMPLETE' && reason.includes('OnMissingBus');
      return isRolledBack && left === 0 && functions === 0 && isGone ? held(seen) : broken(seen);
    },
  },
];

async function failureOf(trial: Trial): Promise<StackFailure | undefined> {
  try {
    await trial.deploy({ onMissingBus: true });
    return undefined;
  } catch (error) {
    if (error instanceof StackFailure) return error;
    throw error;
  }
}

async function areGone(trial: Trial, queues: readonly string[]): Promise<boolean> {
  const { GetQueueAttributesCommand } = await import('@aws-sdk/client-sqs');
  for (const QueueUrl of queues) {
    try {
      await trial.clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl }));
      return false;
    } catch (error) {
      if (!(error instanceof AwsFailure && /QueueDoesNotExist|NonExistentQueue/.test(error.code))) throw error;
    }
  }
  return true;
}
