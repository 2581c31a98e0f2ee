import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathOf } from '../../scripts/example-pictures';
import { FLOWS } from '../../scripts/example-pictures/flows';
import { type Flow, pictureOf } from '../../scripts/example-pictures/picture';

const EXAMPLES = join(__dirname, '../../examples');
/** What the README of an example shows: alternative text and file. */
const shownBy = (example: string) => {
  const readme = readFileSync(join(EXAMPLES, example, 'README.md'), 'utf8');
  return [...readme.matchAll(/!\[([^\]]+)\]\(([^)]+)\)/g)].map(([, alternative = '', file = '']) => ({
    alternative,
    file,
  }));
};

describe('the README of each example', () => {
  const examples = readdirSync(EXAMPLES).filter((name) => existsSync(join(EXAMPLES, name, 'README.md')));

  for (const example of examples.filter((name) => name in FLOWS)) {
    test(`shows the picture of ${example}, as npm run example-pictures draws it, and says what it shows`, () => {
      const flow = FLOWS[example] ?? assert.fail();
      assert.equal(readFileSync(pathOf(example), 'utf8'), pictureOf(flow), 'run npm run example-pictures');
      assert.deepEqual(shownBy(example), [{ alternative: flow.description, file: 'picture.svg' }]);
    });
  }

  test('shows a picture, and none that is missing', () => {
    assert.ok(examples.length >= 7);
    for (const example of examples) {
      assert.notEqual(shownBy(example).length, 0, example);
      for (const { file } of shownBy(example))
        assert.ok(existsSync(join(EXAMPLES, example, file)), `${example}/${file}`);
    }
  });
});

describe('a picture of an example', () => {
  const boxes: Flow['boxes'] = { one: { at: [0, 0], text: 'one' }, other: { at: [1, 1], text: 'other' } };
  const flow: Flow = { title: 'Title', description: 'Description', boxes, arrows: [] };

  test('is rejected if a text may be wider than its place', () => {
    assert.throws(() => pictureOf({ ...flow, boxes: { ...boxes, one: { at: [0, 0], text: 'one'.repeat(10) } } }), /px/);
    const beside: Flow['boxes'] = { ...boxes, other: { at: [1, 0], text: 'other' } };
    const arrows = [{ from: 'one', to: 'other', label: 'from one to the other' }];
    assert.throws(() => pictureOf({ ...flow, boxes: beside, arrows }), /"from one to the other" may take/);
  });

  test('is rejected if an arrow would cross a corner, or has no box', () => {
    assert.throws(() => pictureOf({ ...flow, arrows: [{ from: 'one', to: 'other' }] }), /has no way/);
    assert.throws(() => pictureOf({ ...flow, arrows: [{ from: 'one', to: 'two' }] }), /There is no box two/);
  });

  test('has texts that can be read on everything that is below them, in light and dark', () => {
    const [light = '', dark = ''] = [...pictureOf(flow).matchAll(/svg \{([^}]*)\}/g)].map(([, block = '']) => block);
    for (const block of [light, dark]) {
      const colours = new Map(
        [...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value]),
      );
      for (const below of ['paper', 'yours', 'rust', 'bus', 'momento']) {
        for (const ink of ['ink', 'faint']) {
          const ratio = contrast(colours.get(ink) ?? '', colours.get(below) ?? '');
          assert.ok(ratio >= 4.5, `${ink} on ${below}: ${ratio.toFixed(2)}`);
        }
      }
    }
  });
});

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
