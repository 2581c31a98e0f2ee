import { ANSWER_TIMEOUT_MS, readAnswer } from './answer-limits';
import { Failure } from './failure';
import { httpUrl } from './http-url';
import { printable } from './printable';
import { proxyAgent } from './proxy';

/** The settings of every client. */
export interface ClientSettings {
  readonly region?: string;
  readonly requestHandler: {
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
    readonly httpAgent?: object;
    readonly httpsAgent?: object;
  };
  readonly streamCollector: typeof readAnswer;
}

/**
 * The settings of every client: where the AWS CLI finds the region, the profile and the proxy, so do they.
 *
 * @param region where it is known; otherwise the environment's, or that of the profile
 * @throws Failure if there is no such profile, or a variable does not hold what it should
 */
export async function clientSettings(region: string | undefined): Promise<ClientSettings> {
  await checkProfile();
  checkEndpoints();
  const inRegion = region ?? environmentRegion();
  const agent = await proxyAgent();
  return {
    ...(inRegion !== undefined && { region: inRegion }),
    requestHandler: {
      requestTimeout: ANSWER_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      ...(agent && { httpAgent: agent, httpsAgent: agent }),
    },
    streamCollector: readAnswer,
  };
}

/** The region that the environment names. The SDK for JavaScript knows the first of these variables only. */
export function environmentRegion(): string | undefined {
  return nonEmpty(process.env.AWS_REGION) ?? nonEmpty(process.env.AWS_DEFAULT_REGION);
}

/** The region in an ARN; nothing where it is a name, or has none. */
export function regionOfArn(nameOrArn: string): string | undefined {
  const [prefix, , , region] = nameOrArn.split(':');
  return prefix === 'arn' && region ? region : undefined;
}

// The part before the first hyphen has four letters in the European Sovereign Cloud: eusc-de-east-1.
const REGION = '[a-z]{2,4}(?:-[a-z]+)+-\\d+';
const QUEUE_HOSTS = [
  // Also of FIPS endpoints and VPC endpoints; and of emulators, which have their own names behind the region.
  new RegExp(`^(?:vpce-[-\\w]+\\.)?sqs(?:-fips)?\\.(${REGION})\\.`),
  new RegExp(`^(${REGION})\\.queue\\.amazonaws\\.com`),
];

/** The region in the URL of a queue; nothing where it names none. */
export function regionOfQueue(url: URL): string | undefined {
  if (url.hostname === 'queue.amazonaws.com') return 'us-east-1';
  return QUEUE_HOSTS.map((host) => host.exec(url.hostname)?.[1]).find((region) => region !== undefined);
}

/** The SDK ignores a profile that does not exist, and then misses a region or credentials. */
async function checkProfile(): Promise<void> {
  if (process.env.AWS_DEFAULT_PROFILE !== undefined) process.env.AWS_PROFILE ??= process.env.AWS_DEFAULT_PROFILE;
  const profile = nonEmpty(process.env.AWS_PROFILE);
  if (profile === undefined) return;
  const { loadSharedConfigFiles } = await import('@smithy/core/config');
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  if (!Object.hasOwn(configFile, profile) && !Object.hasOwn(credentialsFile, profile)) {
    throw new Failure(`The AWS profile ${printable(profile)} does not exist: check AWS_PROFILE and ~/.aws/config.`);
  }
}

/** The SDK says `Invalid URL`, and not of what. */
function checkEndpoints(): void {
  for (const [name, value] of Object.entries(process.env)) {
    if (name.startsWith('AWS_ENDPOINT_URL') && value && !httpUrl(value)) {
      throw new Failure(`${name} must be an HTTP URL, or not be set.`);
    }
  }
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
