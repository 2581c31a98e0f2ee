import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** An output of the stack: undefined where the construct has no such resource, or was given it. */
export interface Output {
  readonly value: string | undefined;
  readonly description: string;
}

/** Adds the outputs of a construct, each under the same name in every construct. */
export function addOutputs(scope: Construct, outputs: Readonly<Partial<Record<OutputName, Output>>>): void {
  for (const [name, { value, description }] of Object.entries(outputs)) {
    if (value !== undefined) {
      new CfnOutput(scope, name, { value, description });
    }
  }
}

export type OutputName = 'Url' | 'SigningSecretArn' | 'FallbackQueueUrl' | 'CommandQueueUrl' | 'DeadLetterQueueUrl';
