import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { RELEASE_BUCKETS } from '../../../templates/host';
import { LocalAws } from '../../../tools';
import type { Commands, Environment } from './commands';
import { type MavenRepository, startMavenRepository } from './maven-repository';
import { type NpmRegistry, startNpmRegistry } from './npm-registry';
import { type PythonIndex, startPythonIndex } from './python-index';

const PASSPHRASE = 'of the rehearsal';
const REPOSITORY = 'cdk-momento-eventbridge/cdk-momento-eventbridge';
const MODULE_REPOSITORY = `https://github.com/${REPOSITORY}-go`;
const TOKEN = 'token-of-the-rehearsal';
const MODULE = 'module.git';
// Writes down what it is told to upload, and fails where a file is missing, as gh does.
const GH = `#!/usr/bin/env bash
set -euo pipefail
for argument in "$@"; do case $argument in assets/* | dist/*) [ -f "$argument" ]; echo "$argument" ;; esac; done >"$GH_UPLOADED"
`;

/** Everything that a release is published to, on this machine, and what is set up once for it. */
export class Places {
  /** Starts all. */
  public static async start(name: string, scratch: string, commands: Commands): Promise<Places> {
    mkdirSync(join(scratch, 'home'));
    mkdirSync(join(scratch, 'bin'));
    writeFileSync(join(scratch, 'bin/gh'), GH, { mode: 0o755 });
    await commands.succeed('git', ['init', '--quiet', '--bare', join(scratch, MODULE)]);
    const key = await signingKey(scratch, commands);
    const aws = await LocalAws.start({ enforceIam: true });
    for (const region of RELEASE_BUCKETS.regions) {
      const { s3 } = aws.in({ account: aws.account, region }).clients;
      await s3.send(new CreateBucketCommand({ Bucket: RELEASE_BUCKETS.bucketName(region) }));
    }
    const python = join(__dirname, '../../../target/rehearsal-venv/bin/python');
    return new Places(
      aws,
      await startNpmRegistry(name, scratch),
      await startPythonIndex(python, scratch),
      await startMavenRepository(),
      scratch,
      key,
    );
  }

  private constructor(
    public readonly aws: LocalAws,
    public readonly npm: NpmRegistry,
    public readonly python: PythonIndex,
    public readonly maven: MavenRepository,
    private readonly scratch: string,
    private readonly key: string,
  ) {}

  /** What GitHub knows of its environment `release`, by the expressions of release.yml. */
  public get expressions(): Readonly<Record<string, string>> {
    return {
      'vars.AWS_RELEASE_ACCOUNT': this.aws.account,
      'vars.NUGET_USERNAME': 'rehearsal',
      'secrets.MAVEN_USERNAME': 'rehearsal',
      'secrets.MAVEN_PASSWORD': TOKEN,
      'secrets.MAVEN_GPG_PRIVATE_KEY': this.key,
      'secrets.MAVEN_GPG_PRIVATE_KEY_PASSPHRASE': PASSPHRASE,
      'secrets.GO_MODULE_TOKEN': TOKEN,
      'github.token': TOKEN,
    };
  }

  /** What sends a job here. Trusted publishers need GitHub, so there are tokens instead. */
  public forJob(tag: string): Environment {
    return {
      GITHUB_REF_NAME: tag,
      GITHUB_REPOSITORY: REPOSITORY,
      ...this.aws.environment,
      PATH: `${join(this.scratch, 'bin')}:${process.env.PATH ?? ''}`,
      GH_UPLOADED: this.githubFiles,
      NPM_TRUSTED_PUBLISHER: undefined,
      NPM_TOKEN: this.npm.token,
      NPM_REGISTRY: this.npm.host,
      DISABLE_HTTPS: 'true',
      PYPI_TRUSTED_PUBLISHER: undefined,
      TWINE_REPOSITORY_URL: this.python.url,
      TWINE_USERNAME: 'rehearsal',
      TWINE_PASSWORD: TOKEN,
      PYPI_INDEX_URL: `${this.python.url}simple`,
      MAVEN_ENDPOINT: this.maven.endpoint,
      MAVEN_PUBLIC_URL: this.maven.url,
      ...this.insteadOfGitHub,
    };
  }

  /** What has the package managers of a user take our packages from here, and all others from where they take them otherwise. */
  public forUser(goProxy: string, goModuleCache: string): Environment {
    const npm = `http://${this.npm.host}/`;
    return {
      FROM_REGISTRIES: '1',
      npm_config_registry: npm,
      pnpm_config_registry: npm,
      YARN_NPM_REGISTRY_SERVER: npm,
      YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
      // By default, Yarn installs nothing that has just been published.
      YARN_NPM_MINIMAL_AGE_GATE: '0',
      PIP_EXTRA_INDEX_URL: `${this.python.url}simple/`,
      MAVEN_PUBLIC_URL: this.maven.url,
      // Ours comes from its repository, and without a checksum database, which knows public modules only.
      GOPRIVATE: `github.com/${REPOSITORY.split('/')[0] ?? ''}/*`,
      // What this machine has of other modules is not fetched again. Of ours it must have none: a version never changes.
      GOPROXY: `file://${goModuleCache}/cache/download,${goProxy}`,
      GOMODCACHE: join(this.scratch, 'go'),
      GOFLAGS: '-buildvcs=false -modcacherw',
      ...this.insteadOfGitHub,
    };
  }

  /** Instead of the home of who rehearses, where publib would write its tokens. */
  public get home(): string {
    return join(this.scratch, 'home');
  }

  /** The list of the files that the GitHub release has got. */
  public get githubFiles(): string {
    return join(this.scratch, 'github-files');
  }

  /** The bare repository of the Go module. */
  public get moduleRepository(): string {
    return join(this.scratch, MODULE);
  }

  public get gpgHome(): string {
    return join(this.scratch, 'gpg');
  }

  /** Ends everything that was started. */
  public async stop(): Promise<void> {
    await Promise.all([this.aws.stop(), this.npm.stop(), this.python.stop(), this.maven.stop()]);
    // gpg has started it for the key.
    spawnSync('gpgconf', ['--homedir', this.gpgHome, '--kill', 'gpg-agent']);
  }

  /** Has git find the repository of the Go module here, with the token of publib in its address and without. */
  private get insteadOfGitHub(): Environment {
    const here = `url.file://${this.moduleRepository.replace('.git', '')}.insteadOf`;
    return {
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: here,
      GIT_CONFIG_VALUE_0: MODULE_REPOSITORY,
      GIT_CONFIG_KEY_1: here,
      GIT_CONFIG_VALUE_1: MODULE_REPOSITORY.replace('//', `//${TOKEN}@`),
    };
  }
}

/** Makes the key that the Maven artifacts are signed with, and returns it as the secret has it. */
async function signingKey(scratch: string, commands: Commands): Promise<string> {
  const home = join(scratch, 'gpg');
  mkdirSync(home, { mode: 0o700 });
  const gpg = (...args: string[]) =>
    commands.succeed('gpg', [
      '--homedir',
      home,
      '--batch',
      '--pinentry-mode',
      'loopback',
      '--passphrase',
      PASSPHRASE,
      ...args,
    ]);
  await gpg('--quick-generate-key', 'Rehearsal <rehearsal@example.com>', 'rsa3072', 'sign', 'never');
  const file = join(scratch, 'signing-key.asc');
  await gpg('--armor', '--output', file, '--export-secret-keys');
  return readFileSync(file, 'utf8');
}
