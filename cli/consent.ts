import { ask, canAsk } from './ask';
import { Failure, UsageError } from './failure';
import { counted } from './printable';

/** How many events are put without a question. */
export const MOST_WITHOUT_CONSENT = 100;

/** The consent of the person at the terminal to put many events on a bus: asked for once, and only if it comes to that. */
export class Consent {
  private given: boolean;

  public constructor({ given }: { readonly given: boolean }) {
    this.given = given;
  }

  /** Nothing will be asked any more. */
  public get isGiven(): boolean {
    return this.given;
  }

  /**
   * Asks, if there are more events than are put without a question.
   *
   * @param count how many there are, as far as is known
   * @param isAtLeast there may be more
   * @throws Failure if the answer is no
   * @throws UsageError if nobody can be asked
   */
  public async toPut(count: number, { isAtLeast }: { readonly isAtLeast: boolean }): Promise<void> {
    if (this.given || count <= MOST_WITHOUT_CONSENT) return;
    const events = `${isAtLeast ? 'at least ' : 'about '}${counted(count, 'event')}`;
    if (!canAsk()) {
      throw new UsageError(
        `This would put ${events} on the event bus: add --yes to do it, or --limit to put fewer. ` +
          '(It asks first where there is a terminal.)',
      );
    }
    if (!(await ask(`This puts ${events} on the event bus. Go on?`))) {
      throw new Failure('Nothing more was put on the event bus.');
    }
    this.given = true;
  }
}
