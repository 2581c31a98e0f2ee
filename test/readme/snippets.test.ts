import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import ts from 'typescript';
import { quickStart } from './quick-starts';
import { templateOf } from './template-of';

const ROOT = join(__dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** What the compiler has parsed already: the AWS CDK's types are the same for every snippet. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/** What the compiler says of a source that stands in the repository's root, one after the other as a reader meets them. */
function complaints(source: string): string[] {
  const file = join(ROOT, 'readme.ts');
  const config = ts.getParsedCommandLineOfConfigFile(
    join(ROOT, 'tsconfig.json'),
    { noEmit: true },
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
        throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
      },
    },
  );
  assert.ok(config);
  const base = ts.createCompilerHost(config.options);
  const host: ts.CompilerHost = {
    ...base,
    fileExists: (name) => name === file || base.fileExists(name),
    readFile: (name) => (name === file ? source : base.readFile(name)),
    getSourceFile: (name, options, ...rest) => {
      if (name === file) return ts.createSourceFile(name, source, options);
      if (!parsed.has(name)) parsed.set(name, base.getSourceFile(name, options, ...rest));
      return parsed.get(name);
    },
  };
  const program = ts.createProgram([file], config.options, host);
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(file))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

function snippetsOf(markdown: string): string[] {
  return [...markdown.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);
}

const MANUALS = {
  'topic-to-eventbridge': 'AWS::Scheduler::Schedule',
  'momento-to-eventbridge': 'AWS::Lambda::Url',
  'eventbridge-to-momento': 'AWS::Events::ApiDestination',
  'dynamodb-to-momento': 'AWS::Pipes::Pipe',
  monitoring: 'AWS::CloudWatch::Dashboard',
  'event-schemas': 'AWS::EventSchemas::Schema',
  replay: 'AWS::Events::Archive',
};

for (const [manual, resource] of Object.entries(MANUALS)) {
  describe(`docs/${manual}.md`, () => {
    const snippets = snippetsOf(readFileSync(join(ROOT, `docs/${manual}.md`), 'utf8'));

    test('has snippets that compile, one below the other', () => {
      assert.deepEqual(complaints(snippets.join('\n')), []);
    });

    test('begins with an app that synthesizes', () => {
      const [app = ''] = snippets;
      assert.match(app, /^app\.synth\(\);\n$/m);
      assert.notDeepEqual(templateOf(app).findResources(resource), {});
    });
  });
}

test('docs/replay.md has a rule that matches live events only', () => {
  const [app = ''] = snippetsOf(readFileSync(join(ROOT, 'docs/replay.md'), 'utf8'));
  templateOf(app).hasResourceProperties('AWS::Events::Rule', {
    EventPattern: { source: ['Momento'], 'replay-name': [{ exists: false }] },
  });
});

describe('the README', () => {
  const snippet = quickStart('typescript');

  test('has a quick start that compiles and synthesizes as a user would paste it', () => {
    assert.deepEqual(complaints(snippet), []);
    templateOf(snippet).resourceCountIs('AWS::Scheduler::Schedule', 1);
  });

  test('is compiled for real: a mistake would be found', () => {
    assert.notDeepEqual(complaints(snippet.replaceAll('onMessage', 'onMassage')), []);
  });

  test('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    const named = [...README.matchAll(/(?:^|`|&& )npm (?:run )?([a-z][a-z:-]*)/gm)].map(([, name = '']) => name);
    const builtIn = ['ci', 'install', 'pack', 'run'];
    assert.deepEqual(
      named.filter((name) => !(name in scripts) && !builtIn.includes(name)),
      [],
    );
  });
});
