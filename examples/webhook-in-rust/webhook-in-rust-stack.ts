import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { join } from 'node:path';

export interface WebhookInRustStackProps extends StackProps {
  /**
   * What Momento posts to: a function URL, or an HTTP API of API Gateway.
   *
   * @default function-url
   */
  readonly entrance?: 'function-url' | 'http-api';
  /**
   * The name of the secret whose string is the signing secret of the Momento webhook.
   *
   * @default momento-signing-secret
   */
  readonly signingSecretName?: string;
  /**
   * What the function runs on.
   *
   * @default arm64
   */
  readonly architecture?: lambda.Architecture;
  /**
   * The directory that `cargo lambda build` has put the function in.
   *
   * @default lambda, beside this file
   */
  readonly functions?: string;
}

/** A Momento webhook that saves each message in a table before it answers. */
export class WebhookInRustStack extends Stack {
  public constructor(scope: Construct, id: string, props: WebhookInRustStackProps = {}) {
    super(scope, id, props);
    const { entrance = 'function-url', architecture = lambda.Architecture.ARM_64 } = props;
    const signingSecret = secretsmanager.Secret.fromSecretNameV2(
      this,
      'SigningSecret',
      props.signingSecretName ?? 'momento-signing-secret',
    );
    const messages = new dynamodb.Table(this, 'Messages', {
      partitionKey: { name: 'Topic', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'Message', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });
    const webhook = new lambda.Function(this, 'Webhook', {
      runtime: lambda.Runtime.PROVIDED_AL2023,
      architecture,
      handler: 'bootstrap',
      // Momento waits no longer for the answer.
      timeout: Duration.seconds(5),
      code: lambda.Code.fromAsset(join(props.functions ?? join(__dirname, 'lambda'), 'webhook-in-rust')),
      environment: { SIGNING_SECRET_ID: signingSecret.secretName, TABLE_NAME: messages.tableName },
      logGroup: new logs.LogGroup(this, 'WebhookLog', { retention: logs.RetentionDays.ONE_MONTH }),
    });
    signingSecret.grantRead(webhook);
    messages.grant(webhook, 'dynamodb:PutItem');

    // Both are open to everybody: the function checks the signature, because Momento cannot sign in to AWS.
    const url =
      entrance === 'http-api'
        ? this.addHttpApi(webhook)
        : webhook.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE }).url;
    new CfnOutput(this, 'Url', { value: url });
    new CfnOutput(this, 'TableName', { value: messages.tableName });
    new CfnOutput(this, 'FunctionName', { value: webhook.functionName });
  }

  /** @returns its URL, to which only POST requests get through */
  private addHttpApi(webhook: lambda.Function): string {
    const api = new apigateway.HttpApi(this, 'HttpApi');
    const integration = new HttpLambdaIntegration('Webhook', webhook);
    api.addRoutes({ path: '/', methods: [apigateway.HttpMethod.POST], integration });
    return `${api.apiEndpoint}/`;
  }
}
