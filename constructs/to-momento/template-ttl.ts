import { Duration, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { checkEventPath } from './event-path';
import { checkWholeNumber } from '../common/prop-checks';

/**
 * The time to live of a cache item that is made of an event: at most 24 hours, Momento's limit on demand.
 */
export abstract class TemplateTtl {
  /**
   * The same time to live for every item.
   *
   * @param duration whole seconds, from 1 second to 24 hours
   */
  public static duration(duration: Duration): TemplateTtl {
    return new ConstantTtl(duration);
  }

  /**
   * The number at a place in the event, in seconds. An event that has no whole number from 1 there goes to the dead-letter
   * queue; so does one with more than 24 hours, which Momento rejects.
   *
   * @param path the place, such as `detail.ttl`, without braces
   */
  public static secondsIn(path: string): TemplateTtl {
    return new TtlOfEvent(path);
  }

  /**
   * The number of seconds, or the placeholder of the event's own.
   *
   * @internal
   */
  public abstract _bind(scope: IConstruct, prop: string): number | string;
}

class ConstantTtl extends TemplateTtl {
  public constructor(private readonly duration: Duration) {
    super();
  }

  /** @internal */
  public _bind(scope: IConstruct, prop: string): number {
    const seconds = this.duration.toSeconds({ integral: false });
    checkWholeNumber(scope, `${prop} in seconds`, seconds, 1, Duration.days(1).toSeconds());
    return seconds;
  }
}

class TtlOfEvent extends TemplateTtl {
  public constructor(private readonly path: string) {
    super();
  }

  /** @internal */
  public _bind(scope: IConstruct, prop: string): string {
    if (!Token.isUnresolved(this.path)) {
      checkEventPath(scope, prop, this.path);
    }
    return `{${this.path}}`;
  }
}
