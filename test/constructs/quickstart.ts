import { App } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { HandlerCode } from 'cdk-momento-eventbridge';
import { mock } from 'node:test';
import { QuickstartStack, type QuickstartStackProps } from '../../examples/quickstart/quickstart-stack';

/** The example, with code that needs no build of the handler. */
export function quickstart(props?: QuickstartStackProps): QuickstartStack {
  const code = lambda.Code.fromAsset(__dirname);
  const prebuilt = mock.method(HandlerCode, 'prebuilt', () =>
    HandlerCode.fromCode({ webhook: code, subscribe: code, redrive: code }),
  );
  const stack = new QuickstartStack(new App(), 'Quickstart', props);
  prebuilt.mock.restore();
  return stack;
}
