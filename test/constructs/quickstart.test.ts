import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App } from 'aws-cdk-lib';
import { BesideStack } from '../../tools/run-example/quickstart/beside-stack';
import { withUnbuiltHandlers } from '../examples/unbuilt-handlers';
import { quickstart } from './quickstart';

const EXAMPLE = join(__dirname, '../../examples/quickstart');

describe('the quickstart', () => {
  for (const source of ['subscription', 'webhook'] as const) {
    test(`carries the messages of the cache chat to its queue, whose address is an output, by ${source}`, () => {
      const template = Template.fromStack(quickstart({ source }));
      const { MessagesUrl } = template.findOutputs('MessagesUrl') as { MessagesUrl: { Value: { Ref: string } } };
      template.hasResourceProperties('AWS::Events::Rule', {
        EventPattern: { source: ['Momento'], detail: { cache: ['chat'] } },
        Targets: [Match.objectLike({ Arn: { 'Fn::GetAtt': [MessagesUrl.Value.Ref, 'Arn'] } })],
      });
    });
  }

  test('subscribes by default, without a Function URL, with the key that its README has stored', () => {
    const template = Template.fromStack(quickstart());
    template.resourceCountIs('AWS::Lambda::Url', 0);
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      Target: Match.objectLike({
        Input: Match.serializedJson(Match.objectLike({ topics: [{ cache: 'chat', topic: 'room-281' }] })),
      }),
    });
    assert.match(JSON.stringify(template.toJSON()), /secret:momento\/api-key/);
    assert.match(readFileSync(join(EXAMPLE, 'README.md'), 'utf8'), /create-secret --name momento\/api-key /);
  });

  test('runs on arm64 by default', () => {
    const runsOn = (name: string) => ({ Architectures: [name] });
    Template.fromStack(quickstart()).allResourcesProperties('AWS::Lambda::Function', runsOn('arm64'));
    const other = quickstart({ architecture: lambda.Architecture.X86_64 });
    Template.fromStack(other).allResourcesProperties('AWS::Lambda::Function', runsOn('x86_64'));
  });
});

describe('the commands to Momento beside the quickstart', () => {
  test('keep the text of each message of the cache chat as the item latest/topic, and what fails as a dead letter', () => {
    const template = Template.fromStack(
      withUnbuiltHandlers(() => new BesideStack(new App(), 'Beside', { env: { region: 'eu-west-1' } })),
    );
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['Momento'], detail: { cache: ['chat'] } },
      Targets: [
        {
          InputPath: '$.detail.text',
          HttpParameters: {
            PathParameterValues: ['latest'],
            QueryStringParameters: { key: '$.detail.topic', ttl_seconds: '3600' },
          },
          DeadLetterConfig: { Arn: Match.anyValue() },
          Arn: Match.anyValue(),
          RoleArn: Match.anyValue(),
          Id: Match.anyValue(),
        },
      ],
    });
    template.hasResourceProperties('AWS::Events::ApiDestination', {
      HttpMethod: 'PUT',
      InvocationEndpoint: 'https://api.cache.cell-1-eu-west-1-1.prod.a.momentohq.com/cache/*',
    });
  });
});
