import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Delivery, ApiKeyRotation } from '../../../constructs';
import { IRELAND } from '../in-stack';
import { ToMomento } from '../to-momento/to-momento';
import { Topics } from '../from-momento/topics';
import { codeInBucket, Webhook } from '../from-momento/webhook';

const NAME = 'momento-secret';
const byName = (stack: Stack) => Secret.fromSecretNameV2(stack, 'Secret', NAME);
const arn = (account: string, name: string) => `arn:aws:secretsmanager:eu-west-1:${account}:secret:${name}`;
const byPartialArn = (account: string, name: string) => (stack: Stack) =>
  Secret.fromSecretPartialArn(stack, 'Secret', arn(account, name));

describe('a secret that is imported without its complete ARN', () => {
  for (const secret of [byName, byPartialArn('111111111111', NAME)]) {
    test('is read by its name, since Secrets Manager takes the partial ARN for complete', () => {
      const webhook = new Webhook((stack) => ({ signingSecret: secret(stack) }), IRELAND);
      assert.equal(webhook.environment(webhook.construct.handler).MOMENTO_SECRET_ID, NAME);

      const topics = new Topics((stack) => ({ apiKey: secret(stack) }));
      assert.equal(topics.environment(topics.construct.handler).MOMENTO_API_KEY_SECRET_ID, NAME);

      const lambda = new ToMomento((stack) => ({
        apiKey: secret(stack),
        delivery: Delivery.lambdaFunction({ handlerCode: codeInBucket(stack) }),
      }));
      const { handler } = lambda.construct.lambdaFunction ?? {};
      assert.equal(lambda.environment(handler).MOMENTO_API_KEY_SECRET_ID, NAME);

      const destinations = new ToMomento((stack) => ({
        apiKey: secret(stack),
        delivery: Delivery.apiDestinations({
          apiKeyRotation: ApiKeyRotation.followSecret({ handlerCode: codeInBucket(stack) }),
        }),
      }));
      const { followRotation } = destinations.construct.apiDestinations ?? {};
      assert.equal(destinations.environment(followRotation?.handler).MOMENTO_API_KEY_SECRET_ID, NAME);
      destinations.template.hasResourceProperties('AWS::Events::Connection', {
        AuthParameters: {
          ApiKeyAuthParameters: { ApiKeyValue: `{{resolve:secretsmanager:${NAME}:SecretString:::}}` },
        },
      });
    });
  }

  test('is read by its partial ARN in another account, or rejected if that could be taken for complete', () => {
    const webhook = (name: string) =>
      new Webhook((stack) => ({ signingSecret: byPartialArn('222222222222', name)(stack) }), IRELAND);
    const { construct } = webhook('momento');
    const environment = webhook('momento').environment(construct.handler);
    assert.equal(environment.MOMENTO_SECRET_ID, arn('222222222222', 'momento'));
    assert.throws(() => webhook(NAME), /In: signingSecret must have a complete ARN/);
  });

  test('is rejected if its name cannot be one, such as an ARN or what a dynamic reference could not hold', () => {
    for (const name of ['', 'two words', 'momento}}', 'a{b', arn('111111111111', 'momento-AbCdEf'), 'x'.repeat(513)]) {
      const secret = (stack: Stack) => Secret.fromSecretNameV2(stack, 'Secret', name);
      const reason = /must have a name of 1 to 512 letters, digits and \/ _ \+ = \. @ -, got |must have a complete ARN/;
      assert.throws(() => new Webhook((stack) => ({ signingSecret: secret(stack) }), IRELAND), reason, name);
      assert.throws(() => new ToMomento((stack) => ({ apiKey: secret(stack) })), reason, name);
    }
    const longest = `momento/_+=.@-${'x'.repeat(498)}`;
    assert.ok(new Topics((stack) => ({ apiKey: Secret.fromSecretNameV2(stack, 'Secret', longest) })));
  });
});
