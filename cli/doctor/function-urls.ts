import { callAws } from '../aws-call';
import { clientSettings } from '../aws-client';
import type { Examination } from './examination';
import { ifThere } from './examination';

interface Statement {
  readonly Effect?: string;
  readonly Principal?: unknown;
  readonly Action?: string | readonly string[];
}

/** What a caller without AWS credentials needs to reach a Function URL, since October 2025 both. */
const ACTIONS = ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'];

/** The Function URL of each webhook: there, open, and with both permissions. */
export async function examineFunctionUrls(examination: Examination): Promise<void> {
  const { GetFunctionUrlConfigCommand, GetPolicyCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient(await clientSettings(examination.region));
  const webhooks = examination.constructs
    .flatMap(({ functions }) => functions)
    .filter(({ role }) => role === 'webhook');
  for (const { logicalId, name: FunctionName } of webhooks) {
    await examination.examine('function-url', logicalId, async (report) => {
      const url = await ifThere(() =>
        callAws('Lambda', 'lambda:GetFunctionUrlConfig', () =>
          client.send(new GetFunctionUrlConfigCommand({ FunctionName })),
        ),
      );
      if (url === undefined) {
        report('The function has no Function URL, so Momento cannot reach it: deploy the stack again.');
        return;
      }
      if (url.FunctionUrl !== undefined) examination.webhook(logicalId).url = url.FunctionUrl;
      if (url.AuthType !== 'NONE') {
        report('The Function URL asks for AWS credentials, which Momento does not have: deploy the stack again.');
      }
    });
    await examination.examine('permission', logicalId, async (report) => {
      const policy = await ifThere(() =>
        callAws('Lambda', 'lambda:GetPolicy', () => client.send(new GetPolicyCommand({ FunctionName }))),
      );
      const { Statement: statements = [] } = JSON.parse(policy?.Policy ?? '{}') as { Statement?: Statement[] };
      for (const action of ACTIONS) {
        if (!statements.some((statement) => allowsEverybody(statement, action))) {
          report(
            `The public permission ${action} is missing, without which the Function URL answers 403: deploy with ` +
              'aws-cdk-lib 2.220.0 or newer.',
          );
        }
      }
    });
  }
}

function allowsEverybody({ Effect, Principal, Action = [] }: Statement, action: string): boolean {
  const principal = (Principal as { readonly AWS?: unknown } | undefined)?.AWS ?? Principal;
  return Effect === 'Allow' && [Action].flat().includes(action) && [principal].flat().includes('*');
}
