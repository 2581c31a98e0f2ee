/**
 * The least severe log line that the handler writes.
 */
export enum LogLevel {
  /**
   * Only what needs a person: above all, an event that neither the bus nor the fallback queue took, logged whole.
   */
  ERROR = 'error',

  /**
   * Also the messages that had to wait in the fallback queue, and the requests that were refused, with the reason.
   */
  WARN = 'warn',

  /**
   * Also each message that was put on the bus or had been seen before.
   */
  INFO = 'info',
}
