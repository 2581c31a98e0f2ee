import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../failure';
import { printable } from '../printable';
import type { Clients } from './clients';
import { RunBucket, type RunResource } from './run-bucket';
import { momentoSecretName, RUN_TAG, stacksOf } from './run-name';
import { type Progress, RunStack } from './run-stack';
import type { StackPlan, StackVariant, SynthesizedStacks } from './verify-stack';

/**
 * What a run deploys, without the CDK CLI and without a bootstrapped account: the constructs of the installed package, synthesized with
 * the aws-cdk-lib that is installed beside it, and their code in a bucket of the run.
 */
export class Deployment {
  private readonly bucket: RunBucket;
  private readonly main: RunStack;
  private readonly uploaded = new Set<string>();

  public constructor(
    private readonly plan: StackPlan,
    private readonly clients: Clients,
    private readonly progress: Progress,
  ) {
    this.bucket = new RunBucket(clients.s3, plan.name, plan.region);
    this.main = this.stack(stacksOf(plan.name).main.name);
  }

  /** Makes the bucket, by which the run is found from now on. */
  public async begin(): Promise<void> {
    await this.bucket.create();
  }

  /** Keeps the Momento API key where the stack finds it. It is listed before it is there, so that no clean-up misses it. */
  public async keepApiKey(apiKey: string): Promise<void> {
    const { CreateSecretCommand } = await import('@aws-sdk/client-secrets-manager');
    const Name = momentoSecretName(this.plan.name);
    await this.bucket.record([{ type: 'AWS::SecretsManager::Secret', id: Name, logicalId: 'MomentoApiKey' }]);
    const Tags = [{ Key: RUN_TAG, Value: this.plan.name }];
    await this.clients.secrets.send(new CreateSecretCommand({ Name, SecretString: apiKey, Tags }));
  }

  /** Gives a sign of life. */
  public async keepAlive(): Promise<void> {
    await this.bucket.keepAlive();
  }

  /**
   * Deploys a variant of the stacks, and returns the outputs of the last one: those before it are not touched where nothing of them changes.
   *
   * @throws StackFailure if one cannot be deployed
   */
  public async deploy(variant: StackVariant): Promise<ReadonlyMap<string, string>> {
    const { bytesOf } = await loadStack();
    const isNew = ({ key }: { readonly key: string }): boolean => !this.uploaded.has(key);
    const changed = await withSynthesized(this.plan, variant, async ({ stacks, files }) => {
      // A variant that was deployed before is not new.
      const wanted = stacks.filter(({ name, template }) => name === this.plan.name || isNew(template));
      for (const file of files.filter(isNew)) {
        await this.bucket.put(file.key, bytesOf(file));
        this.uploaded.add(file.key);
      }
      return wanted.map(({ name, template }) => ({ name, templateKey: template.key }));
    });
    let outputs: ReadonlyMap<string, string> = new Map();
    for (const { name, templateKey } of changed) outputs = await this.stack(name).deploy(templateKey);
    return outputs;
  }

  /** The resources that the main stack has now. */
  public async resources(): Promise<RunResource[]> {
    return this.main.resources();
  }

  /** The resources that the main stack has or had, also those of a deployment that failed. */
  public async allResources(): Promise<RunResource[]> {
    return this.main.allResources();
  }

  private stack(name: string): RunStack {
    const { main, queues } = stacksOf(this.plan.name);
    const stack = name === main.name ? main : queues;
    return new RunStack(stack, this.clients.cloudFormation, this.bucket, this.progress);
  }
}

/** Counts what the stacks would have, by type, the most frequent first. */
export async function countResources(plan: StackPlan): Promise<ReadonlyMap<string, number>> {
  const { bytesOf } = await loadStack();
  return withSynthesized(plan, {}, ({ stacks }) => {
    const counts = new Map<string, number>();
    for (const { template } of stacks) {
      const text = Buffer.from(bytesOf(template)).toString();
      const { Resources = {} } = JSON.parse(text) as { Resources?: Record<string, { Type: string }> };
      for (const { Type } of Object.values(Resources)) counts.set(Type, (counts.get(Type) ?? 0) + 1);
    }
    return Promise.resolve(new Map([...counts].sort(([, one], [, other]) => other - one)));
  });
}

async function withSynthesized<T>(
  plan: StackPlan,
  variant: StackVariant,
  use: (stacks: SynthesizedStacks) => Promise<T>,
): Promise<T> {
  const { synthesize } = await loadStack();
  const directory = mkdtempSync(join(tmpdir(), 'cdk-momento-eventbridge-verify-'));
  try {
    return await use(synthesize(plan, variant, directory));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The packages that the constructs need are not part of this program. */
async function loadStack(): Promise<typeof import('./verify-stack.js')> {
  try {
    return await import('./verify-stack.js');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new Failure(
      'verify needs aws-cdk-lib and constructs beside this package: run it with npx, or in a project that has all three ' +
        `(${printable((error as Error).message.split('\n')[0] ?? '')}).`,
    );
  }
}
