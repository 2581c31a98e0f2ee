import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DeauthorizeConnectionCommand,
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  UpdateConnectionCommand,
} from '@aws-sdk/client-eventbridge';
import {
  AddPermissionCommand,
  DeleteFunctionConcurrencyCommand,
  GetPolicyCommand,
  PutFunctionConcurrencyCommand,
  RemovePermissionCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda';
import { StartPipeCommand, StopPipeCommand } from '@aws-sdk/client-pipes';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { until } from '../../tools/common/until';
import { run, type Run } from '../cli/command-line';
import { parked } from '../cli/parked';
import { ExaminedStack, SIGNING_SECRET, STACK, TOPIC_ID } from './examined-stack';

interface Finding {
  readonly severity: string;
  readonly check: string;
  readonly subject: string;
  readonly sentence: string;
}

interface Report {
  readonly checks: number;
  readonly faults: number;
  readonly unknown: number;
  readonly findings: readonly Finding[];
}

/** The call that reads a secret. */
interface GetSecret {
  readonly SecretId: string;
  readonly VersionStage?: string;
}

/** Something that a doctor must find. */
interface PlantedFault {
  readonly what: string;
  /** Returns what undoes it. */
  readonly plant: () => Promise<() => Promise<unknown>>;
  readonly check: string;
  /** The beginning of the logical id, or the construct. */
  readonly subject: string;
  readonly sentence: RegExp;
  /** It shows only when a message is sent. */
  readonly withTestMessage?: true;
}

void describe('doctor', () => {
  const assembly = mkdtempSync(join(tmpdir(), 'doctor-'));
  let stack: ExaminedStack;

  before(async () => {
    stack = await ExaminedStack.deploy(assembly);
  });
  after(async () => {
    await stack.stop();
    rmSync(assembly, { recursive: true });
  });

  const doctor = (...args: string[]): Promise<Run> =>
    run(['doctor', '--stack', STACK, ...args], { environment: stack.aws.environment });
  const report = async (...args: string[]): Promise<Report & { readonly status: number | null }> => {
    const { status, stdout, stderr } = await doctor('--json', ...args);
    assert.equal(stderr, '');
    return { status, ...(JSON.parse(stdout) as Report) };
  };
  const assertSound = async (): Promise<void> => {
    const { status, findings } = await report('--no-test-message');
    assert.deepEqual([findings, status], [[], 0]);
  };

  const clients = () => stack.aws.clients;
  const FUNCTION = 'WebhookHandler';
  const removePermission = (action: string) => async () => {
    const { lambda } = clients();
    const FunctionName = stack.id(FUNCTION);
    const { Policy = '' } = await lambda.send(new GetPolicyCommand({ FunctionName }));
    const { Statement } = JSON.parse(Policy) as { Statement: { Sid: string; Action: string }[] };
    const StatementId = Statement.find((statement) => statement.Action === action)?.Sid;
    await lambda.send(new RemovePermissionCommand({ FunctionName, StatementId }));
    const urlOnly = action === 'lambda:InvokeFunctionUrl' && { FunctionUrlAuthType: 'NONE' as const };
    return () =>
      lambda.send(new AddPermissionCommand({ FunctionName, StatementId, Action: action, Principal: '*', ...urlOnly }));
  };
  const busOf = (path: string): string => (path.startsWith('Webhook') ? stack.id('Bus') : 'default');
  const disableRule = (path: string) => async () => {
    const rule = { Name: stack.id(path), EventBusName: busOf(path) };
    await clients().events.send(new DisableRuleCommand(rule));
    return () => clients().events.send(new EnableRuleCommand(rule));
  };
  const removeTargets = (path: string) => async () => {
    const rule = { Rule: stack.id(path), EventBusName: busOf(path) };
    const { Targets = [] } = await clients().events.send(new ListTargetsByRuleCommand(rule));
    await clients().events.send(new RemoveTargetsCommand({ ...rule, Ids: Targets.map(({ Id = '' }) => Id) }));
    return () => clients().events.send(new PutTargetsCommand({ ...rule, Targets }));
  };
  const deleteRule = (path: string) => async () => {
    const { events } = clients();
    const [Name, EventBusName] = [stack.id(path), busOf(path)];
    const { EventPattern } = await events.send(new DescribeRuleCommand({ Name, EventBusName }));
    const restoreTargets = await removeTargets(path)();
    await events.send(new DeleteRuleCommand({ Name, EventBusName }));
    return async () => {
      await events.send(new PutRuleCommand({ Name, EventBusName, EventPattern }));
      await restoreTargets();
    };
  };
  const disableMapping = (path: string) => async () => {
    const UUID = stack.id(path);
    await clients().lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
    return () => clients().lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true }));
  };
  const sendTo = (path: string) => async () => {
    const QueueUrl = stack.id(path);
    await clients().sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(parked(1)) }));
    return () => clients().sqs.send(new PurgeQueueCommand({ QueueUrl }));
  };
  const setAlarm = (StateValue: 'OK' | 'ALARM') => {
    const AlarmName = stack.id('AlarmsMessageLost');
    return stack.cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'planted' }));
  };
  const withoutItem = (id: string, replacement?: (item: Record<string, unknown>) => object) => async () => {
    const TableName = stack.id('TopicsCheckpointTable');
    const Key = { id: { S: id } };
    const { Item = {} } = await stack.dynamoDb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    if (replacement === undefined) await stack.dynamoDb.send(new DeleteItemCommand({ TableName, Key }));
    else {
      const changed = { ...Item, ...replacement(Item) };
      await stack.dynamoDb.send(new PutItemCommand({ TableName, Item: changed }));
    }
    return () => stack.dynamoDb.send(new PutItemCommand({ TableName, Item }));
  };
  const failPutEvents = () => {
    stack.aws.faults.inject({ service: 'events', operation: 'PutEvents', kind: 'throttle' });
  };
  const untilFallbackQueueIsEmpty = async (): Promise<void> => {
    await until('the fallback queue to be empty', async () => {
      const { Attributes: counts = {} } = await clients().sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: stack.id('WebhookFallbackQueue'),
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
        }),
      );
      return Object.values(counts).every((count) => count === '0') || undefined;
    });
  };
  const healBus = async (): Promise<void> => {
    stack.aws.faults.clear();
    await clients().sqs.send(new PurgeQueueCommand({ QueueUrl: stack.id('WebhookFallbackQueue') }));
    await untilFallbackQueueIsEmpty();
  };

  const faults: readonly PlantedFault[] = [
    {
      what: 'a signing secret without a value',
      plant: () => stack.setVariables(FUNCTION, { MOMENTO_SECRET_ID: stack.id('Empty') }),
      check: 'signing-secret',
      subject: FUNCTION,
      sentence: /^The secret has no value yet: /,
    },
    {
      what: 'a blank signing secret',
      plant: async () => {
        await stack.putSigningSecret(' '.repeat(20));
        return () => stack.putSigningSecret(SIGNING_SECRET);
      },
      check: 'signing-secret',
      subject: FUNCTION,
      sentence: /^The secret is not a valid signing secret: /,
    },
    {
      what: 'a signing secret that does not exist',
      plant: () => stack.setVariables(FUNCTION, { MOMENTO_SECRET_ID: 'gone' }),
      check: 'signing-secret',
      subject: FUNCTION,
      sentence: /^There is no secret gone in this account and region\.$/,
    },
    {
      what: 'one invalid signing secret among others',
      plant: async () => {
        await stack.putSigningSecret(JSON.stringify({ chat: SIGNING_SECRET, orders: 'short' }));
        return () => stack.putSigningSecret(SIGNING_SECRET);
      },
      check: 'signing-secret',
      subject: FUNCTION,
      sentence: /^The handler ignores members of the secret that are not valid signing secrets: orders\.$/,
    },
    {
      what: 'an API key without a value',
      plant: () => stack.setVariables('TopicsHandler', { MOMENTO_API_KEY_SECRET_ID: stack.id('Empty') }),
      check: 'api-key',
      subject: 'TopicsHandler',
      sentence: /^The secret for the API key has no value yet: /,
    },
    {
      what: 'an API key in a field that is not there',
      plant: () => stack.setVariables('ByFunctionLambdaDeliverHandler', { MOMENTO_API_KEY_FIELD: 'key' }),
      check: 'api-key',
      subject: 'ByFunctionLambdaDeliverHandler',
      sentence: /^The secret with the API key is not a JSON object, so it has no field key/,
    },
    ...['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'].map((action): PlantedFault => ({
      what: `no permission ${action}`,
      plant: removePermission(action),
      check: 'permission',
      subject: FUNCTION,
      sentence: new RegExp(`^The public permission ${action} is missing, `),
    })),
    {
      what: 'a Function URL that asks for AWS credentials',
      plant: async () => {
        const url = { FunctionName: stack.id(FUNCTION) };
        await clients().lambda.send(new UpdateFunctionUrlConfigCommand({ ...url, AuthType: 'AWS_IAM' }));
        return () => clients().lambda.send(new UpdateFunctionUrlConfigCommand({ ...url, AuthType: 'NONE' }));
      },
      check: 'function-url',
      subject: FUNCTION,
      sentence: /^The Function URL asks for AWS credentials, /,
    },
    {
      what: 'an event bus that does not exist',
      plant: () => stack.setVariables('WebhookRedriveHandler', { EVENT_BUS_NAME: 'gone' }),
      check: 'event-bus',
      subject: 'WebhookRedriveHandler',
      sentence: /^There is no event bus gone\. /,
    },
    {
      what: 'a disabled rule',
      plant: disableRule('WebhookAll'),
      check: 'rule',
      subject: 'WebhookAll',
      sentence: /^The rule is disabled\. .* --name [-\w]+ --event-bus-name (?!default$)[-\w]+$/,
    },
    {
      what: 'a disabled rule that follows the rotation of the API key',
      plant: disableRule('ByDestinationApiDestinationsApiKeySchedule'),
      check: 'rule',
      subject: 'ByDestinationApiDestinationsApiKeySchedule',
      sentence: /^The rule is disabled\. .* --name [-\w]+ --event-bus-name default$/,
    },
    {
      what: 'a rule without a target',
      plant: removeTargets('ByDestinationTopicPublishRule'),
      check: 'rule',
      subject: 'ByDestinationTopicPublishRule',
      sentence: /^The rule has no target, /,
    },
    {
      what: 'a rule that was deleted',
      plant: deleteRule('WebhookAll'),
      check: 'rule',
      subject: 'WebhookAll',
      sentence: /^The rule does not exist any more: /,
    },
    {
      what: 'a message that waits in the fallback queue',
      plant: async () => {
        failPutEvents();
        await sendTo('WebhookFallbackQueue')();
        return healBus;
      },
      check: 'fallback-queue',
      subject: 'Webhook',
      sentence:
        /^The fallback queue has about 1 message\. .* undelivered --stack Examined --construct Webhook --queue fallback$/,
    },
    {
      what: 'a dead letter',
      plant: sendTo('ByFunctionDeadLetterQueue'),
      check: 'dead-letter-queue',
      subject: 'ByFunction',
      sentence: /^The dead-letter queue has about 1 message\. /,
    },
    {
      what: 'a queue that was deleted',
      plant: async () => {
        const QueueUrl = stack.id('ChangesDeadLetterQueue');
        await clients().sqs.send(new DeleteQueueCommand({ QueueUrl }));
        const QueueName = QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1);
        return () => clients().sqs.send(new CreateQueueCommand({ QueueName }));
      },
      check: 'dead-letter-queue',
      subject: 'Changes',
      sentence: /^There is no queue \S+ that these AWS credentials can see\.$/,
    },
    {
      what: 'an alarm',
      plant: async () => {
        await setAlarm('ALARM');
        return () => setAlarm('OK');
      },
      check: 'alarm',
      subject: 'AlarmsMessageLost',
      sentence: /^The alarm \S+ is in ALARM\. \S/,
    },
    {
      what: 'a function of another version',
      plant: async () => {
        await stack.setCode('WebhookRedriveHandler', 'changes');
        return () => stack.setCode('WebhookRedriveHandler', 'redrive');
      },
      check: 'version',
      subject: STACK,
      sentence: /^The functions are of different versions: WebhookRedriveHandler[0-9A-F]{8} is not of version /,
    },
    {
      what: 'a function that is switched off',
      plant: async () => {
        const FunctionName = stack.id(FUNCTION);
        const off = new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 });
        await clients().lambda.send(off);
        return () => clients().lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
      },
      check: 'function',
      subject: FUNCTION,
      sentence: /^The function is switched off: /,
    },
    ...['WebhookRedriveHandlerFallbackQueue', 'ByFunctionLambdaDeliverHandlerCommandQueue'].map(
      (path): PlantedFault => ({
        what: `a disabled event source mapping: ${path}`,
        plant: disableMapping(path),
        check: 'event-source-mapping',
        subject: path,
        sentence: /^The event source mapping is disabled, .* --uuid [-\w]+ --enabled$/,
      }),
    ),
    {
      what: 'a disabled schedule',
      plant: async () => {
        await stack.setSchedule('DISABLED');
        return () => stack.setSchedule('ENABLED');
      },
      check: 'schedule',
      subject: 'TopicsHandler',
      sentence: /^The schedule that keeps the subscriptions is disabled: /,
    },
    {
      what: 'a topic that is not subscribed to',
      plant: withoutItem(TOPIC_ID),
      check: 'lease',
      subject: 'TopicsHandler',
      sentence: /^The invocation in charge has not begun with the topic chat#room-281\.$/,
    },
    {
      what: 'subscriptions that nobody holds',
      plant: withoutItem('lease', ({ fence }) => ({ fence, expires: { N: (Date.now() - 100_000).toString() } })),
      check: 'lease',
      subject: 'TopicsHandler',
      sentence: /^No invocation holds the subscriptions since 20\S+\. /,
    },
    {
      what: 'a connection that is not authorized',
      plant: async () => {
        const Name = stack.id('ByDestinationApiDestinationsConnection');
        await clients().events.send(new DeauthorizeConnectionCommand({ Name }));
        const ApiKeyAuthParameters = { ApiKeyName: 'Authorization', ApiKeyValue: 'an-api-key' };
        return () =>
          clients().events.send(new UpdateConnectionCommand({ Name, AuthParameters: { ApiKeyAuthParameters } }));
      },
      check: 'connection',
      subject: 'ByDestinationApiDestinationsConnection',
      sentence: /^The connection to Momento is DEAUTHORIZED, not AUTHORIZED, /,
    },
    {
      what: 'a stopped pipe',
      plant: async () => {
        const Name = stack.id('ChangesPipe');
        await stack.pipes.send(new StopPipeCommand({ Name }));
        return () => stack.pipes.send(new StartPipeCommand({ Name }));
      },
      check: 'pipe',
      subject: 'ChangesPipe',
      sentence: /^The pipe is STOPPED, .* --name [-\w]+$/,
    },
    {
      what: 'a bus that accepts no message',
      plant: () => {
        failPutEvents();
        return Promise.resolve(healBus);
      },
      check: 'test-message',
      subject: 'Webhook',
      sentence: /^The test message was answered 202\. The bus was unavailable /,
      withTestMessage: true,
    },
    {
      what: 'messages that are accepted and never arrive',
      plant: () => {
        const body = JSON.stringify({ FailedEntryCount: 0, Entries: [{ EventId: 'stray' }] });
        stack.aws.faults.inject({ service: 'events', operation: 'PutEvents', kind: 'stray-answer', body });
        return Promise.resolve(healBus);
      },
      check: 'test-message',
      subject: 'Webhook',
      sentence: /^The handler accepted 8 test messages, but none was on the event bus within 40 s\.$/,
      withTestMessage: true,
    },
  ];

  void it('finds nothing on a sound stack, whose test message arrives on the bus, and leaves nothing there', async () => {
    const environment = { ...stack.aws.environment, AWS_ENDPOINT_URL: stack.aws.faults.endpoint };
    const { status, stdout, stderr } = await run(['doctor', '--stack', STACK, '--url', stack.url], { environment });
    assert.deepEqual([status, stderr], [0, ''], stdout);
    assert.match(stdout, /^Examined: \d\d checks, 0 faults\.\n$/);
    const NamePrefix = 'cdk-momento-eventbridge-tap-';
    const { Rules } = await clients().events.send(new ListRulesCommand({ NamePrefix, EventBusName: stack.id('Bus') }));
    const { QueueUrls = [] } = await clients().sqs.send(new ListQueuesCommand({ QueueNamePrefix: NamePrefix }));
    assert.deepEqual([Rules, QueueUrls], [[], []]);
    // The secret that was examined signs the message. The handler, which reads it too, names a stage.
    const reads = stack.aws.faults.calls('secretsmanager', 'GetSecretValue').map(({ input }) => input as GetSecret);
    const ofDoctor = reads.filter((input) => input.SecretId === stack.signingSecretArn && !('VersionStage' in input));
    assert.equal(ofDoctor.length, 1);
  });

  for (const { what, plant, check, subject, sentence, withTestMessage } of faults) {
    void it(`finds ${what}, and nothing else`, async () => {
      const undo = await plant();
      try {
        const {
          status,
          faults: count,
          findings,
        } = await report(...(withTestMessage ? ['--url', stack.url] : ['--no-test-message']));
        const found = findings.filter(({ severity }) => severity === 'fault');
        assert.equal(found.length, 1, JSON.stringify(findings));
        assert.deepEqual([status, count, found[0]?.check], [3, 1, check]);
        assert.match(found[0]?.subject ?? '', new RegExp(`^${subject}([0-9A-F]{8})?$`));
        assert.match(found[0]?.sentence ?? '', sentence);
      } finally {
        await undo();
      }
      await assertSound();
    });
  }

  void it('sends no test message where something else keeps it from arriving, and says so', async () => {
    await stack.putSigningSecret('short');
    const { status, stdout } = await doctor('--url', stack.url);
    await stack.putSigningSecret(SIGNING_SECRET);
    assert.equal(status, 3);
    assert.match(
      stdout,
      /^fault {4}signing-secret, WebhookHandler[0-9A-F]{8}: The secret is not a valid signing secret: /,
    );
    assert.match(stdout, /\nnote {5}test-message, Webhook: No test message was sent, for the reason above\.\n/);
    assert.match(stdout, /\nExamined: \d\d checks, 1 fault, 1 note\.\n$/);
    assert.doesNotMatch(stdout, new RegExp(`short|${SIGNING_SECRET}`));
  });

  void it('says of handlers of another version, all of them, only in a note', async () => {
    const others = { WebhookHandler: 'webhook', WebhookRedriveHandler: 'redrive', TopicsHandler: 'subscribe' } as const;
    const rest = {
      TopicsRedriveHandler: 'redrive',
      ByFunctionLambdaDeliverHandler: 'deliver',
      ByDestinationApiDestinationsFollowRotationHandler: 'follow-rotation',
      ChangesHandler: 'changes',
    } as const;
    const all = Object.entries({ ...others, ...rest });
    for (const [path, handler] of all) await stack.setCode(path, handler === 'changes' ? 'redrive' : 'changes');
    const { status, findings } = await report('--no-test-message');
    for (const [path, handler] of all) await stack.setCode(path, handler);
    assert.deepEqual([status, findings.map(({ severity, check }) => `${severity} ${check}`)], [0, ['note version']]);
  });

  void it('does not call a stack sound that it could not examine', async () => {
    stack.aws.faults.inject({
      service: 'secretsmanager',
      operation: 'GetSecretValue',
      kind: 'error',
      status: 400,
      code: 'AccessDeniedException',
    });
    const environment = { ...stack.aws.environment, AWS_ENDPOINT_URL: stack.aws.faults.endpoint };
    const { status, stdout } = await run(['doctor', '--stack', STACK, '--no-test-message'], { environment });
    stack.aws.faults.clear();
    assert.equal(status, 1, stdout);
    assert.match(stdout, /^unknown {2}signing-secret, WebhookHandler\S+: Secrets Manager denied access: /);
    assert.match(stdout, /\nExamined: \d\d checks, 0 faults, \d not examined\.\n$/);
  });

  void it('says that there is no such stack', async () => {
    const gone = await run(['doctor', '--stack', 'Gone'], { environment: stack.aws.environment });
    assert.deepEqual([gone.status, gone.stdout], [1, '']);
    assert.match(gone.stderr, /: There is no stack Gone in this account and region\.\n$/);
  });
});
