import { existsSync } from 'node:fs';
import type { Architecture } from '../../scripts/handler/manifest';

/** A processor that executables of an architecture run on, here. */
export interface Processor {
  readonly name: string;
  /** What comes before the executable on the command line. */
  readonly command: readonly string[];
}

/**
 * The processors to try an architecture's executables on.
 *
 * arm64 is run by qemu everywhere, because it can pretend to be the oldest processor that Lambda has: a Graviton2, whose
 * cores are Neoverse N1 and have no instructions for SHA-3. qemu's own choice has them.
 */
export function processorsFor(architecture: Architecture): readonly Processor[] {
  switch (architecture) {
    case 'arm64':
      return [
        { name: "qemu's most capable processor", command: qemu('aarch64', 'max') },
        { name: "qemu's Neoverse N1", command: qemu('aarch64', 'neoverse-n1') },
      ];
    case 'x86_64':
      return process.arch === 'x64'
        ? [{ name: "this machine's processor", command: [] }]
        : [{ name: "qemu's most capable processor", command: qemu('x86_64', 'max') }];
  }
}

function qemu(machine: string, processor: string): string[] {
  // The libraries that came with the linker for that machine, if it is not this one.
  const libraries = `/usr/${machine}-linux-gnu`;
  return [`qemu-${machine}-static`, '-cpu', processor, ...(existsSync(libraries) ? ['-L', libraries] : [])];
}
