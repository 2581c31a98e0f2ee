import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { dashboardPicture, PICTURE } from '../../scripts/dashboard-picture';
import { shownIn, widgetsOf } from '../../scripts/dashboard-picture/dashboard-body';
import { templateOf } from './template-of';

const MANUAL = readFileSync(join(__dirname, '../../docs/monitoring.md'), 'utf8');

/** The texts in the picture with one of these classes, as they are read. */
function textsOf(picture: string, ...classes: string[]): string[] {
  const pattern = new RegExp(`<text class="(?:${classes.join('|')})"[^>]*>([^<]*)</text>`, 'g');
  return [...picture.matchAll(pattern)].map(([, text = '']) => text.replaceAll('&amp;', '&'));
}

describe('docs/dashboard.svg', () => {
  const picture = readFileSync(PICTURE, 'utf8');
  const [, app = ''] = /```ts\n(.*?)```/s.exec(MANUAL) ?? [];
  const widgets = widgetsOf(templateOf(app));

  test('shows the widgets of the dashboard as it is now, of the app that docs/monitoring.md shows above it', () => {
    const titles = widgets.map(({ properties: { title, markdown = '' } }) => title ?? markdown.replace('## ', ''));
    assert.ok(titles.length > 20);
    assert.deepEqual(textsOf(picture, 'title', 'heading'), titles);
  });

  test('has a label for everything that a widget shows', () => {
    const labels = widgets.flatMap((widget) => shownIn(widget).map(({ label }) => label));
    const texts = [...picture.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
    for (const label of new Set(labels)) {
      const expected = labels.filter((other) => other === label).length;
      assert.ok(texts.filter((text) => text === label).length >= expected, label);
    }
  });

  test('is what npm run dashboard-picture draws', () => {
    assert.equal(picture, dashboardPicture(), 'run npm run dashboard-picture');
  });

  test('says that it is drawn from made-up data, as does the text below it, and is light', () => {
    assert.match(textsOf(picture, 'note middle').join(), /made-up data\. Not a screenshot of CloudWatch/);
    assert.match(
      MANUAL,
      /\(dashboard\.svg\)\n\n_This is the dashboard of the app above, drawn from made-up data by a script/,
    );
    assert.ok(picture.length < 100_000);
  });
});
