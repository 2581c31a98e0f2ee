import { Duration, Stack, Token } from 'aws-cdk-lib';
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
import { ATTRIBUTES, checkValueTemplate } from './item-template';
import { handlerMetric } from '../common/handler-metric';
import { MomentoCommand } from '../common/momento-command';
import { addOutputs } from '../common/outputs';
import { PipeRole } from './pipe-role';
import {
  checkAccount,
  checkOneOf,
  checkRegion,
  checkStandardQueue,
  checkWholeNumber,
  environmentOf,
  fail,
} from '../common/prop-checks';
import { checkMessageSize } from '../common/queue-settings';
import { RetainingQueue } from '../common/retaining-queue';
import { checkedNameTemplate } from '../common/text-template';
import { streamOf, type TableStream } from './table-stream';

/**
 * The most events that a pipe puts on a bus at once. It discards what a function returns beyond that
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html).
 */
const MAX_COMMANDS_A_BATCH = 10;
/** The most that Pipes allows (`FilterCriteria` in its API reference). */
const MAX_FILTERS = 5;
/** The longest pattern that Pipes allows (`Filter` in its API reference). */
const MAX_FILTER_CHARACTERS = 4096;

/**
 * Keeps a Momento cache up to date with a DynamoDB table: items written to, changed in and deleted from the table are set in
 * and deleted from the cache, and each change can be published to a topic.
 *
 * An EventBridge pipe reads the table's stream. A function turns the changes into commands, which the pipe puts on the bus of
 * an `EventBridgeToMomento`. A record that cannot become a command goes to a dead-letter queue, whole, and blocks no other;
 * its cache item is deleted, so that the cache does not serve a stale one.
 *
 * Changes of an item reach the bus in order. EventBridge itself does not guarantee order: of two changes in quick succession
 * the earlier can arrive last, and the cache item is stale until it expires or the item changes again.
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
   * The construct that delivers the commands to Momento.
   */
  public readonly momento: EventBridgeToMomento;

  /**
   * The function that turns changes into commands.
   */
  public readonly handler: lambda.Function;

  /**
   * The pipe from the table's stream through the function to the bus.
   */
  public readonly pipe: pipes.CfnPipe;

  /**
   * The role of the pipe. It may read the stream, invoke the function, put commands on the bus and send to the dead-letter
   * queue, and nothing else.
   */
  public readonly pipeRole: iam.IRole;

  /**
   * The dead-letter queue: records that could not become a command.
   */
  public readonly deadLetterQueue: sqs.IQueue;

  public constructor(scope: Construct, id: string, props: DynamoDbToMomentoProps) {
    super(scope, id);
    const { table, momento, source = 'DynamoDbToMomento' } = props;
    const stream = streamOf(this, table);
    checkGivenResources(this, props, stream);
    checkMapping(this, props, stream);
    checkSource(this, momento, source);

    this.table = table;
    this.momento = momento;
    this.deadLetterQueue =
      props.deadLetterQueue ?? new RetainingQueue(this, 'DeadLetterQueue', { removalPolicy: props.queueRemovalPolicy });
    this.handler = new ChangesHandler(this, 'Handler', { deadLetterQueue: this.deadLetterQueue, settings: props });
    const role = new PipeRole(this, 'PipeRole');
    role.readStream(table, stream.arn);
    role.invoke(this.handler);
    role.sendTo(this.deadLetterQueue);
    role.putCommands(momento, source);
    this.pipeRole = role;
    this.pipe = new pipes.CfnPipe(this, 'Pipe', {
      description: 'Delivers the changes of a DynamoDB table to Momento',
      roleArn: role.roleArn,
      source: stream.arn,
      sourceParameters: {
        ...(props.filters && { filterCriteria: { filters: props.filters as pipes.CfnPipe.FilterProperty[] } }),
        dynamoDbStreamParameters: {
          ...checkedRetries(this, props),
          startingPosition: checkedStart(this, props),
          // So that the changes become no more commands than the bus takes at once.
          batchSize: MAX_COMMANDS_A_BATCH / (props.cacheItem && props.topic ? 2 : 1),
          // The handler fails a batch that is too large for the bus.
          onPartialBatchItemFailure: 'AUTOMATIC_BISECT',
          deadLetterConfig: { arn: this.deadLetterQueue.queueArn },
        },
      },
      enrichment: this.handler.functionArn,
      target: momento.eventBus.eventBusArn,
      // No input template: the function returns the event's detail, and a template would escape nothing.
      targetParameters: { eventBridgeEventBusParameters: { source, detailType: '$.command' } },
    });
    // Pipes checks the role's permissions when the pipe is created.
    this.pipe.node.addDependency(role);
    this.pipe.node.addDependency(...takersOf(momento).filter((taker) => Stack.of(taker) === Stack.of(this)));

    if (props.outputs ?? true) {
      addOutputs(this, {
        DeadLetterQueueUrl: {
          value: props.deadLetterQueue ? undefined : this.deadLetterQueue.queueUrl,
          description: 'The dead-letter queue of the changes that could not become commands to Momento',
        },
      });
    }
  }

  /**
   * Permits a principal to receive and delete messages of the dead-letter queue.
   *
   * @param grantee the principal
   */
  public grantConsumeDeadLetterQueue(grantee: iam.IGrantable): iam.Grant {
    return this.deadLetterQueue.grantConsumeMessages(grantee);
  }

  /**
   * A metric of the handler, in the namespace `MomentoEventBridge`.
   *
   * @param metricName its name
   * @param props by default the sum over 5 minutes
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return handlerMetric(this, this.handler, metricName, props);
  }

  /**
   * The number of changes that the handler received.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricChanges(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Changes', props);
  }

  /**
   * The number of commands that the handler returned.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricCommands(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Commands', props);
  }

  /**
   * The number of records that the handler sent to the dead-letter queue. Those that Pipes discards are not included.
   *
   * @param props by default the sum over 5 minutes
   */
  public metricDeadLettered(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('DeadLettered', props);
  }

  /**
   * A metric of the pipe, in the namespace `AWS/EventBridge/Pipes`.
   *
   * @param metricName such as `Invocations`, `ExecutionFailed` or `TargetStageDuration`
   * @param props by default the sum over 5 minutes
   */
  public metricPipe(metricName: string, props: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/EventBridge/Pipes',
      metricName,
      dimensionsMap: { PipeName: this.pipe.ref },
      statistic: cloudwatch.Stats.SUM,
      ...props,
    }).attachTo(this);
  }
}

/**
 * What takes commands from the bus: the rules, and the queues with the policies that let the rules in. A command that is put on
 * the bus before them is lost. (The order of stacks is the app's: the stack of `momento` may depend on this one.)
 */
function takersOf({ deliveryRules, invalidCommandRules, deadLetterQueue, lambdaFunction }: EventBridgeToMomento) {
  return [
    ...deliveryRules,
    ...invalidCommandRules,
    deadLetterQueue,
    ...(lambdaFunction ? [lambdaFunction.commandQueue] : []),
  ];
}

function checkGivenResources(scope: Construct, props: DynamoDbToMomentoProps, stream: TableStream): void {
  const { deadLetterQueue, filters } = props;
  const table = environmentOf(stream.arn, props.table.env);
  checkRegion(scope, 'table', table, 'Pass a table in that region, or a replica of the table there.');
  checkAccount(scope, 'table', table, 'Pass a table in that account.');
  if (deadLetterQueue) {
    checkStandardQueue(scope, 'deadLetterQueue', deadLetterQueue);
    checkMessageSize(scope, 'deadLetterQueue', deadLetterQueue);
    checkAccount(scope, 'deadLetterQueue', deadLetterQueue.env, 'Pass a queue in that account.');
  }
  if (filters && (filters.length === 0 || filters.length > MAX_FILTERS)) {
    fail(
      scope,
      `filters must have 1 to ${MAX_FILTERS.toString()} patterns, got ${filters.length.toString()}. Leave filters out to ` +
        'process every record.',
    );
  }
  for (const { pattern } of filters ?? []) {
    if (typeof pattern === 'string' && !Token.isUnresolved(pattern) && pattern.length > MAX_FILTER_CHARACTERS) {
      fail(
        scope,
        `filters must be patterns of at most ${MAX_FILTER_CHARACTERS.toString()} characters, got one of ` +
          `${pattern.length.toString()}. Divide it into several.`,
      );
    }
  }
}

function checkMapping(scope: Construct, props: DynamoDbToMomentoProps, stream: TableStream): void {
  const { momento, cacheName, cacheItem, topic } = props;
  const needs = (prop: string, command: MomentoCommand): void => {
    if (!momento.commands.includes(command)) {
      fail(scope, `${prop} needs a momento with the command ${command}. Add it to the commands of momento.`);
    }
  };
  if (cacheName === '') {
    fail(scope, 'cacheName must not be empty. Pass the name of a cache.');
  }
  if (!cacheItem && !topic) {
    fail(scope, 'cacheItem or topic must be given, got neither. Pass one or both.');
  }
  if (cacheItem) {
    needs('cacheItem', MomentoCommand.CACHE_SET);
    needs('cacheItem', MomentoCommand.CACHE_DELETE);
    const names = checkKeyTemplate(scope, 'cacheItem.key', cacheItem.key, stream);
    if (names.length === 0 && !Token.isUnresolved(cacheItem.key)) {
      fail(scope, `cacheItem.key must name an attribute, got ${cacheItem.key}, one key for all items. Write {name}.`);
    }
    if (cacheItem.value !== undefined) {
      checkValueTemplate(scope, 'cacheItem.value', cacheItem.value);
    }
  }
  if (topic) {
    needs('topic', MomentoCommand.TOPIC_PUBLISH);
    checkKeyTemplate(scope, 'topic.name', topic.name, stream);
  }
  const needsImages = cacheItem !== undefined || topic?.includeItem !== false;
  if (needsImages && stream.viewType !== undefined && !stream.viewType.startsWith('NEW_')) {
    fail(scope, `table must have a stream with new images, got ${stream.viewType}. Make it NEW_IMAGE.`);
  }
}

function checkKeyTemplate(scope: Construct, prop: string, template: string, { keys }: TableStream): string[] {
  const names = checkedNameTemplate(scope, prop, template, ATTRIBUTES);
  const stranger = keys && names.find((name) => !keys.includes(name));
  if (stranger !== undefined) {
    fail(
      scope,
      `${prop} must name attributes of the table's key (${keys?.join(', ') ?? ''}), got ${stranger}. Only the key of a ` +
        'deleted item is known.',
    );
  }
  return names;
}

/** What Pipes puts on a bus as it is (`PipeTargetEventBridgeEventBusParameters` in its API reference). */
const SOURCE = /^(?!aws\.)[-./\w][^]{0,255}$/;

function checkSource(scope: Construct, { sources }: EventBridgeToMomento, source: string): void {
  if (!Token.isUnresolved(source) && !SOURCE.test(source)) {
    fail(
      scope,
      'source must have 1 to 256 characters, and begin with a letter, a digit or one of . - _ /, but not with aws., which ' +
        `EventBridge reserves, got ${source || 'an empty string'}.`,
    );
  }
  if (sources.length > 0 && !isKnownAtDeployment(sources) && !sources.includes(source)) {
    fail(
      scope,
      `source must be one of the sources of momento (${sources.join(', ')}), got ${source}. Add it to the sources of momento.`,
    );
  }
}

/** A list that is a token, or has one in it. */
function isKnownAtDeployment(texts: readonly string[]): boolean {
  return Token.isUnresolved(texts) || texts.some((text) => Token.isUnresolved(text));
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
    // -1 is unlimited.
    maximumRetryAttempts: retryAttempts ?? -1,
    parallelizationFactor,
  };
}
