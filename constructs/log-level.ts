/**
 * The least severe log line that the handler writes.
 */
export enum LogLevel {
  /**
   * Only what needs a person: above all, an event that neither the bus nor the fallback queue took, logged whole.
   */
  ERROR = 'error',

  /**
   * Also what went wrong and was dealt with.
   */
  WARN = 'warn',

  /**
   * Also the answer to each request.
   */
  INFO = 'info',

  /**
   * Also the steps that led to the answer.
   */
  DEBUG = 'debug',
}
