import assert from 'node:assert/strict';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import {
  CacheItemTtl,
  DynamoDbToMomento,
  type DynamoDbToMomentoProps,
  EventBridgeToMomento,
  type EventBridgeToMomentoProps,
} from '../../../constructs';
import { codeInBucket } from '../from-momento/webhook';
import { apiKey, IRELAND } from '../to-momento/to-momento';

export type Props = Partial<DynamoDbToMomentoProps>;
type Properties = Record<string, unknown>;
interface Statement {
  readonly Action: unknown;
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

export const KEY = { key: 'weather-{Location}', ttl: CacheItemTtl.duration(Duration.hours(1)) };

/** The construct in a stack of its own, with a table of weather. */
export class Cached {
  public readonly stack = new Stack(new App(), 'Stack', IRELAND);
  public readonly momento: EventBridgeToMomento;
  public readonly construct: DynamoDbToMomento;

  public constructor(
    props: Props | ((stack: Stack) => Props) = {},
    momentoProps: Partial<EventBridgeToMomentoProps> = {},
  ) {
    const given = typeof props === 'function' ? props(this.stack) : props;
    this.momento = new EventBridgeToMomento(this.stack, 'Out', { apiKey: apiKey(this.stack), ...momentoProps });
    this.construct = new DynamoDbToMomento(this.stack, 'Cached', {
      table: given.table ?? weather(this.stack),
      momento: this.momento,
      cacheName: 'weather',
      cacheItem: KEY,
      handlerCode: codeInBucket(this.stack),
      ...given,
    });
  }

  public get template(): Template {
    return Template.fromStack(this.stack);
  }

  public only(type: string): Properties {
    const found = Object.values(this.template.findResources(type)) as { Properties: Properties }[];
    assert.equal(found.length, 1);
    return found[0]?.Properties ?? {};
  }

  public id(construct: { readonly node: { readonly defaultChild?: unknown } }): string {
    return this.stack.resolve((construct.node.defaultChild as { logicalId: string }).logicalId) as string;
  }

  public arn(construct: { readonly node: { readonly defaultChild?: unknown } }): unknown {
    return { 'Fn::GetAtt': [this.id(construct), 'Arn'] };
  }

  public stream(): Properties {
    const { SourceParameters } = this.only('AWS::Pipes::Pipe') as { SourceParameters: Record<string, Properties> };
    return SourceParameters.DynamoDBStreamParameters ?? {};
  }

  public environment(): Properties {
    const functions = this.template.findResources('AWS::Lambda::Function');
    const { Properties } = functions[this.id(this.construct.handler)] as {
      Properties: { Environment: { Variables: Properties } };
    };
    const { DEAD_LETTER_QUEUE_URL, LOG_LEVEL, ...mapping } = Properties.Environment.Variables;
    assert.ok(DEAD_LETTER_QUEUE_URL);
    assert.equal(LOG_LEVEL, 'info');
    return mapping;
  }

  public statements(role: iam.IRole): Statement[] {
    const policies = Object.values(
      this.template.findResources('AWS::IAM::Policy', { Properties: { Roles: [{ Ref: this.id(role) }] } }),
    ) as { Properties: { PolicyDocument: { Statement: Statement[] } } }[];
    return policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  }
}

export function weather(stack: Stack, props: Partial<dynamodb.TableProps> = {}): dynamodb.Table {
  return new dynamodb.Table(stack, 'Weather', {
    partitionKey: { name: 'Location', type: dynamodb.AttributeType.STRING },
    stream: dynamodb.StreamViewType.NEW_IMAGE,
    ...props,
  });
}
