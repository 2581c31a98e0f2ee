import { Arn, ArnFormat, Duration, Token, type ResourceEnvironment } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as pipes from 'aws-cdk-lib/aws-pipes';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ChangesHandler } from './changes-handler';
import { type DynamoDbToMomentoProps, StreamStart } from './dynamodb-to-momento-props';
import type { EventBridgeToMomento } from '../to-momento/eventbridge-to-momento';
import { checkedNameTemplate, checkedTemplate } from './item-template';
import { MomentoCommand } from '../common/momento-command';
import { PipeRole } from './pipe-role';
import { checkAccount, checkOneOf, checkRegion, checkWholeNumber, refuse } from '../common/prop-checks';
import { RetainingQueue } from '../common/retaining-queue';
import { streamOf, type TableStream } from './table-stream';

/**
 * As many events as a pipe puts on a bus at once. It gives up what a function makes more of
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html).
 */
const MAX_COMMANDS_A_BATCH = 10;
/** As many as Pipes takes (`FilterCriteria` in its API reference). */
const MAX_FILTERS = 5;

/**
 * Keeps a Momento cache up to date with a DynamoDB table: items that are written to, changed in and deleted from the table
 * appear in, change in and vanish from the cache, and each change is published to a topic.
 *
 * A pipe of EventBridge reads the table's stream. A function makes commands of the changes, which the pipe puts on the bus of
 * an `EventBridgeToMomento`. A record that cannot become the command it should ends in a dead-letter queue, whole, and holds
 * up no other; its cache item is deleted, so that the cache does not go on serving what the table no longer says.
 *
 * Changes of an item reach the bus in their order. From there on EventBridge promises no order: of two changes within moments
 * of each other the earlier can arrive last, and the cache is wrong until the item's time is over or it changes again.
 *
 * @example
 * import { Duration } from 'aws-cdk-lib';
 * import { CacheItemTtl, DynamoDbToMomento } from 'cdk-momento-eventbridge';
 *
 * new DynamoDbToMomento(this, 'Cached', {
 *   table,
 *   momento: toMomento,
 *   cacheName: 'weather',
 *   cacheItem: { key: 'weather-{Location}', ttl: CacheItemTtl.duration(Duration.hours(1)) },
 * });
 */
export class DynamoDbToMomento extends Construct {
  /**
   * The table.
   */
  public readonly table: dynamodb.ITable;

  /**
   * What takes the commands to Momento.
   */
  public readonly momento: EventBridgeToMomento;

  /**
   * The function that makes commands of changes.
   */
  public readonly handler: lambda.Function;

  /**
   * The pipe from the table's stream through the function to the bus.
   */
  public readonly pipe: pipes.CfnPipe;

  /**
   * What the pipe works as: it may read the stream, invoke the function, put commands on the bus and send to the queue.
   */
  public readonly pipeRole: iam.IRole;

  /**
   * Where records end that could not become what they should.
   */
  public readonly deadLetterQueue: sqs.IQueue;

  /**
   * Is on while the dead-letter queue is not empty.
   */
  public readonly deadLettersAlarm: cloudwatch.Alarm;

  /**
   * Goes off when the pipe has failed on a batch in the last 5 minutes. It tries again, and holds up the shard meanwhile.
   */
  public readonly pipeFailedAlarm: cloudwatch.Alarm;

  public constructor(scope: Construct, id: string, props: DynamoDbToMomentoProps) {
    super(scope, id);
    const { table, momento, source = 'DynamoDbToMomento' } = props;
    const stream = streamOf(this, table);
    checkGivenResources(this, props, stream);
    checkMapping(this, props, stream);
    checkSource(this, momento, source);

    this.table = table;
    this.momento = momento;
    this.deadLetterQueue = props.deadLetterQueue ?? new RetainingQueue(this, 'DeadLetterQueue');
    this.handler = new ChangesHandler(this, 'Handler', { deadLetterQueue: this.deadLetterQueue, settings: props });
    const role = new PipeRole(this, 'PipeRole');
    role.readStream(table, stream.arn);
    role.invoke(this.handler);
    role.sendTo(this.deadLetterQueue);
    momento.grantPutCommands(role);
    this.pipeRole = role;
    this.pipe = new pipes.CfnPipe(this, 'Pipe', {
      description: 'Takes the changes of a DynamoDB table to Momento',
      roleArn: role.roleArn,
      source: stream.arn,
      sourceParameters: {
        ...(props.filters && { filterCriteria: { filters: props.filters as pipes.CfnPipe.FilterProperty[] } }),
        dynamoDbStreamParameters: {
          ...checkedRetries(this, props),
          startingPosition: checkedStart(this, props),
          // As many changes as make no more commands than the bus takes at once.
          batchSize: MAX_COMMANDS_A_BATCH / (props.cacheItem && props.topic ? 2 : 1),
          // The handler fails on a batch that is too large for the bus.
          onPartialBatchItemFailure: 'AUTOMATIC_BISECT',
          deadLetterConfig: { arn: this.deadLetterQueue.queueArn },
        },
      },
      enrichment: this.handler.functionArn,
      target: momento.eventBus.eventBusArn,
      // No input template: what the function makes is the event's detail, and in a template nothing would be escaped.
      targetParameters: { eventBridgeEventBusParameters: { source, detailType: '$.command' } },
    });
    // Pipes tries the role's permissions when it is made.
    this.pipe.node.addDependency(role);

    this.deadLettersAlarm = this.alarm('DeadLettersAlarm', props, {
      metric: this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        statistic: cloudwatch.Stats.MAXIMUM,
        period: Duration.minutes(1),
      }),
      alarmDescription:
        'Changes of a DynamoDB table did not become what they should in Momento. The dead-letter queue has each record, and ' +
        'the reason in its message attribute Reason. Correct the item, or the templates, and write the item again.',
    });
    this.pipeFailedAlarm = this.alarm('PipeFailedAlarm', props, {
      metric: this.metricOfPipe('ExecutionFailed'),
      alarmDescription:
        'The pipe from a DynamoDB table to Momento fails and holds up changes. The metrics EnrichmentStageFailed and ' +
        'TargetStageFailed say where. After maxRecordAge it gives them up.',
    });
  }

  /**
   * Lets somebody receive and delete dead letters.
   *
   * @param grantee who
   */
  public grantConsumeDeadLetters(grantee: iam.IGrantable): iam.Grant {
    return this.deadLetterQueue.grantConsumeMessages(grantee);
  }

  /**
   * How many changes the handler was given.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricChanges(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOfHandler('Changes', props);
  }

  /**
   * How many commands it made of them.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricCommands(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOfHandler('Commands', props);
  }

  /**
   * How many records the handler sent to the dead-letter queue. Those that Pipes gave up are not among them.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricDeadLettered(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOfHandler('DeadLettered', props);
  }

  /**
   * A metric that Pipes writes, in the namespace `AWS/EventBridge/Pipes`.
   *
   * @param metricName such as `Invocations`, `ExecutionFailed` or `TargetStageDuration`
   * @param props by default the sum over 5 minutes
   */
  public metricOfPipe(metricName: string, props: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/EventBridge/Pipes',
      metricName,
      dimensionsMap: { PipeName: this.pipe.ref },
      statistic: cloudwatch.Stats.SUM,
      ...props,
    }).attachTo(this);
  }

  private metricOfHandler(metricName: string, props: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'MomentoEventBridge',
      metricName,
      dimensionsMap: { FunctionName: this.handler.functionName },
      statistic: cloudwatch.Stats.SUM,
      ...props,
    }).attachTo(this);
  }

  private alarm(
    id: string,
    { alarmActions = [] }: DynamoDbToMomentoProps,
    what: { metric: cloudwatch.IMetric; alarmDescription: string },
  ): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, id, {
      ...what,
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    if (alarmActions.length > 0) {
      alarm.addAlarmAction(...alarmActions);
    }
    return alarm;
  }
}

function checkGivenResources(scope: Construct, props: DynamoDbToMomentoProps, stream: TableStream): void {
  const { deadLetterQueue, filters } = props;
  const table = environmentOf(stream.arn) ?? props.table.env;
  checkRegion(scope, 'table', table, 'Give a table of that region, or a replica in it.', 'this construct');
  checkAccount(scope, 'table', table, 'Give a table of that account.', 'this construct');
  if (deadLetterQueue) {
    checkRegion(scope, 'deadLetterQueue', deadLetterQueue.env, 'Give a queue of that region.', 'this construct');
    checkAccount(scope, 'deadLetterQueue', deadLetterQueue.env, 'Give a queue of that account.', 'this construct');
    if (deadLetterQueue.fifo) {
      refuse(scope, 'deadLetterQueue is a FIFO queue, which takes no message without a group. Give a standard queue.');
    }
  }
  if (filters && (filters.length === 0 || filters.length > MAX_FILTERS)) {
    refuse(
      scope,
      `filters has ${filters.length.toString()} patterns. Give 1 to ${MAX_FILTERS.toString()}, or leave it out to take all.`,
    );
  }
}

function checkMapping(scope: Construct, props: DynamoDbToMomentoProps, stream: TableStream): void {
  const { momento, cacheName, cacheItem, topic } = props;
  const needs = (prop: string, command: MomentoCommand): void => {
    if (!momento.commands.includes(command)) {
      refuse(scope, `${prop} needs the command ${command}, which momento does not take. Add it to its commands.`);
    }
  };
  if (cacheName === '') {
    refuse(scope, 'cacheName is empty. Give the name of a cache.');
  }
  if (!cacheItem && !topic) {
    refuse(scope, 'neither cacheItem nor topic is given, so nothing would be done. Give one or both.');
  }
  if (cacheItem) {
    needs('cacheItem', MomentoCommand.CACHE_SET);
    needs('cacheItem', MomentoCommand.CACHE_DELETE);
    const names = checkKeyTemplate(scope, 'cacheItem.key', cacheItem.key, stream);
    if (names.length === 0 && !Token.isUnresolved(cacheItem.key)) {
      refuse(scope, `cacheItem.key is ${cacheItem.key}, one key for all items. Name an attribute in it: {name}.`);
    }
    if (cacheItem.value !== undefined) {
      checkedTemplate(scope, 'cacheItem.value', cacheItem.value);
    }
  }
  if (topic) {
    needs('topic', MomentoCommand.TOPIC_PUBLISH);
    checkKeyTemplate(scope, 'topic.name', topic.name, stream);
  }
  const needsImages = cacheItem !== undefined || topic?.includeItem !== false;
  if (needsImages && stream.viewType !== undefined && !stream.viewType.startsWith('NEW_')) {
    refuse(scope, `the stream of table is ${stream.viewType}, without new images. Make it NEW_IMAGE.`);
  }
}

function checkKeyTemplate(scope: Construct, prop: string, template: string, { keys }: TableStream): string[] {
  const names = checkedNameTemplate(scope, prop, template);
  const stranger = keys && names.find((name) => !keys.includes(name));
  if (stranger !== undefined) {
    refuse(
      scope,
      `${prop} names ${stranger}, which is not in the table's key (${keys?.join(', ') ?? ''}). Nothing else is known of an ` +
        'item that was deleted.',
    );
  }
  return names;
}

function checkSource(scope: Construct, { sources }: EventBridgeToMomento, source: string): void {
  if (source === '' || source.startsWith('aws.')) {
    refuse(
      scope,
      `source is ${source || 'empty'}. Give one that does not begin with aws., which EventBridge keeps to itself.`,
    );
  }
  if (sources.length > 0 && !sources.includes(source)) {
    refuse(
      scope,
      `source is ${source}, and momento takes commands from ${sources.join(', ')} only. Add it to its sources.`,
    );
  }
}

function checkedStart(
  scope: Construct,
  { startingPosition = StreamStart.LATEST }: DynamoDbToMomentoProps,
): StreamStart {
  return checkOneOf(scope, 'startingPosition', startingPosition, Object.values(StreamStart));
}

function checkedRetries(
  scope: Construct,
  props: DynamoDbToMomentoProps,
): Pick<
  pipes.CfnPipe.PipeSourceDynamoDBStreamParametersProperty,
  'maximumRecordAgeInSeconds' | 'maximumRetryAttempts' | 'parallelizationFactor'
> {
  const { maxRecordAge = Duration.hours(1), retryAttempts, parallelizationFactor = 1 } = props;
  checkWholeNumber(scope, 'maxRecordAge in seconds', maxRecordAge.toSeconds({ integral: false }), 60, 86_400);
  checkWholeNumber(scope, 'parallelizationFactor', parallelizationFactor, 1, 10);
  if (retryAttempts !== undefined) {
    checkWholeNumber(scope, 'retryAttempts', retryAttempts, 0, 10_000);
  }
  return {
    maximumRecordAgeInSeconds: maxRecordAge.toSeconds(),
    // Without a limit of their own.
    maximumRetryAttempts: retryAttempts ?? -1,
    parallelizationFactor,
  };
}

/** An imported table claims to be in the stack's own account and region, whatever its ARN says. */
function environmentOf(streamArn: string): ResourceEnvironment | undefined {
  if (Token.isUnresolved(streamArn)) {
    return undefined;
  }
  const { region = '', account = '' } = Arn.split(streamArn, ArnFormat.SLASH_RESOURCE_NAME);
  return { region, account };
}
