import { counted } from '../printable';
import type { QueueKind } from '../stack/deployed-construct';
import { openQueueOf } from '../stack/stack-options';
import type { Examination } from './examination';

/** The queues: there, and empty as far as messages in them need a person. */
export async function examineQueues(examination: Examination): Promise<void> {
  const { constructs, stack } = examination;
  const seen = new Set<string>();
  for (const { name, queueUrls } of constructs) {
    for (const [kind, url] of Object.entries(queueUrls) as [QueueKind, string][]) {
      if (seen.has(url)) continue;
      seen.add(url);
      await examination.examine(`${kind}-queue`, name, async (report) => {
        const queue = await openQueueOf(stack, url);
        const { visible, inFlight } = await queue.state();
        const count = visible + inFlight;
        // Commands wait in their queue for a moment, always.
        if (count === 0) return;
        const about = `The ${kind} queue has about ${counted(count, 'message')}`;
        const list = `cdk-momento-eventbridge undelivered --stack ${stack.name} --construct ${name} --queue ${kind}`;
        if (kind === 'command') report(`${about} that ${count === 1 ? 'waits' : 'wait'} for Momento.`, 'note');
        else report(`${about}. See why: ${list}`);
      });
    }
  }
}
