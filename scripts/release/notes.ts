// Writes dist/release-notes.md: what CHANGELOG.md says of the newest version, and the links that launch its templates.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newestEntry } from './versions';

const root = join(__dirname, '../..');
const { text } = newestEntry(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'));
const links = readFileSync(join(root, 'dist/templates/launch-stack.md'), 'utf8');
writeFileSync(join(root, 'dist/release-notes.md'), `${text}\n\n### Launch a stack\n\n${links}`);
