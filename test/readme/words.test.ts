import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

const ROOT = join(__dirname, '../..');

/** Phrases that a reader has to decode, and what to write instead. */
const BANNED: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [
    /(?<!\bthere )\b(?:is|are|was|were) no (?!(?:bett|few|great|high|larg|long|low|old|short|small)er\b|more\b)\p{L}/iu,
    'is not a …, or invalid …',
  ],
  // Python's `is None` is another thing.
  [/(?<!\bthere )\b(?:is|are|was|were) none\b/, 'is not a …'],
  [/\bin vain\b/i, 'retries exhausted, or failed'],
  [/\bof old\b/i, 'the previous …'],
  [/\bleave to\b/i, 'permission to'],
  [/\b(?:who|whoever) would rather\b/i, 'to …, pass …'],
  [/\bwhat is no\b/i, 'an invalid …'],
  [/\bwithout end\b/i, 'unlimited, or forever'],
  [/\b(?:what|that) (?:becomes|became|has become|can become) of\b/i, 'the outcome of'],
  [/\bcan be told\b/i, 'props for'],
  [/\bcan(?:'t|not|not be|'t be) told apart\b/i, 'cannot be distinguished'],
  [/\bbef(?:all|alls|ell|allen)\b/i, 'happens to'],
  [/\bat will\b/i, 'a burst of …'],
  [/\bone each \d/i, 'one every …'],
  [/\bthat turns? (?:that|it) round\b|\bturns that round\b/i, 'set … to … instead'],
  [/\bis for \p{L}+ to (?:say|tell|decide|refuse|know)\b/iu, 'only … can …'],
  [/\bas soon as that\b/i, 'when … recovers'],
  [/\bthat (?:is|are) no use\b|\bof no use\b/i, 'invalid, or unused'],
  [/\bgoes the way of\b/i, 'repeat step …'],
  [/\bcounts? on\b/i, 'stays valid'],
  [/\bafter the cause is gone\b/i, 'redrive'],
  [/\bis not for an? \p{L}+\b/iu, 'report … privately'],
  [/\bof which one prop chooses\b/i, '`…` selects one of …'],
  [/\ba word too many\b/i, 'unexpected argument'],
  [/\bnobody (?:here )?has seen\b/i, 'invisible to …'],
  [/\bspeak for others\b/i, 'forge other …'],
  [/\banew\b/i, 'again'],
  [/\b(?:thereof|whereof|wherein|whereabouts|hence|unto|lest|naught|nought)\b/i, 'plain words of today'],
  [/\bthe way back\b/i, 'commands to Momento'],
  [/\btells? copies apart\b/i, 'use … to deduplicate'],
  [/\bwhoever\b/i, 'anyone who …, or the caller'],
  [/\ball the same\b/i, 'anyway, or still'],
  [/\bmeaning to\b/i, 'on purpose'],
  [/\b(?:unless|if not) (?:it is )?told otherwise\b/i, 'by default'],
  [/\bknows? better\b/i, 'which case it is'],
  [/, should (?:it|its|they|the|nothing)\b/i, 'if …'],
  [/\bnobody has said\b/i, 'unknown …'],
  [/\bnobody else's\b/i, 'private, or not …'],
];

/** A file's text on one line: a phrase goes on where a line of a comment, or of a text that is put together, ends. */
function flowing(text: string): string {
  return text
    .replace(/(['"`]) \+\s+\1/g, '')
    .replace(/\\?\n[ \t]*(?:\/\/[/!]?|\*(?!\/)|#|>)?[ \t]*/g, ' ')
    .replace(/ {2,}/g, ' ');
}

function violations(text: string): string[] {
  const line = flowing(text);
  return BANNED.flatMap(([pattern, instead]) =>
    [...line.matchAll(new RegExp(pattern, `${pattern.flags}g`))].map(
      ({ 0: phrase, index }) =>
        `“${line.slice(Math.max(0, index - 40), index + phrase.length + 40)}”: write ${instead}`,
    ),
  );
}

/** The headings of a document, without the comments in its snippets. */
function headingsOf(markdown: string): string[] {
  return [...markdown.replace(/^```[^]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
}

const TRACKED = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0').filter(Boolean);
// API.md is generated from the doc comments, which are read themselves, and repeats its headings for each class.
const DOCUMENTS = TRACKED.filter((file) => file.endsWith('.md') && file !== 'API.md');
// All that a person reads: what stands in comments, errors and descriptions, of tests and tools too.
const CODE = TRACKED.filter(
  (file) =>
    /\.(?:css|go|html|java|js|mjs|py|rs|sh|svg|toml|ts|yml|schema\.json)$/.test(file) &&
    file !== 'test/readme/words.test.ts',
);

describe('the words', () => {
  test('of documents, comments, errors and descriptions are those of the field', () => {
    assert.ok(DOCUMENTS.length > 15 && CODE.length > 400);
    const found = [...DOCUMENTS, ...CODE].flatMap((file) =>
      violations(readFileSync(join(ROOT, file), 'utf8')).map((violation) => `${file}: ${violation}`),
    );
    assert.equal(found.join('\n'), '');
  });

  test('are looked at where a comment or a text continues on the next line', () => {
    for (const text of [
      '/**\n   * What was tried in\n   * vain.\n */',
      '/// What was tried in\n    /// vain.',
      "throw new Error('It was tried in ' +\n    'vain.')",
      'warn!("It was tried in \\\n    vain.")',
      '# It was tried in\n# vain.',
      'It was tried in\nvain.',
      'It is no number.',
    ]) {
      assert.equal(violations(text).length, 1, text);
    }
  });

  test('that a sentence needs are not banned', () => {
    assert.deepEqual(violations('There is no such cache. It is no longer there, and is no larger than 4 KB.'), []);
  });
});

describe('the documents', () => {
  for (const document of DOCUMENTS) {
    test(`${document} has no heading twice`, () => {
      const text = readFileSync(join(ROOT, document), 'utf8');
      // A changelog has the same headings for each version.
      const sections = document === 'CHANGELOG.md' ? text.split(/^(?=## )/m) : [text];
      for (const headings of sections.map(headingsOf)) {
        assert.deepEqual(
          headings.filter((heading, index) => headings.indexOf(heading) !== index),
          [],
        );
      }
    });
  }
});
