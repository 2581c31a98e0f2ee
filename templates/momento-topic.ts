import { type CfnParameter, CfnOutput, Fn, SecretValue } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import type { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { MomentoTopicToEventBridge, MomentoTopicToEventBridgeAlarms, SubscriptionStart } from '../constructs';
import { SEPARATOR } from '../constructs/common/detail-type';
import { MAX_TOPICS, SCHEDULER_KEYWORD } from '../constructs/from-momento/topic-limits';
import { ALARM_COMMENTS, AlarmEmail } from './alarm-email';
import type { HandlerZips } from './handler-zips';
import type { Host } from './host';
import { MAX_PARAMETER_CHARACTERS, OneClickStack } from './one-click-stack';
import { ReleasedCode } from './released-code';

/**
 * The parameter as a whole: neither a topic twice nor too many, which the handler would refuse once a minute, nor anything that
 * would need to be escaped in JSON, nor what EventBridge Scheduler replaces in an input. Other names need the CDK.
 */
const TOPICS_PATTERN = (() => {
  const name = String.raw`[^\s#",\\]([^#",\\\x00-\x1f]*[^\s#",\\])?`;
  const topic = `${name}${SEPARATOR}${name}`;
  const repeated = String.raw`(.*,)?([^,]+),(.*,)?\2(,.*)?$`;
  const replaced = `.*${SCHEDULER_KEYWORD.replaceAll('.', String.raw`\.`)}`;
  return `^(?!${repeated})(?!${replaced})${topic}(,${topic}){0,${(MAX_TOPICS - 1).toString()}}$`;
})();

/** `MomentoTopicToEventBridge`, to be launched from the console. */
export class MomentoTopicStack extends OneClickStack {
  public override readonly comments = {
    EventBusMustExist:
      'EventBridge drops events for a bus that does not exist. This rule makes the deployment fail instead.',
    Schedule: 'Runs the function around the clock. The input has the topics, made of the parameter Topics.',
    ...ALARM_COMMENTS,
  };

  public constructor(host: Host, zips: HandlerZips) {
    super(
      'Momento topics to Amazon EventBridge: a Lambda function subscribes to topics, and puts the messages on a bus',
    );
    const eventBusName = this.eventBusName('The name of the event bus to put the messages on. It must exist.');
    const topics = this.parameter('Topics', {
      group: 'Momento',
      label: 'Topics',
      description:
        `The topics to subscribe to, 1 to ${MAX_TOPICS.toString()}, each once: cache${SEPARATOR}topic, with commas between them. ` +
        `Example: chat${SEPARATOR}room-281,chat${SEPARATOR}room-282`,
      // Not a CommaDelimitedList, whose pattern sees one topic at a time.
      type: 'String',
      allowedPattern: TOPICS_PATTERN,
      constraintDescription:
        `must be 1 to ${MAX_TOPICS.toString()} topics, each once: cache${SEPARATOR}topic, with a comma and no space between two, ` +
        `without quotes, backslashes and control characters`,
    });
    const apiKey = this.apiKeyParameter('to subscribe to the topics', MAX_PARAMETER_CHARACTERS);
    const startAt = this.parameter('StartAt', {
      group: 'Momento',
      label: 'First start',
      description:
        'Where the subscription to a topic begins the first time: with the NEWEST message, or with the oldest one that is ' +
        'still AVAILABLE at Momento.',
      type: 'String',
      default: SubscriptionStart.NEWEST,
      allowedValues: Object.values(SubscriptionStart),
    });
    const code = new ReleasedCode(this, host, zips);
    const email = new AlarmEmail(this);

    const secret = new secretsmanager.Secret(this, 'ApiKey', {
      description: 'Momento API key',
      secretStringValue: SecretValue.cfnParameter(apiKey),
    });
    const eventBus = events.EventBus.fromEventBusName(this, 'GivenEventBus', eventBusName.valueAsString);
    const momento = new MomentoTopicToEventBridge(this, 'Momento', {
      eventBus,
      apiKey: secret,
      // No topic has this name: the parameter takes its place below.
      topics: [{ cacheName: 'Cache', topicName: 'Topic' }],
      handlerCode: code.handlerCode,
    });
    code.run(momento);
    const schedule = momento.schedule.node.defaultChild as CfnSchedule;
    schedule.addPropertyOverride('Target.Input', scheduleInput(topics, startAt));

    // The topics are known only at deployment, so no alarm can be of one of them.
    email.addAlarms(
      (actions) =>
        new MomentoTopicToEventBridgeAlarms(this, 'Alarms', { monitored: momento, actions, perTopic: false }),
    );
    new CfnOutput(this, 'EventBus', { value: eventBus.eventBusName, description: 'The event bus with the messages' });
    new CfnOutput(this, 'ApiKeyArn', { value: secret.secretArn, description: 'The secret that holds the API key' });
    this.addLogOutput('LogGroup', momento.handler, 'The log of the function that subscribes to the topics');
    this.addLogOutput(
      'RedriveLogGroup',
      momento.redriveHandler,
      'The log of the function that redrives parked messages',
    );
  }
}

/** The input of the schedule as the construct writes it, of topics that are known only at deployment. */
function scheduleInput(topics: CfnParameter, startAt: CfnParameter): string {
  const listed = Fn.join('"},{"cache":"', Fn.split(',', topics.valueAsString));
  const named = Fn.join('","topic":"', Fn.split(SEPARATOR, listed));
  const input = `{"topics":[{"cache":"\${Named}"}],"startAt":"\${${startAt.logicalId}}"}`;
  return Fn.sub(input, { Named: named });
}
