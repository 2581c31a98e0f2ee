/** What a rehearsal of a release runs, and how it ends. The rehearsal itself takes too long for a test. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { prepareRelease } from '../../scripts/release/rehearsal/checkout';
import { Commands } from '../../scripts/release/rehearsal/commands';
import { Journal } from '../../scripts/release/rehearsal/journal';
import { startMavenRepository } from '../../scripts/release/rehearsal/maven-repository';
import { subjectsIn, withoutSubject } from '../../scripts/release/rehearsal/provenance';
import { releaseJobs } from '../../scripts/release/rehearsal/workflow';
import { until } from '../../tools/common/until';

const ROOT = join(__dirname, '../..');

test('a rehearsal runs the commands of release.yml, each job after those that it needs', () => {
  const jobs = releaseJobs(ROOT);
  const commands = jobs.flatMap(({ name, commands: all }) => all.map(({ run }) => `${name}: ${run}`));
  assert.deepEqual(
    commands.filter((command) => !command.includes('publish.sh install')),
    [
      'build: bash scripts/release/build.sh "$GITHUB_REF_NAME"',
      'code: npm ci --ignore-scripts --no-audit --no-fund',
      'code: bash scripts/release/upload.sh "$ACCOUNT"',
      'npm: bash scripts/release/publish.sh npm',
      'pypi: bash scripts/release/publish.sh pypi',
      'maven: bash scripts/release/publish.sh maven',
      'nuget: bash scripts/release/publish.sh nuget',
      'go: bash scripts/release/publish.sh golang',
      'github: bash scripts/release/github-release.sh "$GITHUB_REF_NAME"',
    ],
  );
  assert.deepEqual(
    jobs.filter(({ commands: all }) => all.length === 0).map(({ name, actions }) => [name, actions.at(-1)]),
    [
      ['test', './.github/workflows/ci.yml'],
      ['attest', 'actions/attest-build-provenance'],
    ],
  );
});

describe('a rehearsal', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rehearsal-test-'));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  test('ends what it has started, and all that this has started, even if that ignores it', async () => {
    const commands = new Commands(new Journal(join(folder, 'ended')), folder);
    const ended = commands.run('bash', ['-c', "(trap '' TERM; sleep 1000) & echo $! >pid; wait"]);
    const file = join(folder, 'pid');
    await until('the command to start', () =>
      Promise.resolve((existsSync(file) && readFileSync(file, 'utf8').trim() !== '') || undefined),
    );
    await commands.stop();
    assert.equal((await ended).status, null);
    const pid = Number(readFileSync(file, 'utf8'));
    await until('its child to end', () => {
      try {
        // A dead process stays there until its parent has heard of it.
        return Promise.resolve(
          /^State:\s+Z/m.test(readFileSync(`/proc/${pid.toString()}/status`, 'utf8')) || undefined,
        );
      } catch {
        return Promise.resolve(true);
      }
    });
  });

  test('takes the commit of a release that is prepared as it is, whatever git would sign', async () => {
    const checkout = join(folder, 'prepared');
    mkdirSync(checkout);
    const git = (...args: string[]) => execFileSync('git', args, { cwd: checkout, encoding: 'utf8' }).trim();
    writeFileSync(join(checkout, 'CHANGELOG.md'), '## [1.2.3] - 2026-12-31\n\nNew.\n');
    git('init', '--quiet');
    for (const setting of ['user.name', 'user.email', 'user.signingKey']) git('config', setting, 'nobody');
    git('add', '.');
    git('commit', '--quiet', '--no-gpg-sign', '--message', 'release 1.2.3');
    for (const setting of ['commit.gpgSign', 'tag.gpgSign']) git('config', setting, 'true');
    const commands = new Commands(new Journal(join(folder, 'preparing')), checkout);
    assert.equal(await prepareRelease(checkout, commands, '1.2.3'), 'the commit was prepared on 2026-12-31');
    assert.equal(git('rev-list', '--count', 'HEAD'), '1');
    assert.equal(git('rev-parse', 'v1.2.3'), git('rev-parse', 'HEAD'));
    assert.equal(git('status', '--porcelain'), '');
  });

  test('names what is served without being a subject of the provenance, and lists that no attestation takes', () => {
    const line = (text: string, name: string) => `${createHash('sha256').update(text).digest('hex')}  ${name}\n`;
    const subjects = subjectsIn(line('wheel', 'dist/python/a.whl') + line('code', 'assets/a.zip'));
    const served = (text: string) => ({ from: 'PyPI', name: 'a.whl', bytes: Buffer.from(text) });
    assert.deepEqual(withoutSubject(subjects, [served('wheel')]), []);
    assert.deepEqual(withoutSubject(subjects, [served('wheel'), served('other')]), ['a.whl of PyPI']);
    assert.throws(() => withoutSubject(subjects, []), /nothing is served/);
    const many = Array.from({ length: 1025 }, (_, n) => line(n.toString(), n.toString())).join('');
    assert.throws(() => subjectsIn(many), /1025 subjects are too many/);
    assert.throws(() => subjectsIn('a.whl\n'), /not a line of sha256sum: 'a\.whl'/);
  });

  test('says which step failed, why, and what this machine could not show', async () => {
    const journal = new Journal(join(folder, 'summary'));
    await journal.step('first', () => Promise.resolve('found'));
    await assert.rejects(
      journal.step('second', () => Promise.reject(new Error('a | b'))),
      /a \| b/,
    );
    journal.notHere('a place');
    journal.hash('0123  file');
    const summary = readFileSync(journal.summarize('Rehearsal', ['a fact']), 'utf8').replace(/ \d+\.\d \|/g, ' 0 |');
    assert.equal(
      summary,
      [
        '# Rehearsal\n\n- a fact\n\n## Steps\n\n| step | seconds | result |\n| --- | --- | --- |',
        '| first | 0 | found |\n| second | 0 | **failed**: a \\| b |',
        '\n## Not here\n\n- a place\n\n## SHA-256\n\n```text\n0123  file\n```\n',
      ].join('\n'),
    );
  });

  test('has a Maven repository that users see nothing in before the release is promoted', async () => {
    const maven = await startMavenRepository();
    try {
      const staging = `${maven.endpoint}service/local/staging`;
      const put = await fetch(`${staging}/deployByRepositoryId/rehearsal-1000/a/1/a.jar`, {
        method: 'PUT',
        body: 'jar',
      });
      assert.equal(put.status, 201);
      assert.equal((await fetch(`${maven.url}/a/1/a.jar`)).status, 404);
      await fetch(`${staging}/bulk/promote`, { method: 'POST', body: '{}' });
      assert.equal(await (await fetch(`${maven.url}/a/1/a.jar`)).text(), 'jar');
      assert.equal((await fetch(`${maven.endpoint}unknown`)).status, 500);
    } finally {
      await maven.stop();
    }
  });
});
