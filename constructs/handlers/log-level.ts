/**
 * The log level of the handlers.
 */
export enum LogLevel {
  /**
   * Only what needs a person, above all an event that neither the bus nor the fallback queue took, which is logged whole.
   */
  ERROR = 'error',

  /**
   * Also parked messages and rejected requests, with the reason.
   */
  WARN = 'warn',

  /**
   * Also every message that was put on the bus, and every duplicate.
   */
  INFO = 'info',
}
