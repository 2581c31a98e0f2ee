/** What went wrong, in a sentence for the person at the terminal. Ends the command with status 1. */
export class Failure extends Error {}

/** A command line that makes no sense, and what would. Ends the command with status 2. */
export class UsageError extends Error {}

/** What became of a command: what the process's status says. */
export enum ExitStatus {
  Success = 0,
  Failure = 1,
  Usage = 2,
}
