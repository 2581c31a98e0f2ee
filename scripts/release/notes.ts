// Writes dist/release-notes.md: what CHANGELOG.md says of the newest version, and buttons that launch its templates.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RELEASE_BUCKETS } from '../../templates/host';
import { launchTable } from '../../templates/launch-links';
import { sayMade } from '../made';
import { newestEntry } from './versions';

const root = join(__dirname, '../..');
const notes = join(root, 'dist/release-notes.md');
const { text } = newestEntry(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'));
writeFileSync(notes, `${text}\n\n### Launch a stack\n\n${launchTable(RELEASE_BUCKETS, 'this version')}\n`);
sayMade(notes);
