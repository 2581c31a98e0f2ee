// Draws docs/dashboard.svg: the dashboard of docs/monitoring.md with made-up data, since nothing here can take a picture of
// CloudWatch. A test fails if the dashboard has changed and the picture has not.
//
// usage: npm run dashboard-picture
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type CfnElement, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  EventBridgeToMomento,
  HandlerCode,
  MomentoEventBridgeDashboard,
  MomentoTopicToEventBridge,
  MomentoTopicToEventBridgeAlarms,
} from '../../constructs';
import { widgetsOf } from './dashboard-body';
import { pictureOf } from './picture';

export const PICTURE = join(__dirname, '../../docs/dashboard.svg');

/** The text of the picture. */
export function dashboardPicture(): string {
  const stack = new Stack(new App(), 'Chat');
  const apiKey = secretsmanager.Secret.fromSecretNameV2(stack, 'ApiKey', 'momento/api-key');
  // Nothing is deployed, so no handler has to be built.
  const code = lambda.Code.fromBucket(s3.Bucket.fromBucketName(stack, 'Code', 'code'), 'handler.zip');
  const momento = new MomentoTopicToEventBridge(stack, 'Momento', {
    topics: [{ cacheName: 'chat', topicName: 'room-281' }],
    apiKey,
    handlerCode: HandlerCode.fromCode({ subscribe: code, redrive: code }),
  });
  const toMomento = new EventBridgeToMomento(stack, 'ToMomento', { apiKey });
  const { alarms } = new MomentoTopicToEventBridgeAlarms(stack, 'Alarms', { monitored: momento });
  new MomentoEventBridgeDashboard(stack, 'Dashboard', { monitored: [momento, toMomento], alarms });
  const names = alarms.map(({ node }): [string, string] => [
    stack.getLogicalId(node.defaultChild as CfnElement),
    // An alarm of a topic has the topic's address after its name.
    node.id.replace(/[0-9a-f]{16}$/, ''),
  ]);
  return pictureOf(widgetsOf(Template.fromStack(stack)), new Map(names));
}

if (require.main === module) writeFileSync(PICTURE, dashboardPicture());
