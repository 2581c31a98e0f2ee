import type { ChildProcess } from 'node:child_process';

/** Detaches a child from this process, which can then end while the child runs. */
export function detach(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) (stream as unknown as { unref(): void } | null)?.unref();
}
