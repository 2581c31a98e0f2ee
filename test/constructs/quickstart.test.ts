import { describe, test } from 'node:test';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App } from 'aws-cdk-lib';
import { RoundTripStack } from '../../tools/run-example/quickstart/round-trip-stack';
import { quickstart } from './quickstart';

describe('the quickstart', () => {
  test('carries the messages of every topic of the cache chat to its queue, whose address is an output', () => {
    const template = Template.fromStack(quickstart());
    const { MessagesUrl } = template.findOutputs('MessagesUrl') as { MessagesUrl: { Value: { Ref: string } } };
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['Momento'], detail: { cache: ['chat'] } },
      Targets: [Match.objectLike({ Arn: { 'Fn::GetAtt': [MessagesUrl.Value.Ref, 'Arn'] } })],
    });
  });

  test('runs on arm64 by default', () => {
    const runsOn = (name: string) => ({ Architectures: [name] });
    Template.fromStack(quickstart()).allResourcesProperties('AWS::Lambda::Function', runsOn('arm64'));
    const other = quickstart({ architecture: lambda.Architecture.X86_64 });
    Template.fromStack(other).allResourcesProperties('AWS::Lambda::Function', runsOn('x86_64'));
  });
});

describe('the commands to Momento beside the quickstart', () => {
  test('keeps the text of each message of the cache chat as the item latest/topic, and what fails as a dead letter', () => {
    const template = Template.fromStack(new RoundTripStack(new App(), 'RoundTrip', { env: { region: 'eu-west-1' } }));
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
