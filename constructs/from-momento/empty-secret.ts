import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

/**
 * A secret without a value. The L2 construct would generate a random one, which looks filled and verifies nothing.
 */
export class EmptySecret extends secretsmanager.Secret {
  public constructor(scope: Construct, id: string, props: secretsmanager.SecretProps) {
    super(scope, id, props);
    (this.node.defaultChild as secretsmanager.CfnSecret).generateSecretString = undefined;
  }
}
