import { broken, type Check, held, notHere } from '../check';
import { ARRIVAL, type Trial } from '../trial';

/** In MB. The construct's default is the first. */
const MEMORY_SIZES = [128, 256, 512] as const;
const WARM_REQUESTS = 5;
/** Momento gives up after 5 s. */
const LONGEST_ANSWER_MS = 4_500;

/** How long requests take, from where this runs. */
export const PERFORMANCE_CHECKS: readonly Check[] = [
  {
    id: 'performance/cold-start',
    promise: 'A cold start of the webhook is answered within 4.5 s, before Momento gives up, with 128, 256 and 512 MB.',
    source: 'docs/performance.md',
    local: { does: 'starts a process, with all memory and CPUs of the machine', evidence: 'not modelled' },
    async run(trial) {
      const facts: string[] = [];
      let slowest = 0;
      for (const size of MEMORY_SIZES) {
        await setMemory(trial, size);
        const cold = await timeOfRequest(trial);
        const warm: number[] = [];
        for (let count = 0; count < WARM_REQUESTS; count += 1) warm.push(await timeOfRequest(trial));
        warm.sort((one, other) => one - other);
        slowest = Math.max(slowest, cold, ...warm);
        const init = trial.isLocal ? undefined : await initDuration(trial, size);
        const start = init === undefined ? '' : `, of which Lambda reports ${init} ms for the start`;
        const median = warm[Math.floor(WARM_REQUESTS / 2)] ?? 0;
        facts.push(`${size.toString()} MB: cold ${cold.toString()} ms${start}, warm ${median.toString()} ms`);
      }
      await setMemory(trial, MEMORY_SIZES[0]);
      const seen = `${trial.output('Architecture')}, from here and back: ${facts.join('; ')}.`;
      if (trial.isLocal) return notHere(`The local AWS has no cold starts. ${seen}`);
      return slowest > LONGEST_ANSWER_MS ? broken(seen) : held(seen);
    },
  },
];

/** A function with another size has no environment yet: its next request is a cold start. */
async function setMemory(trial: Trial, MemorySize: number): Promise<void> {
  const { GetFunctionConfigurationCommand, UpdateFunctionConfigurationCommand } =
    await import('@aws-sdk/client-lambda');
  const { lambda } = trial.clients;
  const FunctionName = trial.output('HandlerName');
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, MemorySize }));
  await trial.until(async () => {
    const { LastUpdateStatus } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    return LastUpdateStatus === 'InProgress' ? undefined : LastUpdateStatus;
  }, ARRIVAL);
}

async function timeOfRequest(trial: Trial): Promise<number> {
  return (await trial.post(trial.message())).milliseconds;
}

/** What Lambda says in the function's log of the start of an environment of a size, in milliseconds. */
async function initDuration(trial: Trial, size: number): Promise<string | undefined> {
  return trial.until(async () => {
    const lines = await trial.logLines(trial.output('HandlerLogName'));
    const starts = lines.map((line) => /Memory Size: (\d+) MB.*Init Duration: ([\d.]+) ms/.exec(line));
    return starts.filter((start) => start?.[1] === size.toString()).at(-1)?.[2];
  }, ARRIVAL);
}
