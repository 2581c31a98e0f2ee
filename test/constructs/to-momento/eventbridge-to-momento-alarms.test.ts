import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Duration, type Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { ApiKeyRotation } from '../../../constructs/to-momento/api-key-rotation';
import { Delivery } from '../../../constructs/to-momento/delivery';
import { EventBridgeToMomentoAlarms } from '../../../constructs/to-momento/eventbridge-to-momento-alarms';
import type { EventBridgeToMomentoAlarmsProps } from '../../../constructs/to-momento/eventbridge-to-momento-alarms-props';
import { codeInBucket } from '../from-momento/webhook';
import { ToMomento } from './to-momento';

function alarmsOf(
  toMomento: ToMomento,
  props: Partial<EventBridgeToMomentoAlarmsProps> = {},
): EventBridgeToMomentoAlarms {
  return new EventBridgeToMomentoAlarms(toMomento.stack, 'Alarms', { monitored: toMomento.construct, ...props });
}

const byLambda = (maxEventAge?: Duration) =>
  new ToMomento((stack) => ({
    delivery: Delivery.lambdaFunction({ handlerCode: codeInBucket(stack) }),
    maxEventAge,
  }));
const pager = (stack: Stack) =>
  new actions.SnsAction(sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-west-1:1:pager'));

test('EventBridgeToMomento has no alarm of its own, as each is billed', () => {
  for (const toMomento of [new ToMomento(), byLambda()]) {
    toMomento.template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
  }
});

describe('the alarms', () => {
  test('go off for one failed command, and for one dead letter, and not for missing data', () => {
    const toMomento = new ToMomento();
    const { deadLetterQueueNotEmpty, failedInvocations, ...others } = alarmsOf(toMomento);
    const common = {
      AlarmActions: undefined,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      EvaluationPeriods: 1,
      Threshold: 1,
      TreatMissingData: 'notBreaching',
    };
    const read = (alarm: cloudwatch.Alarm) => {
      const { AlarmActions, ComparisonOperator, EvaluationPeriods, Threshold, TreatMissingData, ...metric } =
        toMomento.properties(alarm);
      assert.deepEqual({ AlarmActions, ComparisonOperator, EvaluationPeriods, Threshold, TreatMissingData }, common);
      return metric;
    };
    toMomento.template.resourceCountIs('AWS::CloudWatch::Alarm', 3);
    assert.match(JSON.stringify(read(failedInvocations).Metrics), /"Label":"Failed invocations"/);
    const { Namespace, MetricName, Dimensions, Period, Statistic } = read(deadLetterQueueNotEmpty);
    assert.deepEqual(
      [Namespace, MetricName, Period, Statistic],
      ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 60, 'Maximum'],
    );
    const queue = toMomento.id(toMomento.construct.deadLetterQueue);
    assert.deepEqual(Dimensions, [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue, 'QueueName'] } }]);
    const { handlerErrors, handlerThrottles, commandsWaitingTooLong, apiKeyRefused } = others;
    assert.equal(handlerErrors ?? handlerThrottles ?? commandsWaitingTooLong ?? apiKeyRefused, undefined);
  });

  test('go off when Momento accepts nothing for 15 minutes while commands are retried, as with a wrong key', () => {
    const toMomento = new ToMomento();
    const { nothingDelivered } = alarmsOf(toMomento);
    const { EvaluationPeriods, Threshold, TreatMissingData, Metrics } = toMomento.properties(nothingDelivered);
    assert.deepEqual([EvaluationPeriods, Threshold, TreatMissingData], [3, 1, 'notBreaching']);
    const metrics = Metrics as { Id: string; Expression?: string; MetricStat?: { Metric: { MetricName: string } } }[];
    assert.equal(metrics[0]?.Expression, 'IF(retries > 0 AND delivered == 0, 1, 0)');
    const read = metrics.flatMap(({ MetricStat }) => MetricStat?.Metric.MetricName ?? []);
    const once = (name: string) => read.filter((one) => one === name).length;
    // CloudWatch takes ten metrics in an alarm on an expression.
    assert.deepEqual([once('RetryInvocationAttempts'), once('SuccessfulInvocationAttempts'), read.length], [5, 5, 10]);
  });

  const watched = (toMomento: ToMomento, alarm: cloudwatch.Alarm | undefined) => {
    const { Namespace, MetricName, Threshold, TreatMissingData } = toMomento.properties(alarm);
    return [Namespace, MetricName, Threshold, TreatMissingData];
  };

  test('by Lambda are three more for the function, and one for commands that waited for half of maxEventAge', () => {
    const toMomento = byLambda(Duration.minutes(10));
    const { commandsWaitingTooLong, handlerErrors, handlerThrottles, apiKeyRefused, nothingDelivered } =
      alarmsOf(toMomento);
    toMomento.template.resourceCountIs('AWS::CloudWatch::Alarm', 6);
    assert.equal(nothingDelivered, undefined);
    assert.deepEqual(watched(toMomento, apiKeyRefused), ['MomentoEventBridge', 'ApiKeyRefused', 1, 'notBreaching']);
    const { EvaluationPeriods, Period } = toMomento.properties(apiKeyRefused);
    assert.deepEqual([EvaluationPeriods, Period], [3, 60]);
    assert.deepEqual(watched(toMomento, handlerErrors), ['AWS/Lambda', 'Errors', 1, 'notBreaching']);
    assert.deepEqual(watched(toMomento, handlerThrottles), ['AWS/Lambda', 'Throttles', 1, 'notBreaching']);
    const age = ['AWS/SQS', 'ApproximateAgeOfOldestMessage', 300, 'notBreaching'];
    assert.deepEqual(watched(toMomento, commandsWaitingTooLong), age);
  });

  test('take maxWaitingTime from the props', () => {
    const toMomento = byLambda();
    const { commandsWaitingTooLong } = alarmsOf(toMomento, { maxWaitingTime: Duration.seconds(90) });
    assert.equal(toMomento.properties(commandsWaitingTooLong).Threshold, 90);
  });

  test('have one for the function that follows a rotation', () => {
    const toMomento = new ToMomento((stack) => ({
      delivery: Delivery.apiDestinations({
        apiKeyRotation: ApiKeyRotation.followSecret({ handlerCode: codeInBucket(stack) }),
      }),
    }));
    const { followRotationErrors } = alarmsOf(toMomento);
    assert.deepEqual(watched(toMomento, followRotationErrors), ['AWS/Lambda', 'Errors', 1, 'notBreaching']);
  });

  test('all have the given actions', () => {
    const toMomento = byLambda();
    alarmsOf(toMomento, { actions: [pager(toMomento.stack)] });
    toMomento.template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: Match.exact(['arn:aws:sns:eu-west-1:1:pager']),
    });
  });

  test('reject a waiting time that is not a whole number of seconds, and one without a queue to wait in', () => {
    assert.throws(() => alarmsOf(byLambda(), { maxWaitingTime: Duration.millis(500) }), {
      message: 'Stack/Alarms: maxWaitingTime in seconds must be a whole number from 1, got 0.5.',
    });
    assert.throws(() => alarmsOf(new ToMomento(), { maxWaitingTime: Duration.minutes(1) }), {
      message:
        'Stack/Alarms: maxWaitingTime needs Delivery.lambdaFunction(), got Delivery.apiDestinations(). Leave it out.',
    });
  });
});
