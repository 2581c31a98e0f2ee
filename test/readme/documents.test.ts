import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(__dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const below = (folder: string, extension: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension))
    .map((name) => join(folder, name));

const DOCUMENTS = execFileSync('git', ['ls-files', '-z', '--', '*.md'], { cwd: ROOT, encoding: 'utf8' })
  .split('\0')
  .filter(Boolean);

/** What GitHub makes of a heading, for links to it. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

const REPOSITORY = 'cdk-momento-eventbridge/cdk-momento-eventbridge';
/** A file or folder of the repository, as a registry's page has to name it. */
const ABSOLUTE = new RegExp(
  `^https://(?:github\\.com/${REPOSITORY}/(?:blob|tree)|raw\\.githubusercontent\\.com/${REPOSITORY})/main/`,
);

interface Link {
  /** From the repository's root. */
  readonly file: string;
  readonly fragment?: string;
}

/** The links of a document to what the repository has. */
function linksOf(document: string): Link[] {
  const targets = [...read(document).matchAll(/\]\(([^)\s]+)\)|<img src="([^"]+)"/g)].map(
    ([, link, image]) => link ?? image ?? '',
  );
  return targets
    .filter((target) => ABSOLUTE.test(target) || !/^https?:/.test(target))
    .map((target) => {
      const [path = '', fragment] = target.replace(ABSOLUTE, '/').split('#');
      const file = path === '' ? document : path.startsWith('/') ? path.slice(1) : join(dirname(document), path);
      return { file, fragment };
    });
}

for (const document of DOCUMENTS) {
  test(`${document} links to nothing that is missing`, () => {
    for (const { file, fragment } of linksOf(document)) {
      assert.ok(existsSync(join(ROOT, file)), `${file} is missing`);
      if (fragment !== undefined && file.endsWith('.md')) {
        const anchors = [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchor(heading));
        assert.ok(anchors.includes(fragment), `${file} has no heading #${fragment}`);
      }
    }
  });
}

test('README.md has absolute links only: registries show it without the repository', () => {
  const targets = [...read('README.md').matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)];
  assert.ok(targets.length > 10);
  assert.deepEqual(
    targets.map(([, link, attribute]) => link ?? attribute ?? '').filter((target) => !target.startsWith('https://')),
    [],
  );
});

test('the reasons in docs/troubleshooting.md are those that the handlers log', () => {
  const sources = ['handler/src', 'handler/signature/src']
    .flatMap((folder) => below(folder, '.rs'))
    .map(read)
    .join('\n');
  // The first section is the index of the alarms.
  const [, bySymptom = ''] = read('docs/troubleshooting.md').split('\n## From topics to the bus');
  const rows = [...bySymptom.matchAll(/^\| `([^`]+)`/gm)].map(([, reason = '']) => reason);
  const reasons = rows.filter((reason) => reason !== 'reason');
  assert.ok(reasons.length >= 6);
  for (const reason of reasons) {
    // … stands for what the handler fills in.
    for (const words of reason.split('…').map((part) => part.trim())) {
      assert.ok(sources.includes(words), `no handler says "${words}"`);
    }
  }
});

test('the drawing and its description show both sources and the commands, in colours for light and dark', () => {
  const drawing = read('docs/architecture.svg');
  for (const construct of ['MomentoTopicToEventBridge', 'MomentoWebhookToEventBridge', 'EventBridgeToMomento']) {
    assert.match(drawing, new RegExp(`>${construct}<`));
  }
  // What a subscription is made of, and what it tells of gaps.
  for (const shown of ['schedule', 'subscription', 'lease, checkpoints', 'Messages Missed']) {
    assert.ok(drawing.includes(shown), `${shown} is not in the drawing`);
  }
  const [, description = ''] = /<desc [^>]*>([^<]*)</.exec(drawing) ?? [];
  const [, alternative = ''] = /architecture\.svg"[^>]* alt="([^"]*)"/.exec(read('README.md')) ?? [];
  for (const text of [description, alternative]) {
    for (const word of ['subscription', 'webhook', 'checkpoints', 'fallback queue', 'Commands', 'dead-letter queue']) {
      assert.match(text, new RegExp(word), 'for those who do not see the drawing');
    }
  }
  assert.match(drawing, /prefers-color-scheme: dark/);
  const [colours = '', darkColours = ''] = [...drawing.matchAll(/svg \{([^}]*)\}/g)].map(([, block = '']) => block);
  const names = (block: string) => [...block.matchAll(/--[a-z-]+/g)].map(([name]) => name).sort();
  assert.deepEqual(names(darkColours), names(colours));
  for (const [, used = ''] of drawing.matchAll(/var\((--[a-z-]+)\)/g)) {
    assert.ok(names(colours).includes(used), `${used} has no colour`);
  }
});

test('the badges of the README say what package.json says', () => {
  const { license, engines, peerDependencies } = JSON.parse(read('package.json')) as {
    license: string;
    engines: { node: string };
    peerDependencies: Record<string, string>;
  };
  const badges = [
    ...read('README.md').matchAll(/^!\[(.*)\]\((https:\/\/img\.shields\.io\/badge\/(.*)-(?:blue|orange))\)$/gm),
  ];
  const shown = badges.map(([, text = '', , path = '']) => {
    const [name, value] = decodeURIComponent(path).replaceAll('--', '\0').replaceAll('_', ' ').split('-');
    assert.equal(
      text,
      `${name ?? ''}: ${value ?? ''}`
        .replaceAll('\0', '-')
        .replace(/≥(\S+)/, '$1 or newer')
        .replace('node', 'Node.js'),
    );
    return text;
  });
  assert.deepEqual(shown, [
    `licence: ${license}`,
    `aws-cdk-lib: ${(peerDependencies['aws-cdk-lib'] ?? '').replace('^', '')} or newer`,
    `Node.js: ${engines.node.replace('>=', '')} or newer`,
    'status: not published yet',
  ]);
});
