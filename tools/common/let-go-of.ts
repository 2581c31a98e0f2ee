import type { ChildProcess } from 'node:child_process';

/** Lets this process end although the child runs. */
export function letGoOf(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) (stream as unknown as { unref(): void } | null)?.unref();
}
