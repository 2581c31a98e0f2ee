import { once } from 'node:events';
import { useDemoBuild } from './demo-build';

/** What can be started and stopped. */
interface Starter<T> {
  start(): Promise<T>;
}

/**
 * If `script` is what Node.js was started with, starts the example, prints what to do with it, and stops it when Ctrl-C is
 * pressed. Otherwise a test has imported it, and nothing happens.
 */
export function runByHand<T extends { stop(): Promise<void> }>(
  script: NodeJS.Module,
  example: Starter<T>,
  instructions: (running: T) => string,
): void {
  if (require.main !== script) return;
  useDemoBuild();
  const run = async () => {
    const running = await example.start();
    try {
      const text = instructions(running);
      await untilInterrupted(() => {
        console.log(text);
      });
    } finally {
      await running.stop();
    }
  };
  run().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}

/** Until Ctrl-C is pressed, as early as `invite` has said that it can be. */
export async function untilInterrupted(invite: () => void): Promise<void> {
  // Waiting for a signal alone does not keep a process running.
  const alive = setInterval(() => undefined, 60_000);
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  invite();
  await interrupted;
  clearInterval(alive);
}
