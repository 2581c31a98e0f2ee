import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { DynamoDbToMomento } from '../from-dynamodb/dynamodb-to-momento';
import type { MomentoTopicToEventBridge } from '../from-momento/momento-topic-to-eventbridge';
import type { MomentoWebhookToEventBridge } from '../from-momento/momento-webhook-to-eventbridge';
import type { EventBridgeToMomento } from '../to-momento/eventbridge-to-momento';
import type { ByKind } from './monitored';

/** A query of the log of one function. */
export interface LogQuery {
  /** The construct id, unique among the queries of one construct. */
  readonly id: string;
  readonly name: string;
  readonly handler: lambda.Function;
  /** In the language of Logs Insights, one command a line. */
  readonly query: readonly string[];
}

/** The queries for each kind of construct. */
export const LOG_QUERIES: ByKind<LogQuery[]> = {
  webhook: webhookQueries,
  subscription: topicQueries,
  commands: commandQueries,
  table: changeQueries,
};

const BURIED = {
  filter: 'filter message = "moved to the dead-letter queue"',
  fields: 'fields @timestamp, message_id, reason',
};
const CHANGE_BURIED = {
  filter: 'filter message = "moved a record to the dead-letter queue"',
  fields: 'fields @timestamp, event_id, reason',
};
const NEWEST = ['sort @timestamp desc', 'limit 1000'];

function webhookQueries({ handler, redriveHandler }: MomentoWebhookToEventBridge): LogQuery[] {
  return [
    {
      id: 'RejectionsByReason',
      name: 'rejections by reason',
      handler,
      // The lines of the metrics: their reasons are few, where those of the log have ages and sizes in them.
      query: ['filter Rejected > 0', 'stats sum(Rejected) as requests by Reason', 'sort requests desc'],
    },
    {
      id: 'LatestRejections',
      name: 'latest rejections',
      handler,
      query: ['fields @timestamp, reason', 'filter message = "rejected"', ...NEWEST],
    },
    {
      id: 'SlowestPublishes',
      name: 'slowest publishes',
      handler,
      query: [
        'fields @timestamp, publish_ms, age_ms, detail_type, topic_sequence_number, event_id',
        'filter message = "published"',
        'sort publish_ms desc',
        'limit 100',
      ],
    },
    {
      id: 'LostMessages',
      name: 'lost messages',
      handler,
      query: [
        'fields @timestamp, event_bus, bus, queue, event',
        'filter message = "neither the event bus nor the fallback queue took the event"',
        ...NEWEST,
      ],
    },
    deadLetters('dead messages', redriveHandler, BURIED),
  ];
}

function topicQueries({ handler, redriveHandler }: MomentoTopicToEventBridge): LogQuery[] {
  return [
    {
      id: 'SlowestPublishes',
      name: 'slowest publishes',
      handler,
      query: [
        'fields @timestamp, publish_ms, topic, events, page, next',
        'filter message = "published"',
        'sort publish_ms desc',
        'limit 100',
      ],
    },
    {
      id: 'MissedMessages',
      name: 'missed messages',
      handler,
      query: [
        'fields @timestamp, topic, missed, due_page, due_number, new_page, new_number',
        'filter message = "messages are missing"',
        ...NEWEST,
      ],
    },
    deadLetters('dead messages', redriveHandler, BURIED),
  ];
}

function commandQueries({ lambdaFunction }: EventBridgeToMomento): LogQuery[] {
  if (!lambdaFunction) {
    // API destinations have no log.
    return [];
  }
  const { handler } = lambdaFunction;
  return [
    deadLetters('dead commands', handler, BURIED),
    {
      id: 'PostponedCommands',
      name: 'postponed commands by reason',
      handler,
      query: ['filter message = "postponed"', 'stats count(*) as attempts by reason', 'sort attempts desc'],
    },
  ];
}

function changeQueries({ handler }: DynamoDbToMomento): LogQuery[] {
  return [deadLetters('dead changes', handler, CHANGE_BURIED)];
}

function deadLetters(name: string, handler: lambda.Function, { fields, filter }: typeof BURIED): LogQuery {
  return { id: 'DeadLetters', name, handler, query: [fields, filter, ...NEWEST] };
}
