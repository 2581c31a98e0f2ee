import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Typed } from '../examples/typed';

const ROOT = join(__dirname, '../..');
/** Ten times what compiling took on a machine with two cores of which others had most. */
const COMPILED_WITHIN_MS = 1_200_000;

/** With the compiler of the tests before it, if there is one, so that not all is compiled again. */
const { RUSTC_WORKSPACE_WRAPPER } = process.env;
const TERMINAL = { directory: ROOT, environment: { ...(RUSTC_WORKSPACE_WRAPPER && { RUSTC_WORKSPACE_WRAPPER }) } };

/** A command as a document has it: as a line of its own, or within a sentence. */
function commandIn(document: string, command: string): string {
  const text = readFileSync(join(ROOT, document), 'utf8');
  assert.ok(text.includes(`\n${command}\n`) || text.includes(`\`${command}\``), `${document} has no ${command}`);
  return command;
}

for (const [document, command] of [
  ['README.md', 'npm run demo'],
  ['examples/quickstart/README.md', 'npm run example -- quickstart'],
] as const) {
  test(`${command}, as ${document} has it, shows a message that becomes an event by both ways, and ends`, async () => {
    const demo = new Typed(commandIn(document, command), TERMINAL);
    const printed = await demo.output(COMPILED_WITHIN_MS);
    assert.match(printed, /^Published to the topic room-281 of the local Momento: Here I am!!$/m);
    assert.match(printed, /by subscription +by webhook/);
    assert.match(printed, /Events that the last three put on the bus: 0$/m);
  });
}

const examples = readdirSync(join(ROOT, 'tools/run-example'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'quickstart')
  .map(({ name }) => [`examples/${name}/README.md`, `npm run example -- ${name}`] as const);

// What they then print to be typed, the tests in test/examples type.
for (const [document, command] of [['README.md', 'npm run demo -- --keep'] as const, ...examples]) {
  test(`${command}, as ${document} has it, runs until Ctrl-C is pressed, and leaves nothing running`, async () => {
    const example = new Typed(commandIn(document, command), TERMINAL);
    try {
      await example.until(/until you press Ctrl-C/, COMPILED_WITHIN_MS);
    } finally {
      await example.interrupt();
    }
    const addresses = new Set(example.printed.match(/http:\/\/(127\.0\.0\.1|localhost):\d+/g));
    assert.ok(addresses.size > 0, example.printed);
    for (const address of addresses) {
      await assert.rejects(fetch(address), { message: 'fetch failed' }, `${address} answers`);
    }
  });
}
