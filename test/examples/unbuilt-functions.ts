import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ALL = [
  ...['keep-history', 'moderate', 'moderate-translation', 'token', 'translate'],
  ...['topic-processing', 'webhook-in-rust'],
];

/** In place of the functions of the examples, where only the template is looked at. */
export const UNBUILT_FUNCTIONS = mkdtempSync(join(tmpdir(), 'unbuilt-functions-'));
for (const name of ALL) {
  mkdirSync(join(UNBUILT_FUNCTIONS, name));
  writeFileSync(join(UNBUILT_FUNCTIONS, name, 'bootstrap'), name);
}
process.once('exit', () => {
  rmSync(UNBUILT_FUNCTIONS, { recursive: true });
});
