import type { Command } from '../command';
import { EventBus } from '../event-bus';
import { describeEvent, eventFacts } from '../event-facts';
import { ExitStatus, UsageError } from '../failure';
import { interruptOnSignals, isInterrupted } from '../interruption';
import { jsonMembers } from '../json-members';
import { parseOptions, required, wholeNumber } from '../options';
import { print } from '../output';
import { GAP, jsonObject, readQueuedEvent } from '../parked-event';
import { printable, printableJson } from '../printable';
import type { ReceivedMessage } from '../queue';
import { checkStackOptions, findEventBus, STACK_HELP, STACK_OPTIONS, type StackOptions } from '../stack/stack-options';
import { Tap } from '../tap/tap';

const HELP = `Shows what is put on an event bus from now on: messages of Momento topics, and
gaps. Each event is a line, in colours on a terminal, and as JSON otherwise.

  npx cdk-momento-eventbridge tail --stack NAME [options]
  npx cdk-momento-eventbridge tail --event-bus BUS [options]

${STACK_HELP}
  --event-bus BUS   name or ARN of the event bus, without a stack
  --cache NAME      only of this cache
  --topic NAME      only of this topic
  --pattern JSON    instead, every event that matches this event pattern:
                    '{"detail-type":["cacheSet"]}' shows commands
  --limit N         end after N events
  --json            print JSON on a terminal too
  --show-text       show the text of the messages, which is hidden otherwise;
                    with JSON, the whole event
  --region REGION   the AWS region

It makes a rule on the bus and a queue, both named
cdk-momento-eventbridge-tap-…, and removes them when it ends: by --limit,
Ctrl-C, SIGTERM, SIGHUP or a closed output. EventBridge may take some seconds to
begin with a new rule. If this command is killed, the next tail or doctor in the
account and region removes what is left, once it has been unused for 10 minutes.
EventBridge and SQS can deliver an event twice, and not in order.

Permissions: events:DescribeEventBus, events:PutRule, events:PutTargets,
events:RemoveTargets, events:DeleteRule; sqs:ListQueues, sqs:ListQueueTags,
sqs:CreateQueue, sqs:TagQueue, sqs:GetQueueUrl, sqs:ReceiveMessage,
sqs:DeleteMessage, sqs:DeleteQueue.

Exit status: 0 also if you stop it.
`;

/** The sources of what the handlers put on the bus: messages, and gaps. */
const SOURCES = ['Momento', GAP];

/** Shows what is on the bus. */
export const tail: Command = {
  help: HELP,
  async run(args) {
    const options = parseOptions(args, {
      ...STACK_OPTIONS,
      'event-bus': 'value',
      cache: 'value',
      topic: 'value',
      pattern: 'value',
      limit: 'value',
      json: 'flag',
      'show-text': 'flag',
    });
    const pattern = eventPattern(options);
    const limit = options.limit === undefined ? Infinity : wholeNumber(options.limit, '--limit', { least: 1 });
    const showText = options['show-text'] ?? false;
    const asJson = options.json ?? !process.stdout.isTTY;
    interruptOnSignals();
    const bus = await openBus(options);
    await Tap.with(bus, pattern, async (tap) => {
      process.stderr.write(`Events of the event bus ${printable(bus.name)} from now on; Ctrl-C ends it.\n`);
      for (let shown = 0; shown < limit && !isInterrupted();) {
        for (const message of (await tap.take()).slice(0, limit - shown)) {
          print(asJson ? json(message, showText) : line(message, showText));
          shown += 1;
        }
      }
    });
    return ExitStatus.Success;
  },
};

interface TailOptions extends StackOptions {
  readonly 'event-bus'?: string;
  readonly cache?: string;
  readonly topic?: string;
  readonly pattern?: string;
}

async function openBus(options: TailOptions): Promise<EventBus> {
  const { stack, 'event-bus': bus, region } = options;
  checkStackOptions(options);
  if ((stack === undefined) === (bus === undefined)) {
    throw new UsageError('Give exactly one of --stack and --event-bus.');
  }
  if (bus !== undefined) return EventBus.find(required(bus, '--event-bus'), region);
  const found = await findEventBus(options);
  return EventBus.find(found.name, found.region);
}

function eventPattern({ cache, topic, pattern }: TailOptions): string {
  if (pattern !== undefined) {
    if (cache !== undefined || topic !== undefined) {
      throw new UsageError('--pattern stands alone: put cache and topic in its detail.');
    }
    if (!jsonMembers(pattern)) throw new UsageError('--pattern must be a JSON object.');
    return pattern;
  }
  const detail = {
    ...(cache !== undefined && { cache: [required(cache, '--cache')] }),
    ...(topic !== undefined && { topic: [required(topic, '--topic')] }),
  };
  return JSON.stringify({ source: SOURCES, ...(Object.keys(detail).length > 0 && { detail }) });
}

function json({ id, body }: ReceivedMessage, showText: boolean): string {
  const event = readQueuedEvent(body);
  if (typeof event === 'string') return printableJson({ messageId: id, problem: event });
  const facts = { eventId: jsonObject(body)?.id, ...eventFacts(event, { showText }) };
  if (!showText) return printableJson(facts);
  // As text, so that no number in it changes. A control character in JSON is white space between two values.
  const whole = printable(body.replaceAll(/[\t\r\n]/g, ' '));
  return `${printableJson(facts).slice(0, -1)},"event":${whole}}`;
}

function line({ id, body }: ReceivedMessage, showText: boolean): string {
  const event = readQueuedEvent(body);
  if (typeof event === 'string') return coloured('red', `message ${printable(id)}, not an event: ${event}`);
  const { publishedAt = '', text, ...facts } = eventFacts(event, { showText });
  const [detailType = '', ...others] = describeEvent(facts).split(/(?=, source )/);
  const colour = event.source === 'Momento' ? 'cyan' : event.source === GAP ? 'yellow' : 'green';
  const shown = `${coloured('dim', publishedAt)} ${coloured(colour, detailType)}${others.join('')}`;
  return text === undefined ? shown : `${shown}\n  text: ${printable(text)}`;
}

const COLOURS = { red: 31, green: 32, yellow: 33, cyan: 36, dim: 2 } as const;

function coloured(colour: keyof typeof COLOURS, text: string): string {
  // https://no-color.org
  if (!process.stdout.isTTY || process.env.NO_COLOR) return text;
  return `\u001b[${COLOURS[colour].toString()}m${text}\u001b[0m`;
}
