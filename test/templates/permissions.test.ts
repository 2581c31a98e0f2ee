/** That the roles and queues of the one-click templates may do what the tables of SECURITY.md say, and nothing else. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { TEMPLATES } from '../../templates/release';
import { GeneratedTemplates } from './generated';

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown> & {
    readonly PolicyDocument: { readonly Statement: Statement[] };
    readonly AssumeRolePolicyDocument: { readonly Statement: Statement[] };
  };
}

const LOG = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const TAKE = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'];
const SENT = { 'sqs:SendMessage': 'DeadLetterQueue.Arn' };
const BUS = 'arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/${EventBusName}';
const ACCOUNT = { StringEquals: { 'aws:SourceAccount': 'AWS::AccountId' } };

/** By template and role: each action with its resource, and the conditions that there are. */
const MAY: Readonly<Record<string, Readonly<Record<string, Record<string, unknown>>>>> = {
  'momento-webhook': {
    HandlerRole: {
      ...actions(LOG, 'HandlerLog.Arn'),
      'events:PutEvents': [BUS, { StringEquals: { 'events:source': 'Momento' } }],
      'secretsmanager:GetSecretValue': 'SigningSecret',
      'sqs:SendMessage': 'FallbackQueue.Arn',
    },
    RedriveHandlerRole: {
      ...actions(LOG, 'RedriveHandlerLog.Arn'),
      ...actions(TAKE, 'FallbackQueue.Arn'),
      ...SENT,
      'events:PutEvents': [BUS, { StringEquals: { 'events:source': 'Momento' } }],
    },
  },
  'momento-topic': {
    HandlerRole: {
      ...actions(LOG, 'HandlerLog.Arn'),
      ...actions(['dynamodb:GetItem', 'dynamodb:UpdateItem'], 'CheckpointTable.Arn'),
      'events:PutEvents': [BUS, { StringEquals: { 'events:source': ['Momento', 'Momento.Subscription'] } }],
      'secretsmanager:GetSecretValue': 'ApiKey',
      'sqs:SendMessage': 'FallbackQueue.Arn',
    },
    RedriveHandlerRole: {
      ...actions(LOG, 'RedriveHandlerLog.Arn'),
      ...actions(TAKE, 'FallbackQueue.Arn'),
      ...SENT,
      'events:PutEvents': [BUS, { StringEquals: { 'events:source': ['Momento', 'Momento.Subscription'] } }],
    },
    ScheduleRole: { 'lambda:InvokeFunction': 'Handler.Arn' },
  },
  'eventbridge-to-momento': {
    ApiDestinationsRole: {
      'events:InvokeApiDestination': ['CacheSet', 'CacheDelete', 'TopicPublish'].map(
        (command) => `ApiDestinations${command}ApiDestination.Arn`,
      ),
    },
  },
  'eventbridge-to-momento-by-lambda': {
    LambdaDeliverHandlerRole: {
      ...actions(LOG, 'LambdaDeliverHandlerLog.Arn'),
      ...actions(TAKE, 'LambdaCommandQueue.Arn'),
      ...SENT,
      'secretsmanager:GetSecretValue': 'ApiKey',
    },
  },
};

/** Which service takes on a role, and for whom. */
const TRUST: Readonly<Record<string, unknown>> = {
  HandlerRole: ['lambda.amazonaws.com', undefined],
  RedriveHandlerRole: ['lambda.amazonaws.com', undefined],
  LambdaDeliverHandlerRole: ['lambda.amazonaws.com', undefined],
  ScheduleRole: ['scheduler.amazonaws.com', ACCOUNT],
  ApiDestinationsRole: ['events.amazonaws.com', ACCOUNT],
};

/** The queues that a service sends to; the others accept from roles only. */
const OPEN_QUEUES: Readonly<Record<string, readonly string[]>> = {
  'eventbridge-to-momento': ['DeadLetterQueue'],
  'eventbridge-to-momento-by-lambda': ['DeadLetterQueue', 'LambdaCommandQueue'],
};

function actions(names: readonly string[], resource: string): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, resource]));
}

const templates = new GeneratedTemplates();

for (const name of TEMPLATES) {
  describe(`${name}.yaml`, () => {
    const { Resources } = parse(templates.yaml(name), { logLevel: 'silent' }) as {
      Resources: Record<string, Resource>;
    };
    const ofType = (type: string) => Object.entries(Resources).filter(([, { Type }]) => Type === type);

    test('permits each role what SECURITY.md says, on these resources, and nothing else', () => {
      const permitted: Record<string, Record<string, unknown>> = {};
      for (const [, { Properties }] of ofType('AWS::IAM::Policy')) {
        const [role = ''] = Properties.Roles as string[];
        for (const { Effect, Action, Resource, Condition } of Properties.PolicyDocument.Statement) {
          assert.equal(Effect, 'Allow');
          for (const action of [Action].flat()) {
            const ofRole = (permitted[role] ??= {});
            assert.ok(!(action in ofRole), `${role} has ${action} twice`);
            ofRole[action] = Condition === undefined ? Resource : [Resource, Condition];
          }
        }
      }
      assert.deepEqual(permitted, MAY[name]);
    });

    test('lets one service take on each role, that of EventBridge and the scheduler for this account only', () => {
      const roles = ofType('AWS::IAM::Role');
      assert.deepEqual(roles.map(([id]) => id).sort(), Object.keys(MAY[name] ?? {}).sort());
      for (const [id, { Properties }] of roles) {
        const [statement, ...more] = Properties.AssumeRolePolicyDocument.Statement;
        const { Service } = (statement?.Principal ?? {}) as { Service?: unknown };
        assert.deepEqual(
          [[Service, statement?.Condition], more, Properties.ManagedPolicyArns],
          [TRUST[id], [], undefined],
        );
      }
    });

    test('lets EventBridge send to the queues that rules send to, for the rules of this stack, and no other service to any', () => {
      const rules = ofType('AWS::Events::Rule').map(([id]) => `${id}.Arn`);
      for (const [, { Properties }] of ofType('AWS::SQS::QueuePolicy')) {
        const [queue = ''] = Properties.Queues as string[];
        const allowed = Properties.PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Allow');
        if (!OPEN_QUEUES[name]?.includes(queue)) {
          assert.deepEqual(allowed, [], queue);
          continue;
        }
        const [statement, ...more] = allowed;
        assert.deepEqual(
          [statement?.Principal, statement?.Action, more],
          [{ Service: 'events.amazonaws.com' }, 'sqs:SendMessage', []],
        );
        assert.deepEqual(statement?.Condition, { ...ACCOUNT, ArnEquals: { 'aws:SourceArn': rules } });
      }
      assert.equal(ofType('AWS::SQS::QueuePolicy').length, ofType('AWS::SQS::Queue').length);
    });
  });
}
