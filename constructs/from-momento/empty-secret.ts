import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

/**
 * A secret without a value. The L2 construct would generate a random value, which looks valid but matches no signature.
 */
export class EmptySecret extends secretsmanager.Secret {
  public constructor(scope: Construct, id: string, props: secretsmanager.SecretProps) {
    super(scope, id, props);
    (this.node.defaultChild as secretsmanager.CfnSecret).generateSecretString = undefined;
  }
}
