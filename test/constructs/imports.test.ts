import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, test } from 'node:test';

const CONSTRUCTS = join(__dirname, '../../constructs');

/** What each room may import besides itself. `index.ts` may import every room. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  common: [],
  handlers: ['common'],
  commands: ['common'],
  'event-schemas': ['common'],
  'from-momento': ['handlers', 'common'],
  'to-momento': ['handlers', 'common'],
  // Of to-momento only what it publishes.
  'from-dynamodb': ['handlers', 'common', 'to-momento'],
  // Of each job only what it publishes.
  monitoring: ['common', 'from-momento', 'to-momento', 'from-dynamodb'],
};

/** The imports and re-exports of each module, as paths below constructs/ without the extension. */
const graph = new Map(
  readdirSync(CONSTRUCTS, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [file.replace(/\.ts$/, ''), importsOf(file)]),
);

function importsOf(file: string): string[] {
  const text = readFileSync(join(CONSTRUCTS, file), 'utf8');
  return [...text.matchAll(/\bfrom '(\.[^']+)'/g)].map(([, specifier = '']) =>
    relative(CONSTRUCTS, join(CONSTRUCTS, dirname(file), specifier)),
  );
}

const roomOf = (module: string) => module.split('/')[0] ?? '';

describe('the imports of constructs/', () => {
  test('lead to modules that exist', () => {
    assert.ok(graph.size > 50);
    for (const [module, imports] of graph) {
      for (const imported of imports) assert.ok(graph.has(imported), `${module} imports ${imported}`);
    }
  });

  test('go from the jobs to the shared rooms, never back and never sideways', () => {
    for (const [module, imports] of graph) {
      if (module === 'index') continue;
      const room = roomOf(module);
      const allowed = [room, ...(MAY_IMPORT[room] ?? assert.fail(`it is not listed what ${room}/ may import`))];
      for (const imported of imports) {
        assert.ok(allowed.includes(roomOf(imported)), `${module} imports ${imported}`);
      }
    }
  });

  test('take from another job only what the package publishes', () => {
    const published = graph.get('index') ?? [];
    const jobs = ['from-momento', 'to-momento', 'from-dynamodb'];
    for (const [module, imports] of graph) {
      if (module === 'index') continue;
      for (const imported of imports.filter((one) => jobs.includes(roomOf(one)) && roomOf(one) !== roomOf(module))) {
        assert.ok(published.includes(imported), `${module} imports ${imported}`);
      }
    }
  });

  test('have no circle', () => {
    const finished = new Set<string>();
    const visit = (module: string, path: readonly string[]): void => {
      assert.ok(!path.includes(module), `a circle: ${[...path.slice(path.indexOf(module)), module].join(' -> ')}`);
      if (finished.has(module)) return;
      for (const imported of graph.get(module) ?? []) visit(imported, [...path, module]);
      finished.add(module);
    };
    for (const module of graph.keys()) visit(module, []);
    assert.equal(finished.size, graph.size);
  });
});
