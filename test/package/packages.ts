import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

interface PackageJson {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}
const { version, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as PackageJson;

interface PackageLock {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>;
}
const { packages: locked } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as PackageLock;

/** The version of the packages under test. */
export const VERSION = version;

/** What `npm run package` has made. */
export const packages = {
  get npm(): string {
    return only('js', '.tgz');
  },
  get wheel(): string {
    return only('python', '.whl');
  },
  /** A Maven repository. */
  java: join(ROOT, 'dist/java'),
  get jar(): string {
    const files = readdirSync(join(ROOT, 'dist/java'), { recursive: true, encoding: 'utf8' });
    return join(ROOT, 'dist/java', files.find((name) => /\d\.jar$/.test(name)) ?? '');
  },
  /** The folder of the module. */
  go: join(ROOT, 'dist/go/cdkmomentoeventbridge'),
  /** The NuGet package, or its sources. */
  dotnet: join(ROOT, 'dist/dotnet'),
  /** Where Maven keeps what it has fetched to build the package. */
  mavenCache: join(ROOT, '.maven'),
};

/** Whether ours are taken from the registries that the environment names, as a rehearsed release has them, instead of from dist/. */
const FROM_REGISTRIES = process.env.FROM_REGISTRIES === '1';

/** How the package managers are told to install ours. */
export const ours = {
  get npm(): string {
    return FROM_REGISTRIES ? `cdk-momento-eventbridge@${VERSION}` : `cdk-momento-eventbridge@file:${packages.npm}`;
  },
  get pip(): string {
    return FROM_REGISTRIES ? `cdk-momento-eventbridge==${VERSION}` : packages.wheel;
  },
  /** The Maven repository to ask first. */
  maven: FROM_REGISTRIES ? (process.env.MAVEN_PUBLIC_URL ?? '') : `file://${packages.java}`,
  /** What `go mod edit` is told beside the version. */
  go: (module: string): string[] => (FROM_REGISTRIES ? [] : [`-replace=${module}=${packages.go}`]),
};

/** The lowest versions that are supported: what this package is compiled against. */
export const FLOOR = versions('aws-cdk-lib', 'constructs');

/** The lowest versions that the packages of other languages ask for. jsii sets them: a newer jsii may ask for more. */
export const LOWEST_LANGUAGES = { java: 8, python: '3.10', go: '1.25' };

/** The newest versions of the day on which this was last looked at: not `latest`, so that a test fails for a change of ours. */
export const NEWEST = { 'aws-cdk-lib': '2.276.0', constructs: '10.8.1' };

/** What the app in TypeScript has for cdk-nag 3, which requires a newer aws-cdk-lib than the lowest supported. */
export const NAG = { 'cdk-nag': '3.0.2' };

/** What the app in TypeScript has besides. */
export const TOOLS = versions('aws-cdk', 'tsx', 'typescript', '@types/node');

/**
 * A version of Node.js, and the package manager that is used with it. Each is pinned, so that a test fails for a change of ours.
 * Move all but the first to what is newest when `NEWEST` moves.
 */
export interface Toolchain {
  readonly node: string;
  readonly manager: 'npm' | 'pnpm' | 'yarn';
  readonly version: string;
  /** The npm package of the package manager. */
  readonly package: string;
  /** Adds the packages that follow to a project. */
  readonly add: readonly string[];
  /** Runs the command of an installed package that follows. */
  readonly exec: readonly string[];
}

/** Each major version of Node.js that we support, and each package manager. */
export const TOOLCHAINS: readonly Toolchain[] = [
  // The lowest version in `engines`, with the npm that comes with it: npm 11 does not run there.
  {
    node: '20.16.0',
    manager: 'npm',
    version: '10.8.1',
    package: 'npm',
    add: ['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error'],
    exec: ['npx'],
  },
  // pnpm fails unless it is told whether esbuild, which tsx brings, may run its script.
  {
    node: '22.23.3',
    manager: 'pnpm',
    version: '12.21.0',
    package: 'pnpm',
    add: ['pnpm', 'add', '--allow-build=esbuild'],
    exec: ['pnpm', 'exec'],
  },
  // With its defaults: the packages stay zip files and there is no node_modules (Plug'n'Play).
  {
    node: '24.21.0',
    manager: 'yarn',
    version: '4.18.1',
    package: '@yarnpkg/cli-dist',
    add: ['yarn', 'add'],
    exec: ['yarn'],
  },
];

/** How npm and its like are told to install these versions; of a range of this repository, the version that is locked here. */
export function specifiers(...wanted: readonly Readonly<Record<string, string>>[]): string[] {
  return wanted.flatMap((some) => Object.entries(some).map(([name, asked]) => `${name}@${exact(name, asked)}`));
}

function exact(name: string, asked: string): string {
  if (asked !== devDependencies[name]) return asked;
  const version = locked[`node_modules/${name}`]?.version;
  if (version === undefined) throw new Error(`package-lock.json has no ${name}`);
  return version;
}

/** The versions, or ranges of them, that this repository asks for of these packages. */
export function versions(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, devDependencies[name] ?? '']));
}

function only(language: string, extension: string): string {
  const directory = join(ROOT, 'dist', language);
  const files = readdirSync(directory).filter((name) => name.endsWith(extension));
  if (files.length !== 1)
    throw new Error(`One *${extension} should be in ${directory}, not ${files.length.toString()}`);
  return join(directory, files[0] ?? '');
}
