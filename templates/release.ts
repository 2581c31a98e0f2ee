import { version } from '../package.json';

/** The version of the package, and so of everything that is released with it. */
export const VERSION = version;

/** In the place of a version in a key: the newest version. */
const LATEST = 'latest';

/** The templates that can be launched. */
export const TEMPLATES = [
  'momento-topic',
  'momento-webhook',
  'eventbridge-to-momento',
  'eventbridge-to-momento-by-lambda',
] as const;

/** One of them, by the name of its file and of the stack that it makes. */
export type TemplateName = (typeof TEMPLATES)[number];

/**
 * Where a file of this version lies in each of the buckets. A version is uploaded once, so the key says which bytes it has
 * without a hash, and a template is the same after each build of the handlers.
 */
export function objectKey(name: string): string {
  return `${VERSION}/${name}`;
}

/** Where a file of the newest version lies. */
export function latestKey(name: string): string {
  return `${LATEST}/${name}`;
}
