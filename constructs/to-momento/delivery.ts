import type { Construct } from 'constructs';
import { ApiDestinations } from './api-destinations';
import type { ApiDestinationsOptions } from './api-destinations-options';
import type { BoundDelivery } from './bound-delivery';
import type { DeliveryProps } from './delivery-props';
import { LambdaDelivery } from './lambda-delivery';
import type { LambdaFunctionOptions } from './lambda-function-options';

/**
 * How commands get from the event bus to Momento. Both modes take the same events and have the same dead-letter queue: to
 * change the mode, change this prop and no other.
 */
export abstract class Delivery {
  /**
   * EventBridge calls Momento; no code runs. A message arrives as a JSON string, in double quotes: `hello` as `"hello"`.
   *
   * @param options how a rotated API key is taken, and the connection's encryption
   */
  public static apiDestinations(options: ApiDestinationsOptions = {}): Delivery {
    return new ApiDestinationDelivery(options);
  }

  /**
   * A Lambda function calls Momento, fed from a queue. A message arrives exactly as given, and may be binary
   * (`message_base64`). The function validates every field of a command before it sends it, and takes a rotated API key
   * without a deployment.
   *
   * @param options the concurrency, the queue, and how the function runs
   */
  public static lambdaFunction(options: LambdaFunctionOptions = {}): Delivery {
    return new FunctionDelivery(options);
  }

  /**
   * Creates the resources of the mode.
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
  public constructor(private readonly options: LambdaFunctionOptions) {
    super();
  }

  /** @internal */
  public _bind(scope: Construct, props: DeliveryProps): BoundDelivery {
    return new LambdaDelivery(scope, 'Lambda', { ...props, options: this.options });
  }
}
