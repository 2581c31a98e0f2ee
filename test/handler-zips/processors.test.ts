import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { unpackBootstrap } from './bootstrap';
import { processorsFor } from './processors';

/** Linux's bit for it among the capabilities of an arm64 processor: https://docs.kernel.org/arch/arm64/elf_hwcaps.html */
const SHA3 = 1n << 17n;

test('arm64 is tried with instructions for SHA-3, and without as on a Graviton2', (context) => {
  const bootstrap = unpackBootstrap(context, 'webhook-arm64.zip');
  const withSha3 = processorsFor('arm64').map(({ command }) => (capabilities([...command, bootstrap]) & SHA3) !== 0n);
  assert.deepEqual(withSha3, [true, false]);
});

/** What the dynamic linker finds when it starts a program. (Which then ends, because it is told nothing else.) */
function capabilities([program = '', ...options]: readonly string[]): bigint {
  const env = { PATH: process.env.PATH, LD_SHOW_AUXV: '1' };
  const { stdout, stderr } = spawnSync(program, options, { encoding: 'utf8', env });
  const [, bits = assert.fail(stdout + stderr)] = /^AT_HWCAP: *(?:0x)?([0-9a-f]+)$/m.exec(stdout) ?? [];
  return BigInt(`0x${bits}`);
}
