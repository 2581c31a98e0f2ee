import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { checkWholeNumber, fail } from '../common/prop-checks';

/**
 * The time to live of a table's item in the cache: at most 24 hours, Momento's limit on demand. An item that has expired
 * already is deleted.
 */
export abstract class CacheItemTtl {
  /**
   * The same time to live for every item, from when its change is processed.
   *
   * @param duration whole seconds, from 1 second to 24 hours
   */
  public static duration(duration: Duration): CacheItemTtl {
    return new ConstantTtl(duration);
  }

  /**
   * The number in an attribute: seconds from when the change is processed, capped at 24 hours. An item without the attribute
   * lives 24 hours; an item in which it is not a number goes to the dead-letter queue.
   *
   * @param attributeName a top-level attribute
   */
  public static secondsIn(attributeName: string): CacheItemTtl {
    return new AttributeTtl('TTL_ATTRIBUTE', attributeName);
  }

  /**
   * The number in an attribute: the Unix time in seconds at which the item expires, like the time-to-live attribute of
   * DynamoDB. It is capped at 24 hours from when the change is processed. An item without the attribute lives 24 hours; an
   * item in which it is not a number goes to the dead-letter queue.
   *
   * @param attributeName a top-level attribute
   */
  public static expiryIn(attributeName: string): CacheItemTtl {
    return new AttributeTtl('EXPIRY_ATTRIBUTE', attributeName);
  }

  /**
   * The environment variables for the handler. Called by the construct that the time to live is given to.
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
      fail(scope, 'ttl must name an attribute, got an empty string.');
    }
    return { [this.variable]: this.attributeName };
  }
}
