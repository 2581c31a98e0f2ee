import type { Check } from '../check';
import { API_DESTINATION_CHECKS } from './api-destinations';
import { BUS_OUTAGE_CHECKS } from './bus-outage';
import { DEAD_LETTER_CHECKS } from './dead-letters';
import { LAMBDA_DELIVERY_CHECKS } from './lambda-delivery';
import { LIMIT_CHECKS } from './limits';
import { METRIC_CHECKS } from './metrics';
import { MISSING_BUS_CHECKS } from './missing-bus';
import { MOMENTO_CHECKS } from './momento';
import { OWN_QUEUE_CHECKS } from './own-queues';
import { PERFORMANCE_CHECKS } from './performance';
import { PIPE_CHECKS } from './pipes';
import { RETENTION_CHECKS } from './retention';
import { ROTATION_CHECKS } from './rotation';
import { SUBSCRIPTION_CHECKS } from './subscription';
import { WEBHOOK_CHECKS } from './webhook';

/** All checks, in the order in which they are tried: what changes the stack comes last. */
export const CHECKS: readonly Check[] = [
  ...WEBHOOK_CHECKS,
  ...SUBSCRIPTION_CHECKS,
  ...API_DESTINATION_CHECKS,
  ...LAMBDA_DELIVERY_CHECKS,
  ...PIPE_CHECKS,
  ...DEAD_LETTER_CHECKS,
  ...OWN_QUEUE_CHECKS,
  ...MOMENTO_CHECKS,
  ...LIMIT_CHECKS,
  ...PERFORMANCE_CHECKS,
  ...ROTATION_CHECKS,
  ...METRIC_CHECKS,
  ...RETENTION_CHECKS,
  ...BUS_OUTAGE_CHECKS,
  ...MISSING_BUS_CHECKS,
];
