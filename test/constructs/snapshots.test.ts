import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { CacheItemTtl } from '../../constructs/from-dynamodb/cache-item-ttl';
import { ApiKeyRotation } from '../../constructs/to-momento/api-key-rotation';
import { Delivery } from '../../constructs/to-momento/delivery';
import { MomentoEventSchemas } from '../../constructs/event-schemas/momento-event-schemas';
import { DynamoDbToMomento } from '../../constructs/from-dynamodb/dynamodb-to-momento';
import { MomentoTopicToEventBridgeAlarms } from '../../constructs/from-momento/momento-topic-to-eventbridge-alarms';
import { MomentoWebhookToEventBridgeAlarms } from '../../constructs/from-momento/momento-webhook-to-eventbridge-alarms';
import { ReplayProtection } from '../../constructs/from-momento/replay-protection';
import { MomentoEventBridgeDashboard } from '../../constructs/monitoring/momento-eventbridge-dashboard';
import { Monitored } from './monitoring/monitored';
import { quickstart } from './quickstart';
import { ToMomento } from './to-momento/to-momento';
import { ROOM, Topics } from './from-momento/topics';
import { codeInBucket, Webhook } from './from-momento/webhook';

const DIRECTORY = join(__dirname, 'snapshots');
const UPDATE = process.env.UPDATE_SNAPSHOTS === '1';

/** What users deploy, each in a stack of its own. */
const STACKS: Record<string, () => Stack> = {
  quickstart,
  'quickstart-by-webhook': () => quickstart({ source: 'webhook' }),
  'webhook-with-replay-table-and-alarms': () => {
    const { stack, construct } = new Webhook({ replayProtection: ReplayProtection.table() });
    new MomentoWebhookToEventBridgeAlarms(stack, 'Alarms', { monitored: construct });
    return stack;
  },
  'topics-with-alarms': () => {
    const { stack, construct } = new Topics({ topics: [ROOM, { cacheName: 'chat', topicName: 'room-282' }] });
    new MomentoTopicToEventBridgeAlarms(stack, 'Alarms', { monitored: construct });
    construct.onMissedMessages('Missed');
    return stack;
  },
  'dashboard-of-everything': () => {
    const { stack, all } = new Monitored();
    new MomentoEventBridgeDashboard(stack, 'Dashboard', { monitored: all });
    return stack;
  },
  'event-schemas': () => {
    const stack = new Stack(new App(), 'Stack');
    new MomentoEventSchemas(stack, 'Schemas');
    return stack;
  },
  'to-momento-by-api-destinations': () => new ToMomento().stack,
  'to-momento-by-api-destinations-following-rotation': () =>
    new ToMomento((stack) => ({
      delivery: Delivery.apiDestinations({
        apiKeyRotation: ApiKeyRotation.followSecret({ handlerCode: codeInBucket(stack) }),
      }),
    })).stack,
  'to-momento-by-lambda': () =>
    new ToMomento((stack) => ({ delivery: Delivery.lambdaFunction({ handlerCode: codeInBucket(stack) }) })).stack,
  'dynamodb-to-momento': () => {
    const { stack, construct } = new ToMomento();
    const partitionKey = { name: 'Location', type: dynamodb.AttributeType.STRING };
    const stream = dynamodb.StreamViewType.NEW_AND_OLD_IMAGES;
    new DynamoDbToMomento(stack, 'Cached', {
      table: new dynamodb.Table(stack, 'Weather', { partitionKey, stream }),
      momento: construct,
      cacheName: 'weather',
      cacheItem: { key: 'weather-{Location}', ttl: CacheItemTtl.duration(Duration.hours(1)) },
      handlerCode: codeInBucket(stack),
    });
    return stack;
  },
};

describe('the template of', () => {
  if (UPDATE) {
    rmSync(DIRECTORY, { recursive: true, force: true });
    mkdirSync(DIRECTORY);
  }

  for (const [name, stack] of Object.entries(STACKS)) {
    test(`${name} is the one that was last agreed to`, () => {
      const file = join(DIRECTORY, `${name}.json`);
      const template = asText(Template.fromStack(stack()));
      if (UPDATE) writeFileSync(file, template);
      assert.ok(existsSync(file), `${file} is missing: npm run test:update-snapshots`);
      assert.equal(
        template,
        readFileSync(file, 'utf8'),
        'The template has changed. If it should have: npm run test:update-snapshots, and read the difference.',
      );
    });
  }

  test('no other stack is kept', () => {
    const names = Object.keys(STACKS).map((name) => `${name}.json`);
    assert.deepEqual(readdirSync(DIRECTORY).sort(), names.sort());
  });
});

/** A template without what changes with the content of assets. */
function asText(template: Template): string {
  return `${JSON.stringify(template.toJSON(), null, 2).replace(/\b[0-9a-f]{64}\b/g, '<hash of the asset>')}\n`;
}
