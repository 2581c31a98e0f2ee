import type { ExitStatus } from './failure';

/** One of the things that this program does. */
export interface Command {
  /** What `--help` prints. */
  readonly help: string;
  /**
   * Does it.
   *
   * @param args what follows the command's name
   * @throws UsageError, Failure
   */
  run(args: readonly string[]): Promise<ExitStatus>;
}
