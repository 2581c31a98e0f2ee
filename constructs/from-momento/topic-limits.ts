/** The most topics of one subscription: Momento's limit for one connection, and its soft limit for a region. */
export const MAX_TOPICS = 100;

/** How the keywords begin that EventBridge Scheduler replaces in the input of a target, such as `<aws.scheduler.execution-id>`. */
export const SCHEDULER_KEYWORD = '<aws.scheduler.';
