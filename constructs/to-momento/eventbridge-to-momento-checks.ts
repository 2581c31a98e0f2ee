import { Duration, Token } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import type { EventBridgeToMomentoProps } from './eventbridge-to-momento-props';
import { MomentoCommand } from '../common/momento-command';
import { checkAccount, checkOneOf, checkRegion, checkWholeNumber, refuse } from '../common/prop-checks';

/** Momento's soft limits, operations a second: 100 on caches, 10 on topics. */
const RATE_LIMITS: Record<MomentoCommand, number> = {
  [MomentoCommand.CACHE_SET]: 100,
  [MomentoCommand.CACHE_DELETE]: 100,
  [MomentoCommand.TOPIC_PUBLISH]: 10,
};

/** EventBridge's quota for the characters of an event pattern, which only AWS can raise. */
const MAX_PATTERN_CHARACTERS = 2048;

export function checkGivenResources(scope: Construct, props: EventBridgeToMomentoProps): void {
  const { apiKey, eventBus, deadLetterQueue } = props;
  const user = 'this construct';
  checkRegion(scope, 'apiKey', apiKey.env, 'Give a secret of that region, or a replica in it.', user);
  if (eventBus) {
    const forward = 'Give a bus of the same account and region, and a rule on the other bus whose target is that bus.';
    checkRegion(scope, 'eventBus', eventBus.env, forward, user);
    checkAccount(scope, 'eventBus', eventBus.env, forward, user);
  }
  if (deadLetterQueue) {
    checkRegion(scope, 'deadLetterQueue', deadLetterQueue.env, 'Give a queue of that region.', user);
    if (deadLetterQueue.fifo) {
      refuse(scope, 'deadLetterQueue is a FIFO queue, which EventBridge does not send to. Give a standard queue.');
    }
  }
}

export function checkedCommands(scope: Construct, commands = Object.values(MomentoCommand)): MomentoCommand[] {
  for (const command of commands) {
    checkOneOf(scope, 'commands', command, Object.values(MomentoCommand));
  }
  if (commands.length === 0) {
    refuse(scope, 'commands is empty, so nothing would be done. Name a command, or leave it out for all.');
  }
  return [...new Set(commands)];
}

export function checkedSources(scope: Construct, sources: string[] | undefined): string[] {
  if (sources && (sources.length === 0 || sources.includes(''))) {
    refuse(scope, 'sources is empty or has an empty source, which no event has. Leave it out to take any source.');
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

export function checkPatternSize(scope: Construct, { source, detailType, detail }: events.EventPattern): void {
  const written = JSON.stringify({ source, 'detail-type': detailType, detail });
  if (!Token.isUnresolved(written) && written.length > MAX_PATTERN_CHARACTERS) {
    refuse(
      scope,
      `sources makes an event pattern of ${written.length.toString()} characters, and EventBridge takes ` +
        `${MAX_PATTERN_CHARACTERS.toString()}. Give fewer sources, or a bus of their own to these events.`,
    );
  }
}
