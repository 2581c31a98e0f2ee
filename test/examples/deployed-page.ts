import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalAws, StackOutputs } from '../../tools';

/**
 * Checks that an example's page is served by the function that is deployed for it, with the configuration that the stack puts out, and
 * that the page may connect to nothing but what it needs.
 *
 * @param connectTo the URLs that it needs, by their names in the configuration
 */
export async function checkDeployedPage(
  example: string,
  aws: LocalAws,
  outputs: StackOutputs,
  connectTo: readonly string[],
): Promise<void> {
  const url = aws.functionUrl(outputs.get('PageUrl'));
  const config = JSON.parse(outputs.get('PageConfig')) as Record<string, string>;
  const answer = await fetch(url);
  assert.equal(answer.status, 200);
  const index = join(__dirname, '../../examples', example, 'page/index.html');
  assert.equal(await answer.text(), readFileSync(index, 'utf8'));
  const policy = answer.headers.get('content-security-policy')?.split('; ') ?? [];
  const needed = connectTo.map((name) => config[name] ?? assert.fail(`${name} is not in the configuration`));
  assert.ok(policy.includes(["connect-src 'self'", ...needed].join(' ')), policy.join('; '));
  assert.deepEqual(await (await fetch(new URL('config.json', url))).json(), config);
}
