/** Writes the baseline: what the handlers in assets/ cost on this machine, whose tools it names. */
import { writeFileSync } from 'node:fs';
import { BASELINE, type Performance, type Tools } from './figures';
import { countInstructions, toolsHere, whyNotComparable, zipSizes } from './measure';

const tools = toolsHere() as Tools;
const reason = whyNotComparable(tools, tools);
if (reason !== undefined) throw new Error(reason);
const performance: Performance = { tools, instructions: countInstructions(), zips: zipSizes() };
writeFileSync(BASELINE, `${JSON.stringify(performance, undefined, 2)}\n`);
