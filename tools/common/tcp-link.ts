import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Carries the bytes of TCP connections to a server, and can let them vanish without a word, as a network does that has
 * forgotten the connections of a frozen process.
 */
export class TcpLink {
  /**
   * Starts a link on a free port. It does not keep the process alive.
   *
   * @param url of the server
   */
  public static async start(url: string): Promise<TcpLink> {
    const server = createServer();
    server.listen(0, '127.0.0.1').unref();
    await once(server, 'listening');
    return new TcpLink(server, new URL(url));
  }

  /** The connections that still carry bytes, each with its other half. */
  private readonly open = new Map<Socket, Socket>();
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('connection', (near) => {
      const far = connect(Number(target.port), target.hostname);
      this.open.set(near, far);
      for (const socket of [near, far]) {
        socket.unref();
        this.sockets.add(socket);
        socket.once('close', () => this.sockets.delete(socket));
      }
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        from.on('data', (bytes) => {
          if (this.open.has(near)) to.write(bytes);
        });
        for (const end of ['end', 'error'] as const) {
          from.on(end, () => {
            // Of a half-open connection neither side learns about the other.
            if (this.open.delete(near)) to.destroy();
            from.destroy();
          });
        }
      }
    });
  }

  /** Where the server is reached over the link. */
  public get endpoint(): string {
    return `${this.target.protocol}//127.0.0.1:${(this.server.address() as AddressInfo).port.toString()}`;
  }

  /**
   * Makes every connection half-open: the client can send over it, and nobody answers. The server has given it up.
   *
   * @returns how many it were
   */
  public forgetConnections(): number {
    const forgotten = [...this.open];
    this.open.clear();
    for (const [, far] of forgotten) far.destroy();
    return forgotten.length;
  }

  /** Ends the link and all its connections. */
  public stop(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}
