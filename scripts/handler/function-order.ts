/**
 * Writes function-order.ld, with which the linker puts those functions of the handlers next to each other that run together: what
 * the benchmark sees the webhook and the deliver handler execute under valgrind. The other handlers execute much of the same.
 *
 * usage: npm run function-order     (on x86_64)
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CRATE, ROOT } from './cargo';
import { linkerScript } from './linker-script';

const FILE = join(__dirname, 'function-order.ld');
const TARGET = join(ROOT, 'target/function-order');

// As they are deployed, but with symbols.
const env = { ...process.env, CARGO_TARGET_DIR: TARGET, CARGO_PROFILE_RELEASE_STRIP: 'none' };
const handlers = ['build', '--locked', '--release', '--package', CRATE, '--bin', 'webhook', '--bin', 'deliver'];
execFileSync('cargo', handlers, { cwd: ROOT, env, stdio: 'inherit' });
const bench = ['run', '--quiet', '--locked', '--package', 'harness', '--', '--order', join(TARGET, 'release')];
const symbols = execFileSync('cargo', bench, { cwd: join(ROOT, 'tools'), encoding: 'utf8', maxBuffer: 2 ** 28 });
writeFileSync(FILE, `/* Written by npm run function-order. */\n${linkerScript(symbols.trim().split('\n'))}`);
