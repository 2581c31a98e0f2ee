import type { IConstruct } from 'constructs';

/**
 * Props for `MomentoEventBridgeLogQueries`.
 */
export interface MomentoEventBridgeLogQueriesProps {
  /**
   * The constructs to save queries for: 1 to 20 of `MomentoTopicToEventBridge`, `MomentoWebhookToEventBridge`,
   * `EventBridgeToMomento` and `DynamoDbToMomento`.
   */
  readonly monitored: IConstruct[];

  /**
   * The folder of the queries in the console of CloudWatch Logs. Slashes make folders in it. With the path of a construct and the
   * name of a query, it makes at most 255 characters.
   *
   * @default - the name of the stack
   */
  readonly folder?: string;
}
