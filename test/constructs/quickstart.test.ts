import { describe, test } from 'node:test';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
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

  test('runs on arm64 unless told otherwise', () => {
    const runsOn = (name: string) => ({ Architectures: [name] });
    Template.fromStack(quickstart()).allResourcesProperties('AWS::Lambda::Function', runsOn('arm64'));
    const other = quickstart({ architecture: lambda.Architecture.X86_64 });
    Template.fromStack(other).allResourcesProperties('AWS::Lambda::Function', runsOn('x86_64'));
  });
});
