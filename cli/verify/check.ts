import type { Trial } from './trial';

/** How it is known that the local AWS does as AWS does. */
export type Evidence =
  /** Somebody recorded AWS doing it. */
  | 'record'
  /** AWS documents it. */
  | 'documentation'
  /** Nothing says so: it follows from something else, or is the emulator's own. */
  | 'inference'
  /** The local AWS does not do it. */
  | 'not modelled';

/** What the local AWS does in the place of AWS. */
export interface LocalBehaviour {
  readonly does: string;
  readonly evidence: Evidence;
  /** The ids of the rules that it follows, in tools/local-aws/aws-behaviour.md. Default: none is written down there. */
  readonly rules?: readonly string[];
}

/** The outcome of a check. */
export type Outcome =
  /** What was seen is what is promised. */
  | { readonly kind: 'held'; readonly seen: string }
  /** It is not. */
  | { readonly kind: 'broken'; readonly seen: string }
  /** It cannot be shown where this ran. */
  | { readonly kind: 'not here'; readonly seen: string }
  /** The check itself did not get to its end. */
  | { readonly kind: 'undecided'; readonly seen: string };

/** One promise, and how to find out whether it is kept. */
export interface Check {
  /** Such as `webhook/genuine`: the group, and what is tried. */
  readonly id: string;
  /** What this package promises, or relies on. */
  readonly promise: string;
  /** Where AWS says so, or where it was seen. */
  readonly source: string;
  /** What the local AWS does, and how that is known. */
  readonly local: LocalBehaviour;
  /** Whether it is begun before all others, and goes on beside them: it waits for minutes, and changes nothing that they need. */
  readonly alongside?: true;
  /** Tries it. A Failure, such as a call that AWS refuses, leaves it undecided. */
  run(trial: Trial): Promise<Outcome>;
}

/** The promise is kept. */
export function held(seen: string): Outcome {
  return { kind: 'held', seen };
}

/** The promise is broken. */
export function broken(seen: string): Outcome {
  return { kind: 'broken', seen };
}

/** The promise can be neither kept nor broken where this runs. */
export function notHere(why: string): Outcome {
  return { kind: 'not here', seen: why };
}
