import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { ReplayTableOptions } from './replay-table-options';
import type { ReplayTableOutage } from './replay-table-outage';

/**
 * What `ReplayProtection` comes to in a construct.
 */
export interface ReplayProtectionConfig {
  /**
   * The table that the handler's environments share.
   *
   * @default - none: each environment remembers by itself
   */
  readonly table?: dynamodb.ITable;

  /**
   * What becomes of a genuine message while the table is unavailable.
   *
   * @default ReplayTableOutage.ACCEPT
   */
  readonly whenUnavailable?: ReplayTableOutage;
}

/**
 * How the handler knows a request that it has taken before, so that one that somebody recorded is not put on the bus
 * again. It has to know each for as long as it is fresh: `maxEventAge` and `maxClockSkew` together.
 */
export abstract class ReplayProtection {
  /**
   * Each environment of the handler remembers what it took. It costs nothing, and a replay can pass once in each further
   * environment: Lambda starts one for each request that arrives while all others are busy.
   */
  public static memory(): ReplayProtection {
    return new MemoryReplayProtection();
  }

  /**
   * The environments also share a table, created for it, so that a replay passes in none. On-demand, encrypted with a key
   * that DynamoDB owns, and deleted with the stack: it holds digests of signatures, for minutes. Each message costs two
   * writes of a few milliseconds each: in us-east-1 1.25 USD for a million messages.
   *
   * @param options what becomes of messages while the table is unavailable
   */
  public static table(options: ReplayTableOptions = {}): ReplayProtection {
    return new CreatedTableReplayProtection(options);
  }

  /**
   * The environments also share a table of yours. Its partition key must be `id`, a string, with no sort key; its
   * time-to-live attribute should be `expires`, or it keeps what it is told for ever. A table without that key counts as
   * unavailable.
   *
   * Constructs that share a table take each request once among them. Those that are each to take it need a table each.
   *
   * @param table in the account and region of the stack
   * @param options what becomes of messages while the table is unavailable
   */
  public static existingTable(table: dynamodb.ITable, options: ReplayTableOptions = {}): ReplayProtection {
    return new ExistingTableReplayProtection(table, options);
  }

  /**
   * Makes what it takes. Called by the construct whose handler is protected.
   *
   * @param scope the construct
   */
  public abstract bind(scope: Construct): ReplayProtectionConfig;
}

class MemoryReplayProtection extends ReplayProtection {
  public bind(): ReplayProtectionConfig {
    return {};
  }
}

class CreatedTableReplayProtection extends ReplayProtection {
  public constructor(private readonly options: ReplayTableOptions) {
    super();
  }

  public bind(scope: Construct): ReplayProtectionConfig {
    const table = new dynamodb.Table(scope, 'ReplayTable', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: 'expires',
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return { table, ...this.options };
  }
}

class ExistingTableReplayProtection extends ReplayProtection {
  public constructor(
    private readonly table: dynamodb.ITable,
    private readonly options: ReplayTableOptions,
  ) {
    super();
  }

  public bind(): ReplayProtectionConfig {
    return { table: this.table, ...this.options };
  }
}
