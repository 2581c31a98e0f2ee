import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Failure } from '../../cli/failure';
import { broken, type Check, held, notHere, type Outcome } from '../../cli/verify/check';
import { CHECKS } from '../../cli/verify/checks';
import type { Clients } from '../../cli/verify/clients';
import { readEchoLine } from '../../cli/verify/echo';
import { picture } from '../../cli/verify/picture';
import { counts, reportJson, reportMarkdown, type RunReport } from '../../cli/verify/report';
import { type Result, runChecks } from '../../cli/verify/run-checks';
import { isRunName, nextRunName } from '../../cli/verify/run-name';
import { Trial } from '../../cli/verify/trial';

const ACCOUNT = '123456789012';
const check = (id: string, run: Check['run']): Check => ({
  id,
  promise: `The promise of ${id}.`,
  source: 'a source',
  local: { does: 'something', evidence: 'record' },
  run,
});
const outcomes: Record<string, Outcome> = {
  'first/kept': held(`arn:aws:sqs:eu-west-1:${ACCOUNT}:queue`),
  'first/broken': broken('``a *text* | with <markup>`'),
  'second/elsewhere': notHere('Only AWS can show it.'),
};
const results: Result[] = Object.entries(outcomes).map(([id, outcome]) => ({
  check: check(id, () => Promise.resolve(outcome)),
  outcome,
  milliseconds: 1_234,
}));
const report: RunReport = {
  region: 'eu-west-1',
  isLocal: false,
  startedAt: new Date('2026-11-27T12:00:00Z'),
  seconds: 60,
  results,
  account: ACCOUNT,
};

describe('the report of verify', () => {
  test('counts each kind of outcome, and what only AWS can show not as held', () => {
    assert.equal(counts(results), '1 held, 1 broken, 1 not here');
    assert.match(reportMarkdown(report, 'p.svg'), /\*\*3 promises: 1 held, 1 broken, 1 not here\.\*\*/);
    const { checks } = JSON.parse(reportJson(report)) as { checks: { outcome: string }[] };
    assert.deepEqual(
      checks.map(({ outcome }) => outcome),
      ['held', 'broken', 'not here'],
    );
  });

  test('does not have the number of the account', () => {
    for (const text of [reportMarkdown(report, 'p.svg'), reportJson(report), picture(report)]) {
      assert.ok(!text.includes(ACCOUNT));
    }
  });

  test('shows what was seen as it is, whatever Markdown would make of it', () => {
    assert.ok(reportMarkdown(report, 'p.svg').includes('``` ``a *text* | with <markup>` ```'));
  });

  test('says where it ran, and that an emulator is not AWS', () => {
    assert.match(reportMarkdown(report, 'p.svg'), /on AWS, eu-west-1/);
    assert.doesNotMatch(reportMarkdown(report, 'p.svg'), /not against AWS/);
    assert.match(reportMarkdown({ ...report, isLocal: true }, 'p.svg'), /on the local AWS[^]*not against AWS/);
  });

  test('says what is left', () => {
    assert.match(reportMarkdown(report, 'p.svg'), /All that the run made was deleted\./);
    assert.match(reportMarkdown({ ...report, left: 'A queue is left.' }, 'p.svg'), /Something is left:\*\* A queue/);
  });

  test('draws each check with its outcome', () => {
    const drawing = picture(report);
    for (const text of ['kept', 'elsewhere', 'held', 'broken', 'not here', 'AWS, eu-west-1']) {
      assert.ok(drawing.includes(`>${text}</text>`), text);
    }
  });
});

describe('the checks of a run', () => {
  const options = { onStart: () => undefined, onResult: () => undefined };
  const trial = new Trial({
    clients: {} as Clients,
    isLocal: true,
    signingSecret: '',
    outputs: new Map(),
    deployment: { deploy: () => assert.fail(), resources: () => assert.fail(), allResources: () => assert.fail() },
  });

  test('are all tried, where one cannot be decided', async () => {
    const denied = check('a/denied', () => Promise.reject(new Failure('SQS denied access.')));
    const kept = check('a/kept', () => Promise.resolve(held('')));
    const tried = await runChecks([denied, kept], trial, { ...options, deadline: Date.now() + 60_000 });
    assert.deepEqual(
      tried.map(({ outcome }) => outcome),
      [
        { kind: 'undecided', seen: 'SQS denied access.' },
        { kind: 'held', seen: '' },
      ],
    );
  });

  test('are not begun when the time is over', async () => {
    const never = check('a/never', () => assert.fail('it was tried'));
    const [result] = await runChecks([never], trial, { ...options, deadline: Date.now() - 1 });
    assert.deepEqual(result?.outcome, { kind: 'undecided', seen: 'Not tried: the time was over.' });
  });

  test('end the run with an error of this program', async () => {
    const faulty = check('a/faulty', () => Promise.reject(new TypeError('x is undefined')));
    await assert.rejects(runChecks([faulty], trial, { ...options, deadline: Date.now() + 60_000 }), TypeError);
  });

  test('have ids of a group and a name, each its own, and sentences', () => {
    const ids = CHECKS.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const { id, promise } of CHECKS) {
      assert.match(id, /^[a-z-]+\/[a-z-]+$/);
      assert.match(promise, /\.$/, id);
    }
  });
});

test('a run has a name that only runs of its region have, and that S3 takes', () => {
  const name = nextRunName('ap-southeast-2');
  assert.ok(name.length <= 63);
  assert.match(name, /^[a-z0-9-]+$/);
  assert.ok(isRunName(name, 'ap-southeast-2'));
  for (const [other, region] of [
    [name, 'ap-southeast-1'],
    [`${name}0`, 'ap-southeast-2'],
    ['cdk-momento-eventbridge-verify-ap-southeast-2-mine', 'ap-southeast-2'],
    ['cdk-momento-eventbridge-ap-southeast-2', 'ap-southeast-2'],
  ] as const) {
    assert.ok(!isRunName(other, region), other);
  }
});

test('the lines that Lambda writes around those of the echo are left out', () => {
  for (const line of ['START RequestId: 1 Version: $LATEST', 'REPORT RequestId: 1', '{"other":1}']) {
    assert.equal(readEchoLine(line), undefined);
  }
  const body = Buffer.from('hello').toString('base64');
  assert.equal(readEchoLine(JSON.stringify({ echo: { path: '/', body } }))?.body.toString(), 'hello');
});

test('the local AWS does as a check says by rules that tools/local-aws/aws-behaviour.md has, with the same evidence', () => {
  const document = readFileSync(join(__dirname, '../../tools/local-aws/aws-behaviour.md'), 'utf8');
  const rows = [...document.matchAll(/^\| `([^`]+)` *\|[^|]*\| (\w+) *\|/gm)].map(([, rule = '', evidence = '']) => ({
    rule,
    evidence,
  }));
  assert.ok(rows.length > 30);
  for (const { id, local } of CHECKS.filter((one) => one.local.rules)) {
    const rules = rows.filter(({ rule }) => local.rules?.includes(rule));
    assert.equal(
      new Set(rules.map(({ rule }) => rule)).size,
      local.rules?.length,
      `${id} names a rule that is not there`,
    );
    assert.ok(
      rules.some(({ evidence }) => evidence === local.evidence),
      id,
    );
  }
});

test('docs/verify-report is of the checks that there are: npm run verify:local writes it', () => {
  const written = JSON.parse(readFileSync(join(__dirname, '../../docs/verify-report.json'), 'utf8')) as {
    checks: { id: string; promise: string; outcome: string; localAws: unknown; source: string }[];
  };
  assert.deepEqual(
    written.checks.map(({ id, promise, localAws, source }) => ({ id, promise, localAws, source })),
    CHECKS.map(({ id, promise, local, source }) => ({ id, promise, localAws: local, source })),
  );
  for (const { id, outcome } of written.checks) assert.match(outcome, /^(held|not here)$/, id);
});
