import { AwsFailure } from '../aws-call';
import { Failure } from '../failure';
import type { DeployedConstruct } from '../stack/deployed-construct';
import type { DeployedStack } from '../stack/deployed-stack';

/** How bad it is: something is wrong, could not be examined, or is only worth knowing. */
export type Severity = 'fault' | 'unknown' | 'note';

/** Something that was found. */
export interface Finding {
  readonly severity: Severity;
  /** What was examined, such as `queue`. */
  readonly check: string;
  /** The resource, by its logical id, or the construct. */
  readonly subject: string;
  /** What is wrong, and what to do. No secret, and no text of a message. */
  readonly sentence: string;
}

/** What an examination has learned of a webhook, and a test message needs. */
export interface ExaminedWebhook {
  /** The first signing secret of several. */
  signingSecret?: string;
  url?: string;
}

/** What is examined, and what was found so far. */
export class Examination {
  public readonly findings: Finding[] = [];
  /** How many things were examined. */
  public checks = 0;
  private readonly webhooks = new Map<string, ExaminedWebhook>();

  public constructor(
    public readonly stack: DeployedStack,
    public readonly constructs: readonly DeployedConstruct[],
  ) {}

  /** Where the stack is. */
  public get region(): string {
    return this.stack.region;
  }

  /** What is known of the webhook of a handler. */
  public webhook(logicalId: string): ExaminedWebhook {
    const known = this.webhooks.get(logicalId) ?? {};
    this.webhooks.set(logicalId, known);
    return known;
  }

  /** Examines one thing. A call that fails is a finding too: nothing is said to be sound that was not seen. */
  public async examine(
    check: string,
    subject: string,
    look: (report: (sentence: string, severity?: Severity) => void) => Promise<void>,
  ): Promise<void> {
    this.checks += 1;
    const report = (sentence: string, severity: Severity = 'fault'): void => {
      this.findings.push({ severity, check, subject, sentence });
    };
    try {
      await look(report);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      report(error.message, error instanceof AwsFailure ? 'unknown' : 'fault');
    }
  }
}

/** What `ask` answers, or nothing where the service says that there is no such thing. */
export async function ifThere<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    const code = error instanceof AwsFailure ? error.code : '';
    if (!/NotFound|DoesNotExist|NonExistentQueue/.test(code)) throw error;
    return undefined;
  }
}
