import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { ReplayTableOptions } from './replay-table-options';
import type { ReplayTableOutage } from './replay-table-outage';

/**
 * The configuration that a `ReplayProtection` results in.
 */
export interface ReplayProtectionConfig {
  /**
   * The table that the handler's execution environments share.
   *
   * @default - none: each environment has its own memory
   */
  readonly table?: dynamodb.ITable;

  /**
   * Whether a genuine message is accepted while the table is unavailable.
   *
   * @default ReplayTableOutage.ACCEPT
   */
  readonly whenUnavailable?: ReplayTableOutage;
}

/**
 * How the handler detects replayed requests, so that a recorded request is not put on the bus again. It remembers a request
 * for as long as it is fresh: `maxEventAge` plus `maxClockSkew`.
 */
export abstract class ReplayProtection {
  /**
   * Each execution environment has its own memory. It costs nothing, but a replay can pass once in every other environment:
   * Lambda starts one for every request that arrives while all others are busy.
   */
  public static memory(): ReplayProtection {
    return new MemoryReplayProtection();
  }

  /**
   * The execution environments also share a table, which the construct creates, so that a replay passes in none of them. The
   * table is on-demand, encrypted with a key that DynamoDB owns, and deleted with the stack: it holds digests of signatures, for
   * minutes. Each message costs two writes of a few milliseconds: in us-east-1 1.25 USD per million messages.
   *
   * @param options how an outage of the table is handled
   */
  public static table(options: ReplayTableOptions = {}): ReplayProtection {
    return new CreatedTableReplayProtection(options);
  }

  /**
   * The execution environments also share an existing table. Its partition key must be `id`, a string, without a sort key; its
   * time-to-live attribute should be `expires`, or the items stay forever. A table with another key counts as unavailable.
   *
   * Constructs that share a table accept each request only once between them. For each of them to accept it, give each its own
   * table.
   *
   * @param table in the account and region of the stack
   * @param options how an outage of the table is handled
   */
  public static existingTable(table: dynamodb.ITable, options: ReplayTableOptions = {}): ReplayProtection {
    return new ExistingTableReplayProtection(table, options);
  }

  /**
   * Creates what it needs. Called by the construct that the protection is given to.
   *
   * @param scope that construct
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
