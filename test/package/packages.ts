import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

interface PackageJson {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}
const { version, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as PackageJson;

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
  /** The folder of the module. */
  go: join(ROOT, 'dist/go/cdkmomentoeventbridge'),
  /** The NuGet package, or its sources. */
  dotnet: join(ROOT, 'dist/dotnet'),
  /** Where Maven keeps what it has fetched to build the package. */
  mavenCache: join(ROOT, '.maven'),
};

/** The lowest versions that are supported: what this package is compiled against. */
export const FLOOR = versions('aws-cdk-lib', 'constructs');

/** The newest versions of the day on which this was last looked at: not `latest`, so that a test fails for a change of ours. */
export const NEWEST = { 'aws-cdk-lib': '2.276.0', constructs: '10.8.1' };

/** What the app in TypeScript has besides. */
export const TOOLS = versions('aws-cdk', 'tsx', 'typescript', '@types/node');

function versions(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, devDependencies[name] ?? '']));
}

function only(language: string, extension: string): string {
  const directory = join(ROOT, 'dist', language);
  const files = readdirSync(directory).filter((name) => name.endsWith(extension));
  if (files.length !== 1)
    throw new Error(`One *${extension} should be in ${directory}, not ${files.length.toString()}`);
  return join(directory, files[0] ?? '');
}
