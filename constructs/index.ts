export * from './handler-code';
export * from './log-level';
export * from './momento-message-filter';
export * from './momento-webhook-to-eventbridge';
export * from './momento-webhook-to-eventbridge-props';
export * from './rejection-reason';
export * from './signature-algorithm';
