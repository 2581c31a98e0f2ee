import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';

/** What an operator who is woken by an alarm needs to know. */
export interface Runbook {
  /** What happened, in a sentence or two. */
  readonly happened: string;
  /** Where to look for the cause, or what the likely causes are. */
  readonly look: string;
  /** What to do, with the commands. */
  readonly act: string;
  /** The anchor of the paragraph in docs/troubleshooting.md. */
  readonly paragraph: string;
}

const MANUAL = 'https://github.com/cdk-momento-eventbridge/cdk-momento-eventbridge/blob/main/docs/troubleshooting.md';

/**
 * The description of an alarm, in Markdown, which CloudWatch's console renders. It has 1,024 characters at most
 * (`AlarmDescription` in https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html).
 */
export function alarmDescription({ happened, look, act, paragraph }: Runbook): string {
  return [`**What happened:** ${happened}`, `**Look:** ${look}`, `**Do:** ${act}`, `${MANUAL}#${paragraph}`].join(
    '\n\n',
  );
}

/** The command that shows what a function logged at a level in the last hour. */
export function logCommand(handler: lambda.Function, level: 'ERROR' | 'WARN'): string {
  return `\`aws logs tail ${handler.logGroup.logGroupName} --since 1h --filter-pattern '{ $.level = "${level}" }'\``;
}

/** The command that shows all that a function logged in the last hour: what Lambda itself writes is not JSON. */
export function wholeLogCommand(handler: lambda.Function): string {
  return `\`aws logs tail ${handler.logGroup.logGroupName} --since 1h\``;
}

/** The commands that show the messages of a queue with their reasons, and put them back on their bus. */
export function queueCommands(queue: sqs.IQueue): { readonly show: string; readonly redrive: string } {
  const command = (name: string): string => `\`npx cdk-momento-eventbridge ${name} --queue-url ${queue.queueUrl}\``;
  return { show: command('undelivered'), redrive: command('redrive') };
}
