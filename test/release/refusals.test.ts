/** What the scripts that release.yml runs do not publish. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { zipSync } from 'fflate';

const SCRIPTS = join(__dirname, '../../scripts/release');
const MODULE = 'github.com/acme/momento-go/momento';
const JAR = 'io/acme/momento/1.2.3/momento-1.2.3.jar';
const nupkg = (files: Record<string, string>) =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])));

/** What a build of version 1.2.3 has left. */
const BUILT: Record<string, string | Uint8Array> = {
  'assets/webhook-arm64.zip': 'code',
  'dist/js/momento@1.2.3.jsii.tgz': 'tarball',
  'dist/python/momento-1.2.3-py3-none-any.whl': 'wheel',
  'dist/python/momento-1.2.3.tar.gz': 'sources',
  [`dist/java/${JAR}`]: 'jar',
  [`dist/java/${JAR.replace('.jar', '.pom')}`]: 'pom',
  'dist/dotnet/Momento.1.2.3.nupkg': nupkg({ 'Momento.dll': 'library' }),
  'dist/go/momento/go.mod': `module ${MODULE}\n`,
  'dist/go/momento/momento.go': 'package momento\n',
  'dist/templates/uploads.json': '{}',
  'dist/sbom/handlers.json': '{}',
  'dist/release-notes.md': 'New.',
};
const hash = (algorithm: string, content: string | Uint8Array, encoding: 'hex' | 'base64') =>
  createHash(algorithm).update(content).digest(encoding);

describe('a checkout with everything built', () => {
  let directory: string;
  /** What is published, by the path of the request. */
  let published: Record<string, string | Uint8Array | number>;
  const registry = createServer(({ url = '' }, response) => {
    const answer = published[url] ?? 404;
    if (typeof answer === 'number') response.writeHead(answer).end();
    else response.end(answer);
  });
  let environment: NodeJS.ProcessEnv;

  const write = (file: string, content: string | Uint8Array, mode = 0o644) => {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), content, { mode });
  };
  const git = (...args: string[]) => {
    const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'init.defaultBranch=main'];
    return execFileSync('git', [...identity, ...args], { cwd: directory, encoding: 'utf8', stdio: 'pipe' }).trim();
  };
  /** Runs a script of the release: what it prints, or why it fails. */
  const run = async (script: string, ...args: string[]): Promise<string> => {
    try {
      const options = { cwd: directory, env: environment };
      return (await promisify(execFile)('bash', [`scripts/release/${script}`, ...args], options)).stdout.trim();
    } catch (error) {
      return `fails: ${(error as { stderr: string }).stderr.trim()}`;
    }
  };
  const hasPublished = () => existsSync(join(directory, 'target/published'));

  const pristine = mkdtempSync(join(tmpdir(), 'refusals-'));
  before(async () => {
    registry.listen(0, '127.0.0.1');
    await once(registry, 'listening');
    const host = `127.0.0.1:${(registry.address() as AddressInfo).port.toString()}`;
    environment = {
      ...process.env,
      NPM_REGISTRY: host,
      DISABLE_HTTPS: '1',
      PYPI_INDEX_URL: `http://${host}/simple`,
      MAVEN_PUBLIC_URL: `http://${host}/maven`,
      NUGET_FLAT_CONTAINER: `http://${host}/nuget`,
    };

    directory = pristine;
    const filter = (source: string) => !source.includes('node_modules');
    cpSync(SCRIPTS, join(directory, 'scripts/release'), { recursive: true, filter });
    write('package.json', '{"name":"momento","version":"1.2.3"}');
    write('.gitignore', '/assets/\n/dist/\n/target/\n/module/\nnode_modules/\n');
    for (const publisher of ['npm', 'pypi', 'maven', 'nuget', 'golang']) {
      const command = `scripts/release/publib/node_modules/.bin/publib-${publisher}`;
      write(command, '#!/bin/sh\nmkdir -p target\necho "$1" >target/published\n', 0o755);
    }
    git('init', '--quiet');
    git('add', '.');
    git('commit', '--quiet', '--message', 'one');
    for (const [file, content] of Object.entries(BUILT)) write(file, content);
    assert.match(await run('checksums.sh', 'write'), /^dist\/SHA256SUMS: 12 files$/);
    mkdirSync(join(directory, 'module'));
    git('init', '--quiet', 'module');
  });
  after(() => {
    registry.close();
    rmSync(pristine, { recursive: true });
  });
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'refusals-'));
    cpSync(pristine, directory, { recursive: true });
    published = {};
    environment = {
      ...environment,
      // What the module is published to, in the place of GitHub.
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.file://${directory}/module.insteadOf`,
      GIT_CONFIG_VALUE_0: 'https://github.com/acme/momento-go.git',
    };
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  const publishedAs: Record<string, { folder: string; put: (change: string) => void }> = {
    npm: {
      folder: 'js',
      put: (change) => {
        const integrity = `sha512-${hash('sha512', `tarball${change}`, 'base64')}`;
        published['/momento'] = JSON.stringify({ versions: { '1.2.3': { dist: { integrity } } } });
      },
    },
    pypi: {
      folder: 'python',
      put: (change) => {
        const link = (file: string, content: string) =>
          `<a href="/packages/${file}#sha256=${hash('sha256', content, 'hex')}">${file}</a>`;
        const wheel = link('momento-1.2.3-py3-none-any.whl', `wheel${change}`);
        published['/simple/momento/'] = [wheel, link('momento-1.2.3.tar.gz', 'sources')].join('\n');
      },
    },
    maven: {
      folder: 'java',
      put: (change) => {
        published[`/maven/${JAR}`] = `jar${change}`;
        published[`/maven/${JAR.replace('.jar', '.pom')}`] = 'pom';
      },
    },
    nuget: {
      folder: 'dotnet',
      put: (change) => {
        // NuGet signs what it is sent.
        const files = { 'Momento.dll': `library${change}`, '.signature.p7s': 'of NuGet' };
        published['/nuget/momento/1.2.3/momento.1.2.3.nupkg'] = nupkg(files);
      },
    },
    golang: {
      folder: 'go',
      put: (change) => {
        write('module/momento/go.mod', `module ${MODULE}\n`);
        write('module/momento/momento.go', `package momento\n${change}`);
        git('-C', 'module', 'add', '.');
        git('-C', 'module', 'commit', '--quiet', '--message', 'one');
        git('-C', 'module', 'tag', 'momento/v1.2.3');
      },
    },
  };
  for (const [language, { folder, put }] of Object.entries(publishedAs)) {
    test(`publishes to ${language} once: not again with the same bytes, and never with others`, async () => {
      assert.equal(await run('publish.sh', language), '');
      assert.equal(readFileSync(join(directory, 'target/published'), 'utf8'), `target/publishing/${folder}\n`);
      // Without it, Maven signs with the newest version of a plugin.
      assert.equal(existsSync(join(directory, `target/publishing/${folder}/pom.xml`)), language === 'maven');
      rmSync(join(directory, 'target'), { recursive: true });

      put('');
      const twice = await run('publish.sh', language);
      assert.equal(twice, `${language}: this version is published already, with the same bytes`);
      rmSync(join(directory, 'module'), { recursive: true });
      cpSync(join(pristine, 'module'), join(directory, 'module'), { recursive: true });
      put(' of another build');
      assert.match(
        await run('publish.sh', language),
        /^fails: release: version 1\.2\.3 is published already, and its .+ has other bytes than .+\. Release a new version\.$/,
      );
      assert.ok(!hasPublished());
    });
  }

  test('publishes what is missing of a version, after a job that failed half-way', async () => {
    publishedAs.pypi?.put('');
    published['/simple/momento/'] = String(published['/simple/momento/']).split('\n')[0] ?? '';
    assert.equal(await run('publish.sh', 'pypi'), '');
    assert.ok(hasPublished());
  });

  test('publishes nothing while a registry does not tell what it has', async () => {
    published['/momento'] = 403;
    assert.match(await run('publish.sh', 'npm'), /^fails: .*release: http:\S+\/momento answers 403$/s);
    assert.ok(!hasPublished());
  });

  test('publishes nothing with a change that is not committed, or a file that nobody knows', async () => {
    write('package.json', '{"name":"momento","version":"1.2.3","private":true}');
    write('notes.txt', '');
    for (const script of [
      ['publish.sh', 'npm'],
      ['upload.sh', '000000000000'],
      ['github-release.sh', 'v1.2.3'],
      ['build.sh', 'v1.2.3'],
    ]) {
      assert.equal(
        await run(...(script as [string, string])),
        'fails: release: the checkout has changes that are not committed:\n M package.json\n?? notes.txt\nCommit or remove them.',
      );
    }
    assert.ok(!hasPublished());
  });

  test('builds nothing of another commit than that of the tag', async () => {
    git('tag', 'v1.2.3');
    const tagged = git('rev-parse', 'HEAD');
    git('commit', '--quiet', '--allow-empty', '--message', 'two');
    assert.equal(
      await run('build.sh', 'v1.2.3'),
      `fails: release: the tag v1.2.3 is commit ${tagged}, and the checkout is ${git('rev-parse', 'HEAD')}. Check out the tag.`,
    );
  });

  for (const [what, change, reason] of [
    ['other bytes', { 'dist/js/momento@1.2.3.jsii.tgz': 'changed' }, 'has other bytes than those that were built'],
    ['a file more', { 'dist/js/momento@1.2.4.jsii.tgz': '' }, 'has other files than those that were built'],
    ['a file less', { 'dist/js/momento@1.2.3.jsii.tgz': undefined }, 'has other files than those that were built'],
  ] as const) {
    test(`publishes nothing of a folder with ${what} than was built`, async () => {
      for (const [file, content] of Object.entries(change)) {
        if (content === undefined) rmSync(join(directory, file));
        else write(file, content);
      }
      const [file = ''] = Object.keys(change);
      for (const script of [
        ['publish.sh', 'npm'],
        ['upload.sh', '000000000000'],
        ['github-release.sh', 'v1.2.3'],
      ]) {
        assert.equal(await run(...(script as [string, string])), `fails: release: dist/js ${reason}: ${file}`);
      }
      assert.ok(!hasPublished());
      assert.equal(await run('publish.sh', 'pypi'), '');
    });
  }

  test('publishes nothing without the list of what was built', async () => {
    rmSync(join(directory, 'dist/SHA256SUMS'));
    assert.equal(
      await run('publish.sh', 'npm'),
      'fails: release: dist/SHA256SUMS is missing: run scripts/release/build.sh',
    );
  });
});
