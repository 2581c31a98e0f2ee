import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gains, regressions } from './comparison';

const BASELINE = { 'webhook warm': 700_000, 'webhook-x86_64.zip': 2_000_000 };

test('3 % more is accepted, and one instruction or byte beyond it is a regression', () => {
  assert.deepEqual(regressions(BASELINE, { 'webhook warm': 721_000, 'webhook-x86_64.zip': 2_060_000 }), []);
  assert.deepEqual(regressions(BASELINE, { 'webhook warm': 721_001, 'webhook-x86_64.zip': 2_060_000 }), [
    'webhook warm: 721001, 3.0 % from 700000',
  ]);
  assert.deepEqual(regressions(BASELINE, { 'webhook warm': 721_000, 'webhook-x86_64.zip': 2_060_001 }), [
    'webhook-x86_64.zip: 2060001, 3.0 % from 2000000',
  ]);
});

test('less is not a regression, and is reported when it is more than 3 % less', () => {
  const better = { 'webhook warm': 600_000, 'webhook-x86_64.zip': 1_940_000 };
  assert.deepEqual(regressions(BASELINE, better), []);
  assert.deepEqual(gains(BASELINE, better), ['webhook warm: 600000, -14.3 % from 700000']);
});

test('a figure that only one side has is a regression', () => {
  assert.deepEqual(regressions({ warm: 700_000 }, { first: 700_000 }), [
    'warm was not measured',
    'first is not in the baseline',
  ]);
});
