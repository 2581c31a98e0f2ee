import { execFileSync } from 'node:child_process';

/** The glibc of Amazon Linux 2023, on which `provided.al2023` rests: https://docs.aws.amazon.com/linux/al2023/ug/core-glibc.html */
const NEWEST = '2.34';

/**
 * The oldest glibc that an executable runs with.
 *
 * @throws Error when Lambda's is older
 */
export function neededGlibc(executable: string): string {
  const versions = execFileSync('readelf', ['--wide', '--version-info', executable], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  const needed = [...versions.matchAll(/Name: GLIBC_([\d.]+)/g)]
    .map(([, version = '']) => version)
    .sort(byNumber)
    .at(-1);
  if (needed === undefined) throw new Error(`${executable} names no version of glibc: was it linked statically?`);
  if (byNumber(needed, NEWEST) > 0) {
    throw new Error(
      `${executable} needs glibc ${needed}, but Lambda has ${NEWEST}. Build on a system with an older glibc: Debian 12's does.`,
    );
  }
  return needed;
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
