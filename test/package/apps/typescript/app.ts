import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { EventBridgeToMomento, MomentoEndpoint, MomentoWebhookToEventBridge } from 'cdk-momento-eventbridge';

const app = new App();
const stack = new Stack(app, 'Chat');
const messages = new sqs.Queue(stack, 'Messages');
const architecture = app.node.tryGetContext('architecture') === 'x86_64' ? Architecture.X86_64 : Architecture.ARM_64;
const momento = new MomentoWebhookToEventBridge(stack, 'Momento', { architecture });
momento.onMessage('Room281', { cacheName: 'chat', topicName: 'room-281', target: new targets.SqsQueue(messages) });
new EventBridgeToMomento(stack, 'ToMomento', {
  apiKey: new secretsmanager.Secret(stack, 'ApiKey'),
  endpoint: MomentoEndpoint.forRegion('us-east-1'),
  sources: ['orders'],
});
new CfnOutput(stack, 'MessagesUrl', { value: messages.queueUrl });
app.synth();
