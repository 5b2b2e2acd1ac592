// The peer: node:tls, both ends in this process with a pair of streams between them, which costs less than the loopback.

import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { connect, createSecureContext, type SecureContext, TLSSocket } from 'node:tls';

export interface NodeTlsOptions {
  /** PEM, as are the other two. */
  readonly root: string;
  readonly chain: string;
  readonly key: string;
  readonly serverName: string;
  /** In OpenSSL's words. */
  readonly group: string;
}

interface Pair {
  readonly client: TLSSocket;
  readonly server: TLSSocket;
}

/** What servers and clients that live longer than one connection make once is made once. */
export class NodeTls {
  private readonly serverName: string;
  private readonly serverContext: SecureContext;
  private readonly clientContext: SecureContext;
  private session: Buffer | undefined;

  constructor({ root, chain, key, serverName, group }: NodeTlsOptions) {
    const common = { minVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256', ecdhCurve: group } as const;
    this.serverContext = createSecureContext({ ...common, key, cert: chain });
    this.clientContext = createSecureContext({ ...common, ca: root });
    this.serverName = serverName;
  }

  /** The connections that follow are resumed from one that was. */
  async prepareSession(): Promise<void> {
    const pair = await this.connect();
    if (this.session === undefined) [this.session] = await once(pair.client, 'session');
    this.end(pair);
  }

  async handshakes(count: number): Promise<void> {
    for (let i = 0; i < count; i++) this.end(await this.connect());
  }

  /** From client to server, in pieces of `size`. */
  async bulk(bytes: number, size: number): Promise<void> {
    const pair = await this.connect();
    const piece = new Uint8Array(size).fill(0x61);
    let received = 0;
    const done = new Promise<void>((resolve) => {
      pair.server.on('data', ({ length }: Buffer) => {
        received += length;
        if (received >= bytes) resolve();
      });
    });
    for (let sent = 0; sent < bytes; sent += size) if (!pair.client.write(piece)) await once(pair.client, 'drain');
    await done;
    this.end(pair);
  }

  private async connect(): Promise<Pair> {
    const [clientSide, serverSide] = duplexPair();
    const server = new TLSSocket(serverSide, { isServer: true, secureContext: this.serverContext });
    const { serverName: servername, clientContext: secureContext, session } = this;
    const resumed = session === undefined ? {} : { session };
    const client = connect({ socket: clientSide, servername, secureContext, ...resumed });
    await Promise.all([once(client, 'secureConnect'), once(server, 'secure')]);
    if (client.isSessionReused() !== (session !== undefined)) throw new Error('resumed, or not, other than intended');
    return { client, server };
  }

  private end({ client, server }: Pair): void {
    client.destroy();
    server.destroy();
  }
}
