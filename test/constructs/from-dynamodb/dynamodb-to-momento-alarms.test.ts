import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Match } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { DynamoDbToMomentoAlarms } from '../../../constructs';
import { Cached } from './cached';

test('DynamoDbToMomento has no alarm of its own, as each is billed', () => {
  new Cached().template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
});

test('the alarms watch the dead-letter queue and the pipe, and have the given actions', () => {
  const cached = new Cached();
  const { pipe, deadLetterQueue } = cached.construct;
  const alarms = new DynamoDbToMomentoAlarms(cached.stack, 'Alarms', {
    monitored: cached.construct,
    actions: [new SnsAction(new Topic(cached.stack, 'Alerts'))],
  });
  cached.template.resourceCountIs('AWS::CloudWatch::Alarm', 2);
  assert.deepEqual(
    [alarms.deadLetterQueueNotEmpty, alarms.pipeFailed].map(({ node }) => node.id),
    ['DeadLetterQueueNotEmpty', 'PipeFailed'],
  );
  cached.template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'AWS/EventBridge/Pipes',
    MetricName: 'ExecutionFailed',
    Dimensions: [{ Name: 'PipeName', Value: { Ref: cached.stack.resolve(pipe.logicalId) as string } }],
    Threshold: 1,
    AlarmActions: [Match.anyValue()],
  });
  cached.template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Period: 60,
    Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [cached.id(deadLetterQueue), 'QueueName'] } }],
    AlarmActions: [Match.anyValue()],
  });
});
