// TLS 1.3, both ends in this process with nothing between them: handshakes of each kind, and bulk. One suite and one group, so that
// the peer (node_tls.ts) does the same work with the same certificates.

import { Random } from '../src/core/random.ts';
import { nodeCrypto } from '../src/secure/crypto/node.ts';
import type { CryptoProvider } from '../src/secure/crypto/provider.ts';
import { CertificateAuthority, type Credentials } from '../src/secure/pki/authority.ts';
import { emitPem } from '../src/secure/pki/pem.ts';
import { emitPrivateKey } from '../src/secure/pki/private_key.ts';
import { TrustStore } from '../src/secure/pki/trust_store.ts';
import type { TlsClientConfig, TlsServerConfig } from '../src/secure/tls/config.ts';
import { acceptTls, connectTls, type TlsConnection } from '../src/secure/tls/connection.ts';
import type { GroupName } from '../src/secure/tls/named_group.ts';
import type { ResumableSession } from '../src/secure/tls/session.ts';
import { SealedTickets } from '../src/secure/tls/ticket_keeper.ts';
import type { NodeTlsOptions } from './node_tls.ts';

const SERVER_NAME = 'www.foo.test';
const random = Random.fromSeed(1);
/** The peer has no clock but the machine's. */
const NOW = performance.timeOrigin;
const notBefore = Math.floor(NOW / 1000) - 3600;

const root = CertificateAuthority.root(nodeCrypto, random.fork('root'), { name: 'Root', notBefore });
const ca = root.intermediate(random.fork('CA'), { name: 'CA', notBefore });

export type Chain = 'direct' | 'intermediate';

const CREDENTIALS: Readonly<Record<Chain, Credentials>> = {
  direct: root.issueServer({ names: [SERVER_NAME], notBefore }),
  intermediate: ca.issueServer({ names: [SERVER_NAME], notBefore }),
};

export interface TlsSetup {
  readonly provider: CryptoProvider;
  readonly group: GroupName;
  readonly chain: Chain;
}

/** The same for the peer. */
export function forNode({ group, chain: name }: TlsSetup): NodeTlsOptions {
  const { key, chain } = CREDENTIALS[name];
  const pem = (bytes: Uint8Array): string => emitPem({ label: 'CERTIFICATE', bytes });
  return {
    root: pem(root.certificate.bytes),
    chain: chain.map(({ bytes }) => pem(bytes)).join(''),
    key: emitPem({ label: 'PRIVATE KEY', bytes: emitPrivateKey(key) }),
    serverName: SERVER_NAME,
    group,
  };
}

export class OurTls {
  private readonly clientConfig: TlsClientConfig;
  private readonly serverConfig: TlsServerConfig;
  private session: ResumableSession | undefined;

  constructor({ provider, group, chain: name }: TlsSetup) {
    const { key, chain } = CREDENTIALS[name];
    const identity = { key, certificates: chain.map(({ bytes }) => bytes) };
    const common = { provider, groups: [group], cipherSuites: ['TLS_AES_128_GCM_SHA256'] } as const;
    this.clientConfig = { ...common, trust: new TrustStore(provider, [root.certificate]) };
    const tickets = new SealedTickets(provider, random.fork('tickets'));
    this.serverConfig = { ...common, identityOf: () => identity, tickets };
  }

  /** The connections that follow are resumed from one that was. */
  prepareSession(): void {
    const { client } = this.connect();
    for (let event = client.pollEvent(); event !== undefined; event = client.pollEvent()) {
      if (event.kind === 'session') this.session = event.session;
    }
    if (this.session === undefined) throw new Error('the server sent no ticket');
  }

  handshakes(count: number): void {
    for (let i = 0; i < count; i++) this.connect();
  }

  /** From client to server, in pieces of `size`. */
  bulk(bytes: number, size: number): void {
    const { client, server } = this.connect();
    const piece = new Uint8Array(size).fill(0x61);
    let received = 0;
    for (let sent = 0; sent < bytes; sent += size) {
      client.write(piece);
      carry(client, server);
      for (let data = server.read(); data !== undefined; data = server.read()) received += data.length;
    }
    if (received < bytes) throw new Error(`${bytes - received} bytes did not arrive`);
  }

  private connect(): { readonly client: TlsConnection; readonly server: TlsConnection } {
    const session = this.session === undefined ? {} : { session: this.session };
    const client = connectTls({ config: this.clientConfig, random, now: NOW, serverName: SERVER_NAME, ...session });
    const server = acceptTls({ config: this.serverConfig, random });
    carry(client, server);
    carry(server, client);
    carry(client, server);
    carry(server, client);
    const { facts } = client;
    if (server.facts === undefined || facts?.isResumed !== (this.session !== undefined)) {
      throw new Error(`resumed, or not, other than intended: ${client.state}, ${server.state}`);
    }
    return { client, server };
  }
}

function carry(from: TlsConnection, to: TlsConnection): void {
  for (let bytes = from.pollTransmit(); bytes !== undefined; bytes = from.pollTransmit()) to.receive(bytes, NOW);
}
