import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { checkWholeNumber, refuse } from '../common/prop-checks';

/**
 * How long the cache item of a table's item lives: at most 24 hours, the longest that Momento keeps an item on demand. An
 * item whose time is over is deleted.
 */
export abstract class CacheItemTtl {
  /**
   * The same time for every item, from when the change is processed.
   *
   * @param duration whole seconds, from 1 second to 24 hours
   */
  public static duration(duration: Duration): CacheItemTtl {
    return new ConstantTtl(duration);
  }

  /**
   * The number in an attribute: seconds from when the change is processed. More than 24 hours is cut to that. An item without
   * the attribute lives 24 hours; one in which it is no number is a dead letter.
   *
   * @param attributeName a top-level attribute
   */
  public static secondsIn(attributeName: string): CacheItemTtl {
    return new AttributeTtl('TTL_ATTRIBUTE', attributeName);
  }

  /**
   * The number in an attribute: the second since the Unix epoch at which the item's time is over, as the time-to-live of
   * DynamoDB has it. More than 24 hours from when the change is processed is cut to that. An item without the attribute lives
   * 24 hours; one in which it is no number is a dead letter.
   *
   * @param attributeName a top-level attribute
   */
  public static expiryIn(attributeName: string): CacheItemTtl {
    return new AttributeTtl('EXPIRY_ATTRIBUTE', attributeName);
  }

  /**
   * The environment variables that tell the handler. Called by the construct that the time is given to.
   *
   * @param scope that construct
   */
  public abstract bind(scope: Construct): Record<string, string>;
}

class ConstantTtl extends CacheItemTtl {
  public constructor(private readonly duration: Duration) {
    super();
  }

  public bind(scope: Construct): Record<string, string> {
    const seconds = this.duration.toSeconds({ integral: false });
    checkWholeNumber(scope, 'ttl in seconds', seconds, 1, Duration.days(1).toSeconds());
    return { TTL_SECONDS: seconds.toString() };
  }
}

class AttributeTtl extends CacheItemTtl {
  public constructor(
    private readonly variable: string,
    private readonly attributeName: string,
  ) {
    super();
  }

  public bind(scope: Construct): Record<string, string> {
    if (this.attributeName === '') {
      refuse(scope, 'ttl names no attribute. Give the name of one.');
    }
    return { [this.variable]: this.attributeName };
  }
}
