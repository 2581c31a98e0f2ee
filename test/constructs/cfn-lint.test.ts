import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Stack } from 'aws-cdk-lib';
import { Delivery } from '../../constructs/delivery';
import { MomentoWebhookAlarms } from '../../constructs/momento-webhook-alarms';
import { ReplayProtection } from '../../constructs/replay-protection';
import { quickstart } from './quickstart';
import { ToMomento } from './to-momento';
import { codeInBucket, Webhook } from './webhook';

const CFN_LINT = join(__dirname, '../../.venv/bin/cfn-lint');
// The CDK itself makes a function depend on its role's policy and on the role, which the policy depends on anyway.
const REDUNDANT_DEPENDS_ON = 'W3005';

function lint(stack: Stack): void {
  const directory = mkdtempSync(join(tmpdir(), 'cfn-lint-'));
  try {
    const file = join(directory, 'template.json');
    writeFileSync(file, JSON.stringify(Template.fromStack(stack).toJSON()));
    const options = ['--ignore-checks', REDUNDANT_DEPENDS_ON, '--regions', 'us-east-1'];
    execFileSync(CFN_LINT, [...options, '--', file], { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    assert.fail((error as { stdout?: string }).stdout ?? String(error));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('cfn-lint finds nothing', () => {
  test('in the construct as it is without props', () => {
    lint(new Webhook().stack);
  });

  test('in the construct with every optional resource', () => {
    const replayProtection = ReplayProtection.table();
    const webhook = new Webhook({ tracing: lambda.Tracing.ACTIVE, reservedConcurrency: 5, replayProtection });
    const actions = [new SnsAction(new Topic(webhook.stack, 'Topic'))];
    new MomentoWebhookAlarms(webhook.stack, 'Alarms', { webhook: webhook.construct, actions });
    lint(webhook.stack);
  });

  test('in the way back, in a region that is known and in one that is not', () => {
    lint(new ToMomento({}, { env: { region: 'us-east-1' } }).stack);
    lint(new ToMomento({}, {}).stack);
  });

  test('in the way back by Lambda, and in the one that follows the rotation of its API key', () => {
    lint(new ToMomento((stack) => ({ delivery: Delivery.lambda({ handlerCode: codeInBucket(stack) }) })).stack);
    lint(
      new ToMomento((stack) => ({
        delivery: Delivery.apiDestinations({ followSecretRotation: true, handlerCode: codeInBucket(stack) }),
      })).stack,
    );
  });

  test('in the quickstart', () => {
    lint(quickstart());
  });
});
