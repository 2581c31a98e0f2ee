/** What verify says of a stack that CloudFormation could not deploy. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudFormationClient, type ResourceStatus, type StackEvent } from '@aws-sdk/client-cloudformation';
import type { RunBucket } from '../../cli/verify/run-bucket';
import { RunStack, StackFailure } from '../../cli/verify/run-stack';

const event = (LogicalResourceId: string, status: ResourceStatus, ResourceStatusReason = ''): StackEvent => ({
  StackId: 'stack',
  EventId: undefined,
  StackName: 'run',
  Timestamp: undefined,
  LogicalResourceId,
  PhysicalResourceId: LogicalResourceId,
  ResourceStatus: status,
  ResourceStatusReason,
});

test('a failed update is explained by its own first failure, however many events its rollback has', async () => {
  const pages: Record<string, StackEvent[]> = {
    '': Array.from({ length: 100 }, (_, index) => event(`Role${index.toString()}`, 'DELETE_COMPLETE')),
    second: [
      event('stack', 'UPDATE_ROLLBACK_IN_PROGRESS'),
      event('Queue', 'CREATE_FAILED', 'Resource creation cancelled'),
      event('Guard', 'CREATE_FAILED', 'There is no such bus.'),
    ],
    third: [event('stack', 'UPDATE_IN_PROGRESS'), event('Table', 'UPDATE_FAILED', 'Of an update before.')],
  };
  const cloudFormation = new CloudFormationClient({ region: 'eu-west-1' });
  const send = (command: { readonly input: { readonly NextToken?: string } }): Promise<unknown> => {
    const name = command.constructor.name.replace(/Command$/, '');
    const token = command.input.NextToken ?? '';
    if (name === 'DescribeStacks') return Promise.resolve({ Stacks: [{ StackStatus: 'UPDATE_ROLLBACK_COMPLETE' }] });
    if (name !== 'DescribeStackEvents') return Promise.resolve({});
    const tokens = Object.keys(pages);
    return Promise.resolve({ StackEvents: pages[token], NextToken: tokens[tokens.indexOf(token) + 1] });
  };
  Object.assign(cloudFormation, { send });
  const bucket = { name: 'run', url: () => 'https://bucket', record: () => Promise.resolve() } as unknown as RunBucket;
  const stack = new RunStack({ name: 'run', title: 'the stack' }, cloudFormation, bucket, () => undefined);
  await assert.rejects(stack.deploy('template'), (error) => {
    assert.ok(error instanceof StackFailure);
    assert.deepEqual([error.status, error.reason], ['UPDATE_ROLLBACK_COMPLETE', 'Guard: There is no such bus.']);
    return true;
  });
});
