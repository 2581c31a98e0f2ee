import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { LocalAws } from '../../tools';
import { paste } from './typed';

const ROOT = join(__dirname, '../..');

/** What the README of an example tells its reader to type, in the order in which it does. */
export interface ReadmeCommands {
  /** The blocks of shell commands. */
  readonly blocks: readonly string[];
  /** The commands of the AWS CLI within sentences. */
  readonly inSentences: readonly string[];
}

/**
 * The commands of an example's README, without those that all have. How to copy it is typed in test/package/examples.test.ts, and how
 * to run it in test/demo.
 */
export function commandsOf(example: string): ReadmeCommands {
  const readme = readFileSync(join(ROOT, 'examples', example, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block.trimEnd());
  const isCommon = (block: string) =>
    block === `npm run example -- ${example}` || block.startsWith(`cp -r examples/${example} `);
  return {
    blocks: blocks.filter((block) => !isCommon(block)),
    inSentences: [...readme.matchAll(/`(aws [^`]+)`/g)].map(([, command = '']) => command),
  };
}

/** Puts a reader's own values in the place of a command's placeholders, such as `<key>` or `BUS_ARN`. */
export function filledIn(command: string | undefined, values: Readonly<Record<string, string>>): string {
  let filled = command ?? '';
  for (const [placeholder, value] of Object.entries(values)) {
    assert.ok(filled.includes(placeholder), `${placeholder} is not in: ${filled}`);
    filled = filled.replaceAll(placeholder, value);
  }
  return filled;
}

/** Types the `create-secret` of a README, with the reader's own values in it; returns the text that a secret of this name then has. */
export async function secretAsCreated(aws: LocalAws, command: string, name: string): Promise<string | undefined> {
  // The stack has that secret already, in its own region.
  const elsewhere = aws.in({ account: aws.account, region: 'eu-west-1' });
  await typeWithAws(elsewhere, command);
  return (await elsewhere.clients.secrets.send(new GetSecretValueCommand({ SecretId: name }))).SecretString;
}

/** Types a command in a terminal where the AWS CLI and the CDK are set up for a local AWS, and returns what it has printed. */
export async function typeWithAws(aws: LocalAws, command: string): Promise<string> {
  const PATH = [join(ROOT, '.venv/bin'), process.env.PATH].join(delimiter);
  return paste(command, { environment: { ...aws.environment, PATH, AWS_PAGER: '' } });
}
