import type { S3Client } from '@aws-sdk/client-s3';
import { AwsFailure } from '../aws-call';
import { Failure } from '../failure';
import { isRunName, RUN_TAG } from './run-name';

/** How long a run is left alone after a sign of life. Clocks may differ by minutes. */
export const ALIVE_MS = 10 * 60_000;
const ALIVE_KEY = 'alive';
const RESOURCES_KEY = 'resources.json';

/** A resource of a run's stack, as CloudFormation names it. */
export interface RunResource {
  readonly type: string;
  readonly id: string;
  readonly logicalId: string;
}

/** A run that has left something, or that is still going on. */
export interface EarlierRun {
  readonly name: string;
  /** When it gave its last sign of life, in milliseconds since the Unix epoch, by the clock of S3. */
  readonly aliveAt: number;
}

/**
 * The bucket of a run. It has the code that the stack is made of, the run's sign of life, and the list of what its stack has had.
 *
 * It is made first and deleted last: whenever a process is killed, what is left includes a bucket that names the run.
 */
export class RunBucket {
  /** What the runs in a region have left. Only those of this account are listed. */
  public static async all(s3: S3Client, region: string): Promise<EarlierRun[]> {
    const { HeadObjectCommand, paginateListBuckets } = await import('@aws-sdk/client-s3');
    const runs: EarlierRun[] = [];
    for await (const { Buckets = [] } of paginateListBuckets({ client: s3 }, {})) {
      for (const { Name: name = '', CreationDate } of Buckets) {
        if (!isRunName(name, region)) continue;
        const sign = await ifThere(() => s3.send(new HeadObjectCommand({ Bucket: name, Key: ALIVE_KEY })));
        const aliveAt = Math.max(CreationDate?.getTime() ?? 0, sign?.LastModified?.getTime() ?? 0);
        runs.push({ name, aliveAt });
      }
    }
    return runs;
  }

  public constructor(
    private readonly s3: S3Client,
    public readonly name: string,
    private readonly region: string,
  ) {}

  /** Makes it, with a tag, for this account only. */
  public async create(): Promise<void> {
    const { CreateBucketCommand, PutBucketTaggingCommand } = await import('@aws-sdk/client-s3');
    await this.s3.send(
      new CreateBucketCommand({
        Bucket: this.name,
        // The service refuses the name of the region that it began with.
        ...(this.region !== 'us-east-1' && {
          CreateBucketConfiguration: { LocationConstraint: this.region as 'eu-west-1' },
        }),
      }),
    );
    const TagSet = [{ Key: RUN_TAG, Value: this.name }];
    await this.s3.send(new PutBucketTaggingCommand({ Bucket: this.name, Tagging: { TagSet } }));
    await this.keepAlive();
  }

  /** Gives a sign of life. */
  public async keepAlive(): Promise<void> {
    await this.put(ALIVE_KEY, 'alive');
  }

  /** Puts a file in it. */
  public async put(key: string, body: Uint8Array | string): Promise<void> {
    const { PutObjectCommand } = await import('@aws-sdk/client-s3');
    await this.s3.send(new PutObjectCommand({ Bucket: this.name, Key: key, Body: body }));
  }

  /** Where CloudFormation finds a file of it. */
  public url(key: string): string {
    const suffix = this.region.startsWith('cn-') ? '.cn' : '';
    return `https://s3.${this.region}.amazonaws.com${suffix}/${this.name}/${key}`;
  }

  /** Adds resources to the list of what the run has had. What the stack retains is found by it when the stack is gone. */
  public async record(resources: readonly RunResource[]): Promise<void> {
    const known = await this.recorded();
    const added = resources.filter(({ type, id }) => !known.some((one) => one.type === type && one.id === id));
    if (added.length > 0) await this.put(RESOURCES_KEY, JSON.stringify([...known, ...added]));
  }

  /** What has been recorded. */
  public async recorded(): Promise<RunResource[]> {
    const { GetObjectCommand } = await import('@aws-sdk/client-s3');
    const object = await ifThere(() => this.s3.send(new GetObjectCommand({ Bucket: this.name, Key: RESOURCES_KEY })));
    const text = await object?.Body?.transformToString();
    return text === undefined ? [] : (JSON.parse(text) as RunResource[]);
  }

  /** Deletes it with all that is in it, if it is there. */
  public async delete(): Promise<void> {
    const { DeleteBucketCommand, DeleteObjectCommand, paginateListObjectsV2 } = await import('@aws-sdk/client-s3');
    await ifThere(async () => {
      for await (const { Contents = [] } of paginateListObjectsV2({ client: this.s3 }, { Bucket: this.name })) {
        for (const { Key } of Contents) await this.s3.send(new DeleteObjectCommand({ Bucket: this.name, Key }));
      }
      await this.s3.send(new DeleteBucketCommand({ Bucket: this.name }));
    });
  }
}

/** The answer; nothing where the service says that there is no such bucket or object. */
async function ifThere<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof AwsFailure && /^(NoSuchBucket|NoSuchKey|NotFound)$/.test(error.code)) return undefined;
    throw error instanceof Error ? error : new Failure(String(error));
  }
}
