import { Stack, Token } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import { fail } from '../common/prop-checks';
import { LOG_QUERIES } from './log-queries';
import type { MomentoEventBridgeLogQueriesProps } from './momento-eventbridge-log-queries-props';
import { checkMonitored, ofKind } from './monitored';

/**
 * What CloudWatch Logs takes as a name
 * (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html).
 */
const MAX_NAME_CHARACTERS = 255;

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
      const construct = pathInStack(one);
      return ofKind(this, one, LOG_QUERIES).map(
        ({ id: queryId, name, handler, query }) =>
          new logs.CfnQueryDefinition(this, `${queryId}${one.node.addr.slice(-8)}`, {
            name: this.checkedName(`${folder}/${construct}/${name}`),
            logGroupNames: [handler.logGroup.logGroupName],
            queryString: query.join('\n| '),
          }),
      );
    });
  }

  private checkedName(name: string): string {
    if (!Token.isUnresolved(name) && name.length > MAX_NAME_CHARACTERS) {
      fail(
        this,
        `folder must make names of at most ${MAX_NAME_CHARACTERS.toString()} characters, got ${name.length.toString()}: ${name}. ` +
          'Choose a shorter folder.',
      );
    }
    return name;
  }
}

/** The path of a construct without its stack, and without the stages around that. */
function pathInStack({ node }: IConstruct): string {
  const stack = node.scopes.findIndex((scope) => Stack.isStack(scope));
  return node.scopes
    .slice(stack + 1)
    .map((scope) => scope.node.id)
    .join('/');
}
