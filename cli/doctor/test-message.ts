import { randomBytes } from 'node:crypto';
import { meaning } from '../answer-meaning';
import { EventBus } from '../event-bus';
import { stopIfInterrupted } from '../interruption';
import { jsonObject } from '../parked-event';
import { postWebhook } from '../post-webhook';
import { sign } from '../signature';
import type { DeployedConstruct } from '../stack/deployed-construct';
import { signatureAlgorithmOf } from '../stack/stack-options';
import { Tap } from '../tap/tap';
import type { TopicMessage } from '../topic-message';
import { handlerMessage } from '../webhook-answer';
import type { Examination } from './examination';

/** The cache of test messages, by which rules can leave them out. */
export const TEST_CACHE = 'cdk-momento-eventbridge';
/** What makes it pointless to send a message. */
const PRECONDITIONS = ['function', 'signing-secret', 'function-url', 'permission', 'event-bus'];
/** EventBridge may begin with a new rule only some seconds after it was made: what was sent before is then not carried. */
const ATTEMPTS = 8;
const ARRIVAL_MS = 5_000;

/**
 * Sends a signed message to each webhook, as Momento does, and sees it arrive on the bus.
 *
 * @param url where the only webhook is reached, if not at its Function URL
 */
export async function examineWithTestMessages(examination: Examination, url: string | undefined): Promise<void> {
  for (const construct of examination.constructs.filter(({ kind }) => kind === 'MomentoWebhookToEventBridge')) {
    const handler = construct.functions.find(({ role }) => role === 'webhook');
    const subjects = [handler?.logicalId, construct.name];
    await examination.examine('test-message', construct.name, async (report) => {
      const { findings } = examination;
      if (findings.some(({ check, subject }) => PRECONDITIONS.includes(check) && subjects.includes(subject))) {
        report('No test message was sent, for the reason above.', 'note');
        return;
      }
      const problem = await sendTestMessage(examination, construct, url);
      if (problem !== undefined) report(problem);
    });
  }
}

/** Returns what is wrong, if anything is. */
async function sendTestMessage(
  examination: Examination,
  { functions, eventBus = '' }: DeployedConstruct,
  givenUrl: string | undefined,
): Promise<string | undefined> {
  const [handler] = functions.filter(({ role }) => role === 'webhook');
  if (handler === undefined) return 'The construct has no webhook.';
  const { signingSecret = '', url = '' } = examination.webhook(handler.logicalId);
  const topic = `doctor-${randomBytes(8).toString('hex')}`;
  const pattern = JSON.stringify({ source: ['Momento'], detail: { cache: [TEST_CACHE], topic: [topic] } });
  return Tap.with(await EventBus.find(eventBus, examination.region), pattern, async (tap) => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      stopIfInterrupted();
      const body = testMessage(topic, attempt);
      const signature = sign(signatureAlgorithmOf(handler) ?? 'HMAC_SHA3_256', signingSecret, body);
      const answer = await postWebhook(givenUrl ?? url, body, signature);
      if (answer.status !== 200 || handlerMessage(answer) !== 'Success') {
        return `The test message was answered ${answer.status.toString()}. ${meaning(answer, { refusalExpected: false, isReplay: false })}`;
      }
      const eventId = jsonObject(answer.body)?.eventId;
      if (await arrives(tap, eventId)) return undefined;
    }
    const seconds = (ATTEMPTS * ARRIVAL_MS) / 1_000;
    return `The handler accepted ${ATTEMPTS.toString()} test messages, but none was on the event bus within ${seconds.toString()} s.`;
  });
}

async function arrives(tap: Tap, eventId: unknown): Promise<boolean> {
  for (const deadline = Date.now() + ARRIVAL_MS; Date.now() < deadline;) {
    stopIfInterrupted();
    const events = await tap.take();
    if (events.some(({ body }) => jsonObject(body)?.id === eventId)) return true;
  }
  return false;
}

function testMessage(topic: string, topic_sequence_number: number): Uint8Array {
  const now = Date.now();
  const message: TopicMessage = {
    cache: TEST_CACHE,
    topic,
    event_timestamp: now,
    publish_timestamp: now,
    topic_sequence_number,
    token_id: '',
    text: 'A test message of cdk-momento-eventbridge doctor',
  };
  return Buffer.from(JSON.stringify(message));
}
