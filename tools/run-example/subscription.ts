import { InvokeCommand } from '@aws-sdk/client-lambda';
import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { MomentoTopic, MomentoTopicToEventBridge } from 'cdk-momento-eventbridge';
import type { LocalAws, LocalMomento, StackOutputs } from '..';
import { until } from '../common/until';

const OUTPUT = 'SubscribeFunction';

/** Has the stack say, when it is deployed, which function subscribes. */
export function nameSubscribeFunction({ handler }: MomentoTopicToEventBridge): void {
  new CfnOutput(Stack.of(handler), OUTPUT, { value: handler.functionName });
}

/** Invokes the function as its schedule does, without waiting a minute for that, until it is subscribed to all topics. */
export async function startSubscription(
  aws: LocalAws,
  momento: LocalMomento,
  outputs: StackOutputs,
  topics: readonly MomentoTopic[],
): Promise<void> {
  const input = {
    topics: topics.map(({ cacheName, topicName }) => ({ cache: cacheName, topic: topicName })),
    startAt: 'NEWEST',
  };
  await aws.clients.lambda.send(
    new InvokeCommand({
      FunctionName: outputs.get(OUTPUT),
      InvocationType: 'Event',
      Payload: JSON.stringify(input),
    }),
  );
  await waitForSubscription(momento, topics);
}

/** Waits until all topics are subscribed to: after an interruption, the function tries it every half a minute at least. */
export async function waitForSubscription(momento: LocalMomento, topics: readonly MomentoTopic[]): Promise<void> {
  for (const { cacheName, topicName } of topics) {
    await until(
      `a subscription to ${cacheName}#${topicName}`,
      async () => ((await momento.openStreams(cacheName, topicName)) > 0 ? true : undefined),
      { timeoutMs: 60_000 },
    );
  }
}
