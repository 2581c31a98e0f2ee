/** What went wrong, in a sentence for the person at the terminal. Ends the command with status 1. */
export class Failure extends Error {}

/** What is invalid in a command line. Ends the command with status 2. */
export class UsageError extends Error {}

/** The process's exit status. */
export enum ExitStatus {
  Success = 0,
  Failure = 1,
  Usage = 2,
  /** `doctor` found a fault, or `verify` a broken promise. */
  Fault = 3,
}
