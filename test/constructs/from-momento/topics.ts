import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { MomentoTopicToEventBridge } from '../../../constructs/from-momento/momento-topic-to-eventbridge';
import type { MomentoTopicToEventBridgeProps } from '../../../constructs/from-momento/momento-topic-to-eventbridge-props';
import { InStack, IRELAND } from '../in-stack';
import { apiKey } from '../to-momento/to-momento';
import { codeInBucket } from './webhook';

export type Props =
  Partial<MomentoTopicToEventBridgeProps> | ((stack: Stack) => Partial<MomentoTopicToEventBridgeProps>);

export const ROOM = { cacheName: 'chat', topicName: 'room-281' };

/** A subscription in a stack of its own, by default in Ireland, with an API key that exists and code that needs no build. */
export class Topics extends InStack {
  public readonly construct: MomentoTopicToEventBridge;

  public constructor(props: Props = {}, stackProps: StackProps = IRELAND) {
    super(new Stack(new App(), 'Stack', stackProps));
    const { stack } = this;
    this.construct = new MomentoTopicToEventBridge(stack, 'In', {
      topics: [ROOM],
      apiKey: apiKey(stack),
      handlerCode: codeInBucket(stack),
      ...(typeof props === 'function' ? props(stack) : props),
    });
  }
}
