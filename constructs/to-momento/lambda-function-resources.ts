import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';

/**
 * The resources of `Delivery.lambdaFunction()`.
 */
export interface LambdaFunctionResources {
  /**
   * The queue in which commands wait for the function.
   */
  readonly commandQueue: sqs.IQueue;

  /**
   * The function that calls Momento. Its log group is its member `logGroup`.
   */
  readonly handler: lambda.Function;
}
