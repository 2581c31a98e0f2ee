import { Stack } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { LOG_QUERIES } from './log-queries';
import type { MomentoEventBridgeLogQueriesProps } from './momento-eventbridge-log-queries-props';
import { checkMonitored, ofKind } from './monitored';

/**
 * Saved queries of CloudWatch Logs Insights for the constructs of this library: rejections by reason, slowest publishes, lost and
 * missed messages, dead letters, postponed commands. Each is limited to the log group of one function.
 *
 * Saved queries cost nothing; Logs Insights bills what a query reads when you run it.
 *
 * @example
 * import { MomentoEventBridgeLogQueries } from 'cdk-momento-eventbridge';
 *
 * new MomentoEventBridgeLogQueries(this, 'Queries', { monitored: [momento, toMomento] });
 */
export class MomentoEventBridgeLogQueries extends Construct {
  /**
   * The saved queries. An `EventBridgeToMomento` with `Delivery.apiDestinations()` has none: it has no log.
   */
  public readonly queries: logs.CfnQueryDefinition[];

  public constructor(scope: Construct, id: string, props: MomentoEventBridgeLogQueriesProps) {
    super(scope, id);
    const { monitored, folder = Stack.of(this).stackName } = props;
    checkMonitored(this, monitored);
    this.queries = monitored.flatMap((one) => {
      const { path, addr } = one.node;
      // The path begins with the name of the stack.
      const construct = path.split('/').slice(1).join('/');
      return ofKind(this, one, LOG_QUERIES).map(
        ({ id: queryId, name, handler, query }) =>
          new logs.CfnQueryDefinition(this, `${queryId}${addr.slice(-8)}`, {
            name: `${folder}/${construct}/${name}`,
            logGroupNames: [handler.logGroup.logGroupName],
            queryString: query.join('\n| '),
          }),
      );
    });
  }
}
