import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../failure';
import { printable } from '../printable';
import type { Clients } from './clients';
import { RunBucket, type RunResource } from './run-bucket';
import { type Progress, RunStack } from './run-stack';
import type { StackPlan, StackVariant, SynthesizedStack } from './verify-stack';

/**
 * What a run deploys, without the CDK CLI and without a bootstrapped account: the constructs of the installed package, synthesized with
 * the aws-cdk-lib that is installed beside it, and their code in a bucket of the run.
 */
export class Deployment {
  private readonly bucket: RunBucket;
  private readonly stack: RunStack;
  private readonly uploaded = new Set<string>();

  public constructor(
    private readonly plan: StackPlan,
    { cloudFormation, s3 }: Clients,
    progress: Progress,
  ) {
    this.bucket = new RunBucket(s3, plan.name, plan.region);
    this.stack = new RunStack(plan.name, cloudFormation, this.bucket, progress);
  }

  /** Makes the bucket, by which the run is found from now on. */
  public async begin(): Promise<void> {
    await this.bucket.create();
  }

  /** Gives a sign of life. */
  public async keepAlive(): Promise<void> {
    await this.bucket.keepAlive();
  }

  /** Deploys a variant of the stack, and returns its outputs. */
  public async deploy(variant: StackVariant): Promise<ReadonlyMap<string, string>> {
    const { bytesOf } = await loadStack();
    const templateKey = await withSynthesized(this.plan, variant, async (stack) => {
      for (const file of stack.files.filter(({ key }) => !this.uploaded.has(key))) {
        await this.bucket.put(file.key, bytesOf(file));
        this.uploaded.add(file.key);
      }
      return stack.templateKey;
    });
    return this.stack.deploy(templateKey);
  }

  /** The resources that the stack has now. */
  public async resources(): Promise<RunResource[]> {
    return this.stack.resources();
  }
}

/** Counts what the stack would have, by type, the most frequent first. */
export async function countResources(plan: StackPlan): Promise<ReadonlyMap<string, number>> {
  const { bytesOf } = await loadStack();
  return withSynthesized(plan, {}, ({ files, templateKey }) => {
    const [template] = files.filter(({ key }) => key === templateKey);
    const text = template ? Buffer.from(bytesOf(template)).toString() : '{}';
    const { Resources = {} } = JSON.parse(text) as { Resources?: Record<string, { Type: string }> };
    const counts = new Map<string, number>();
    for (const { Type } of Object.values(Resources)) counts.set(Type, (counts.get(Type) ?? 0) + 1);
    return Promise.resolve(new Map([...counts].sort(([, one], [, other]) => other - one)));
  });
}

async function withSynthesized<T>(
  plan: StackPlan,
  variant: StackVariant,
  use: (stack: SynthesizedStack) => Promise<T>,
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
