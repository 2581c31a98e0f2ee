import { Duration, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type { Construct } from 'constructs';
import { fail } from '../common/prop-checks';
import type { MomentoTopic, SubscriptionStart } from './momento-topic-to-eventbridge-props';

/**
 * The most that we send: what Lambda took as an asynchronous event before it raised that to 1 MB in 2025. The API reference
 * of EventBridge Scheduler names no limit.
 */
const MAX_INPUT_BYTES = 256 * 1024;

export interface SubscriptionScheduleProps {
  readonly handler: lambda.IFunction;
  readonly startAt: SubscriptionStart;
  readonly topics: readonly MomentoTopic[];
}

/**
 * The schedule that invokes the subscribe handler once a minute, with the topics.
 */
export class SubscriptionSchedule extends scheduler.Schedule {
  public readonly role: iam.Role;

  public constructor(scope: Construct, id: string, props: SubscriptionScheduleProps) {
    const { handler, startAt, topics } = props;
    const role = new iam.Role(scope, `${id}Role`, {
      description: 'Lets EventBridge Scheduler invoke the function that subscribes to Momento topics',
      // Schedules of this account only. Not this schedule only: it refers to the role, so this would be a circular reference.
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
      }),
    });
    // Not the CDK's target, which permits invoking every version of the function.
    role.addToPolicy(new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [handler.functionArn] }));
    const input = {
      topics: topics.map(({ cacheName, topicName }) => ({ cache: cacheName, topic: topicName })),
      startAt,
    };
    checkInputSize(scope, input);
    super(scope, id, {
      description: 'Makes sure once a minute that the Momento topics are subscribed to',
      schedule: scheduler.ScheduleExpression.rate(Duration.minutes(1)),
      target: {
        bind: () => ({
          arn: handler.functionArn,
          role,
          input: scheduler.ScheduleTargetInput.fromObject(input),
          retryPolicy: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 0 },
        }),
      },
    });
    // The role includes its policy, without which the first invocations would fail.
    this.node.addDependency(role);
    this.role = role;
  }
}

/** Without the names that are known only at deployment. */
function checkInputSize(scope: Construct, input: object): void {
  const bytes = Buffer.byteLength(
    JSON.stringify(input, (_key, value: unknown) => (Token.isUnresolved(value) ? '' : value)),
  );
  if (bytes > MAX_INPUT_BYTES) {
    fail(
      scope,
      `topics must be at most ${MAX_INPUT_BYTES.toString()} bytes as JSON, got ${bytes.toString()}. Pass fewer topics, and ` +
        'the others to another MomentoTopicToEventBridge.',
    );
  }
}
