import type { Construct } from 'constructs';
import { ApiDestinations } from './api-destinations';
import type { ApiDestinationsOptions } from './api-destinations-options';
import type { BoundDelivery, DeliveryProps } from './bound-delivery';
import { LambdaDelivery } from './lambda-delivery';
import type { LambdaDeliveryOptions } from './lambda-delivery-options';

/**
 * How a command gets from the bus to Momento. The events, and what becomes of those that cannot be delivered, are the same:
 * to change from one to the other takes this prop and no other.
 */
export abstract class Delivery {
  /**
   * EventBridge calls Momento: no code runs. A message arrives as a JSON string, in double quotes: `hello` as `"hello"`.
   *
   * @param options whether a rotated API key is followed
   */
  public static apiDestinations(options: ApiDestinationsOptions = {}): Delivery {
    return new ApiDestinationDelivery(options);
  }

  /**
   * A function calls Momento, fed from a queue. A message arrives exactly as it is given, and may be bytes
   * (`message_base64`). Every field of a command is checked before it is sent, and a rotated API key is followed. Python
   * knows it as `lambda_`.
   *
   * @param options how many deliver at once, and how the function runs
   */
  public static lambda(options: LambdaDeliveryOptions = {}): Delivery {
    return new FunctionDelivery(options);
  }

  /**
   * Makes what it takes.
   *
   * @internal
   */
  public abstract _bind(scope: Construct, props: DeliveryProps): BoundDelivery;
}

class ApiDestinationDelivery extends Delivery {
  public constructor(private readonly options: ApiDestinationsOptions) {
    super();
  }

  /** @internal */
  public _bind(scope: Construct, props: DeliveryProps): BoundDelivery {
    return new ApiDestinations(scope, 'ApiDestinations', { ...props, options: this.options });
  }
}

class FunctionDelivery extends Delivery {
  public constructor(private readonly options: LambdaDeliveryOptions) {
    super();
  }

  /** @internal */
  public _bind(scope: Construct, props: DeliveryProps): BoundDelivery {
    return new LambdaDelivery(scope, 'Lambda', { ...props, options: this.options });
  }
}
