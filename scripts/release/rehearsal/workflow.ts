import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A job of release.yml, with the commands that it runs. */
export interface Job {
  readonly name: string;
  readonly commands: readonly Command[];
  /** What it uses that only GitHub has, without versions. */
  readonly actions: readonly string[];
}

/** A command, and its variables as they are written, expressions among them. */
export interface Command {
  readonly run: string;
  readonly env: Readonly<Record<string, string>>;
}

interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Workflow {
  readonly jobs: Readonly<
    Record<
      string,
      { readonly needs?: string | readonly string[]; readonly uses?: string; readonly steps?: readonly Step[] }
    >
  >;
}

/** The jobs of release.yml in a checkout, each after those that it needs. */
export function releaseJobs(checkout: string): Job[] {
  const { jobs } = parse(readFileSync(join(checkout, '.github/workflows/release.yml'), 'utf8')) as Workflow;
  const ordered: string[] = [];
  const add = (name: string): void => {
    if (ordered.includes(name)) return;
    for (const needed of [jobs[name]?.needs ?? []].flat()) add(needed);
    ordered.push(name);
  };
  for (const name of Object.keys(jobs)) add(name);
  return ordered.map((name) => {
    const { uses, steps = [] } = jobs[name] ?? {};
    const all = steps.flatMap((step) => expanded(step, checkout));
    const used = [...(uses === undefined ? [] : [uses]), ...all.flatMap((step) => step.uses ?? [])];
    return {
      name,
      commands: all.flatMap(({ run, env = {} }) => (run === undefined ? [] : [{ run, env }])),
      actions: used.map((action) => action.replace(/@.*/, '')),
    };
  });
}

/** The steps of an action of this repository; but of the one that installs the tools, which this machine has. */
function expanded(step: Step, checkout: string): readonly Step[] {
  if (!step.uses?.startsWith('./') || step.uses.endsWith('/toolchain')) return [step];
  const action = parse(readFileSync(join(checkout, step.uses, 'action.yml'), 'utf8')) as {
    readonly runs: { readonly steps: readonly Step[] };
  };
  return action.runs.steps;
}
