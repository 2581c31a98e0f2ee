import { mock } from 'node:test';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { HandlerCode } from 'cdk-momento-eventbridge';

/** Makes a stack with code that needs no build of the handlers: for looking at its template. */
export function withUnbuiltHandlers<T>(make: () => T): T {
  const code = lambda.Code.fromAsset(__dirname);
  const all = { webhook: code, subscribe: code, redrive: code, deliver: code, followRotation: code, changes: code };
  const prebuilt = mock.method(HandlerCode, 'prebuilt', () => HandlerCode.fromCode(all));
  try {
    return make();
  } finally {
    prebuilt.mock.restore();
  }
}
