import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { EventBridgeToMomentoProps } from './eventbridge-to-momento-props';
import { MomentoCommand } from '../common/momento-command';
import { checkQueueKey } from './allow-rules';
import {
  checkEventBus,
  checkOneOf,
  checkRegion,
  checkStandardQueue,
  checkWholeNumber,
  fail,
} from '../common/prop-checks';
import { checkMessageSize } from '../common/queue-settings';

/** Momento's soft limits, in operations a second: 100 for caches, 10 for topics. */
const RATE_LIMITS: Record<MomentoCommand, number> = {
  [MomentoCommand.CACHE_SET]: 100,
  [MomentoCommand.CACHE_DELETE]: 100,
  [MomentoCommand.TOPIC_PUBLISH]: 10,
};

export function checkGivenResources(scope: Construct, props: EventBridgeToMomentoProps): void {
  const { apiKey, apiKeyField, eventBus, deadLetterQueue } = props;
  if (apiKeyField === '') {
    fail(scope, 'apiKeyField must not be empty. Leave it out if the whole secret is the key.');
  }
  checkRegion(scope, 'apiKey', apiKey.env, 'Pass a secret in that region, or a replica of the secret there.');
  if (eventBus) {
    const remedy = 'Pass a bus there, and forward events to it with a rule on the other bus.';
    checkEventBus(scope, eventBus, remedy);
  }
  if (deadLetterQueue) {
    checkStandardQueue(scope, 'deadLetterQueue', deadLetterQueue);
    checkMessageSize(scope, 'deadLetterQueue', deadLetterQueue);
    checkQueueKey(scope, 'deadLetterQueue', deadLetterQueue);
  }
}

export function checkedCommands(scope: Construct, commands = Object.values(MomentoCommand)): MomentoCommand[] {
  for (const command of commands) {
    checkOneOf(scope, 'commands', command, Object.values(MomentoCommand));
  }
  if (commands.length === 0) {
    fail(scope, 'commands must not be empty. Name a command, or leave commands out for all.');
  }
  return [...new Set(commands)];
}

export function checkedSources(scope: Construct, sources: string[] | undefined): string[] {
  if (sources && (sources.length === 0 || sources.includes(''))) {
    fail(scope, 'sources must not be empty or contain an empty string. Leave sources out to accept every source.');
  }
  return [...(sources ?? [])];
}

export function checkedRateLimits(
  scope: Construct,
  { rateLimits }: EventBridgeToMomentoProps,
): Record<MomentoCommand, number> {
  const limits = { ...RATE_LIMITS };
  for (const command of Object.values(MomentoCommand)) {
    limits[command] = rateLimits?.[command] ?? limits[command];
    checkWholeNumber(scope, `rateLimits.${command}`, limits[command], 1);
  }
  return limits;
}

export function checkedRetries(
  scope: Construct,
  props: EventBridgeToMomentoProps,
): { maxEventAge: Duration; retryAttempts: number } {
  const { maxEventAge = Duration.hours(1), retryAttempts = 185 } = props;
  checkWholeNumber(scope, 'maxEventAge in seconds', maxEventAge.toSeconds({ integral: false }), 60, 86_400);
  checkWholeNumber(scope, 'retryAttempts', retryAttempts, 0, 185);
  return { maxEventAge, retryAttempts };
}
