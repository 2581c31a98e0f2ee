import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Match } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { ReplayProtection } from '../../../constructs/from-momento/replay-protection';
import { ReplayTableOutage } from '../../../constructs/from-momento/replay-table-outage';
import { IRELAND } from '../in-stack';
import { allow, Webhook } from './webhook';

function tableSettings(webhook: Webhook): unknown {
  const { REPLAY_TABLE_NAME, REPLAY_TABLE_OUTAGE } = webhook.environment(webhook.construct.handler);
  return { REPLAY_TABLE_NAME, REPLAY_TABLE_OUTAGE };
}

describe('replay protection', () => {
  test('is in memory, without a table, by default', () => {
    for (const replayProtection of [undefined, ReplayProtection.memory()]) {
      const webhook = new Webhook({ replayProtection });
      webhook.template.resourceCountIs('AWS::DynamoDB::Table', 0);
      assert.equal(webhook.construct.replayTable, undefined);
      assert.deepEqual(tableSettings(webhook), { REPLAY_TABLE_NAME: undefined, REPLAY_TABLE_OUTAGE: undefined });
    }
  });

  test('creates an on-demand table that forgets, and goes with the stack', () => {
    const webhook = new Webhook({ replayProtection: ReplayProtection.table() });
    webhook.template.hasResource('AWS::DynamoDB::Table', {
      Properties: {
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        SSESpecification: Match.absent(),
        TableName: Match.absent(),
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      },
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
    });
    const table = webhook.construct.replayTable as dynamodb.Table;
    assert.deepEqual(tableSettings(webhook), {
      REPLAY_TABLE_NAME: { Ref: webhook.id(table) },
      REPLAY_TABLE_OUTAGE: 'ACCEPT',
    });
    assert.deepEqual(
      webhook.allowed(webhook.construct.handler).at(-1),
      allow(['dynamodb:PutItem', 'dynamodb:UpdateItem'], webhook.arn(table)),
    );
  });

  test('uses a table that is given, and creates none', () => {
    const arn = 'arn:aws:dynamodb:eu-west-1:111111111111:table/replays';
    const webhook = new Webhook(
      (stack) => ({
        replayProtection: ReplayProtection.existingTable(dynamodb.TableV2.fromTableArn(stack, 'Given', arn)),
      }),
      IRELAND,
    );
    webhook.template.resourceCountIs('AWS::DynamoDB::Table', 0);
    assert.deepEqual(tableSettings(webhook), { REPLAY_TABLE_NAME: 'replays', REPLAY_TABLE_OUTAGE: 'ACCEPT' });
    assert.deepEqual(
      webhook.allowed(webhook.construct.handler).at(-1),
      allow(['dynamodb:PutItem', 'dynamodb:UpdateItem'], arn),
    );
  });

  test('rejects requests without the table with ReplayTableOutage.REFUSE', () => {
    const refuse = { whenUnavailable: ReplayTableOutage.REFUSE };
    const created = new Webhook({ replayProtection: ReplayProtection.table(refuse) });
    const given = new Webhook((stack) => ({
      replayProtection: ReplayProtection.existingTable(dynamodb.Table.fromTableName(stack, 'Given', 'replays'), refuse),
    }));
    for (const webhook of [created, given]) {
      assert.equal(webhook.environment(webhook.construct.handler).REPLAY_TABLE_OUTAGE, 'REFUSE');
    }
  });

  test('tells the redrive handler nothing: what is parked has passed it', () => {
    const webhook = new Webhook({ replayProtection: ReplayProtection.table() });
    assert.ok(!('REPLAY_TABLE_NAME' in webhook.environment(webhook.construct.redriveHandler)));
  });
});
