import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';

/**
 * The id of the process at the other end of a TCP connection within this machine, over IPv4. Reads Linux's /proc.
 *
 * @returns `undefined` where the process is gone, or is another user's.
 */
export function callingProcess({ remotePort = 0, localPort = 0 }: Socket): number | undefined {
  const inode = inodeOfConnection(remotePort, localPort);
  return inode === undefined ? undefined : ownerOf(`socket:[${inode}]`);
}

function inodeOfConnection(from: number, to: number): string | undefined {
  // Its columns: number, local and remote address with ports in hexadecimal, state, queues, timer, timeouts, user,
  // another timeout, inode.
  const connections = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1);
  const [local, remote] = [from, to].map((port) => `:${port.toString(16).toUpperCase().padStart(4, '0')}`);
  for (const connection of connections) {
    const columns = connection.trim().split(/\s+/);
    if (columns[1]?.endsWith(local ?? '') && columns[2]?.endsWith(remote ?? '')) return columns[9];
  }
  return undefined;
}

/** Looks at the newest processes first: a function's is among them, and to list the files of all others costs the most time. */
function ownerOf(link: string): number | undefined {
  const processes = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return processes.sort((one, other) => other - one).find((process) => hasOpen(link, process));
}

function hasOpen(link: string, process: number): boolean {
  const directory = `/proc/${process.toString()}/fd`;
  try {
    return readdirSync(directory).some((descriptor) => linkIn(`${directory}/${descriptor}`) === link);
  } catch {
    return false;
  }
}

function linkIn(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed since the directory was read.
    return '';
  }
}
