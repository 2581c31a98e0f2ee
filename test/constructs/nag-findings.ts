import { Aspects, type Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';

// The library suppresses nothing: whether to accept a finding is up to those who run the checks on their own stack. What
// they will find, and what there is to say for it:
export const explained = {
  createdSecret:
    'AwsSolutions-SMG4: no automatic rotation. Momento makes the value, so AWS cannot; a rotation that somebody runs ' +
    'loses no message, because the previous version is accepted too.',
  createdTable:
    'AwsSolutions-DDB3: no point-in-time recovery. The replay table holds digests that are out of date in minutes.',
  checkpointTable:
    'AwsSolutions-DDB3: no point-in-time recovery. The checkpoint table holds positions in topics, which are out of date in ' +
    'seconds: an older one would only repeat messages.',
  exampleQueue:
    'AwsSolutions-SQS3: no dead-letter queue. Nothing receives from the queue of the example but its reader.',
  deadLetterQueue: 'AwsSolutions-SQS3: no dead-letter queue. It is one: nothing receives from it and fails.',
  tracing: 'AwsSolutions-IAM5: X-Ray has no resources to name, so its actions are allowed on all.',
};

/** The rule that an explanation is of. */
export const ruleOf = (explanation: string) => explanation.split(':')[0] ?? '';

/** What cdk-nag finds in a stack: each finding as its rule and the construct's path. */
export function findings(stack: Stack): string[] {
  Aspects.of(stack).add(new AwsSolutionsChecks());
  const annotations = Annotations.fromStack(stack);
  return [...annotations.findError('*', Match.anyValue()), ...annotations.findWarning('*', Match.anyValue())]
    .map(({ id, entry }) => `${(entry.data as string).split(/[:[]/)[0] ?? ''} ${id}`)
    .sort();
}
