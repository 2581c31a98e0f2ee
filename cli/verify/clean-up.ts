import { AwsFailure } from '../aws-call';
import { Failure } from '../failure';
import { counted } from '../printable';
import type { Clients } from './clients';
import { RunBucket, type RunResource } from './run-bucket';
import { type StackName, stacksOf } from './run-name';
import { type Progress, RunStack } from './run-stack';

/**
 * Deletes all that a run has made, from whatever state it is in: its stacks, what they retain, and its bucket. Can be run again where it
 * was killed.
 *
 * @throws Failure if something is left; the bucket is then left too, so that the next try finds it
 */
export async function cleanUp(name: string, region: string, clients: Clients, progress: Progress): Promise<void> {
  const bucket = new RunBucket(clients.s3, name, region);
  const { main, queues } = stacksOf(name);
  const stackOf = (stack: StackName): RunStack => new RunStack(stack, clients.cloudFormation, bucket, progress);
  await deleteStack(stackOf(main), bucket);
  if (await deleteStack(stackOf(queues), bucket)) {
    progress('KMS deletes the key of the queues in 7 days. Until then nobody can use it, and it costs nothing.');
  }
  const retained = (await bucket.recorded()).filter(({ type }) => type in REMOVERS);
  progress(`Deleting what the stack kept, of ${counted(retained.length, 'resource')} that can be kept.`);
  for (const resource of retained) await remove(resource, clients);
  progress('Deleting the bucket.');
  await bucket.delete();
}

/** What it may retain is listed first: nothing else knows it when the stack is gone. Returns whether the stack was there. */
async function deleteStack(stack: RunStack, bucket: RunBucket): Promise<boolean> {
  if (!(await stack.settle())) return false;
  await bucket.record(await stack.allResources());
  await stack.delete();
  return true;
}

/** The calls that delete what a stack can retain, by type. Each id is that of CloudFormation. */
const REMOVERS: Readonly<Record<string, (id: string, clients: Clients) => Promise<unknown>>> = {
  'AWS::SQS::Queue': async (QueueUrl, { sqs }) => {
    const { DeleteQueueCommand } = await import('@aws-sdk/client-sqs');
    return sqs.send(new DeleteQueueCommand({ QueueUrl }));
  },
  'AWS::SecretsManager::Secret': async (SecretId, { secrets }) => {
    const { DeleteSecretCommand } = await import('@aws-sdk/client-secrets-manager');
    return secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
  },
  'AWS::Logs::LogGroup': async (logGroupName, { logs }) => {
    const { DeleteLogGroupCommand } = await import('@aws-sdk/client-cloudwatch-logs');
    return logs.send(new DeleteLogGroupCommand({ logGroupName }));
  },
};

async function remove({ type, id }: RunResource, clients: Clients): Promise<void> {
  try {
    await REMOVERS[type]?.(id, clients);
  } catch (error) {
    // The stack did not keep it, or an earlier clean-up has deleted it.
    if (error instanceof AwsFailure && /ResourceNotFound|QueueDoesNotExist|NonExistentQueue/.test(error.code)) return;
    throw error instanceof Failure ? new Failure(`${type} ${id} is left: ${error.message}`) : error;
  }
}
