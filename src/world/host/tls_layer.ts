// What the TLS connections of one machine share: whom it believes, the keys that it holds, the sessions that it can go on with, its
// clock and its randomness; and who is told of secrets. Not here: any handshake (secure/tls).

import type { Random } from '../../core/random.ts';
import type { CryptoProvider } from '../../secure/crypto/provider.ts';
import type { CertificateAuthority } from '../../secure/pki/authority.ts';
import type { Certificate } from '../../secure/pki/certificate.ts';
import { TrustStore } from '../../secure/pki/trust_store.ts';
import type { TlsClientConfig, TlsIdentity, TlsServerConfig } from '../../secure/tls/config.ts';
import { acceptTls, connectTls, type TlsEvent } from '../../secure/tls/connection.ts';
import { keyLogLine } from '../../secure/tls/key_log.ts';
import type { ResumableSession } from '../../secure/tls/session.ts';
import { formatEndpoint } from '../../stack/transport/socket_table.ts';
import type { Endpoint, System, TcpSocket } from '../app/program.ts';
import { TlsSessionCache } from '../app/tls/session_cache.ts';
import { type TlsListener, TlsStream } from '../app/tls/tls_stream.ts';
import { type TlsEntry, TlsTable, type TlsTableHost } from './tls_table.ts';

/** What a machine gives its connections. */
export interface TlsHost extends TlsTableHost {
  readonly crypto: CryptoProvider;
  /** Each connection forks its own. */
  readonly programRandom: Pick<Random, 'fork'>;
  /** A secret came into being by which somebody could read what goes over the network. */
  tellTlsSecret(line: string): void;
  /** What one of its programs reads or writes over TLS, in the clear. */
  tellTlsData(data: Uint8Array, direction: 'read' | 'written', peer: Endpoint | undefined): void;
}

/** What a client wants. Without `trust`, the machine's own store counts. */
export interface TlsClientWish {
  readonly serverName: string;
  readonly config?: Partial<Omit<TlsClientConfig, 'provider'>>;
  readonly session?: ResumableSession | undefined;
  /** The first write goes out at once if the session permits. */
  readonly wantsEarlyData?: boolean;
  readonly onEvent?: (event: TlsEvent) => void;
}

const MAX_SAVED = 64;

export class TlsLayer {
  readonly provider: CryptoProvider;
  readonly trust: TrustStore;
  readonly sessions: TlsSessionCache = new TlsSessionCache();
  /** Sessions that somebody has kept under a name, as in a file: at the bound the oldest goes. */
  private readonly saved = new Map<string, ResumableSession>();
  /** Certificates whose keys this machine holds, by their names in the scenario. */
  readonly identities: Map<string, TlsIdentity> = new Map();
  /** Authorities whose keys it holds. */
  readonly authorities: Map<string, CertificateAuthority> = new Map();
  /** Certificates of authorities that anybody can have, by name: who believes them decides for itself. */
  published: ReadonlyMap<string, Certificate> = new Map();
  readonly table: TlsTable;
  private readonly host: TlsHost;

  constructor(host: TlsHost) {
    this.host = host;
    this.provider = host.crypto;
    this.trust = new TrustStore(host.crypto);
    this.table = new TlsTable(host);
  }

  /** @param cause `the scenario trusts it` */
  believe(authority: Certificate, cause: string): void {
    this.trust.add(authority);
    this.table.addCertificate('trusted', authority, cause);
  }

  saveSession(name: string, session: ResumableSession): void {
    this.saved.delete(name);
    this.saved.set(name, session);
    const [oldest] = this.saved.keys();
    if (this.saved.size > MAX_SAVED && oldest !== undefined) this.saved.delete(oldest);
  }

  savedSession(name: string): ResumableSession | undefined {
    return this.saved.get(name);
  }

  /** A client's end, over a socket that is connected. */
  connect(system: System, socket: TcpSocket, { serverName, config, session, ...wish }: TlsClientWish): TlsStream {
    const { provider, trust } = this;
    const whole: TlsClientConfig = { provider, trust, ...config };
    const random = this.randomOf('client', socket);
    return new TlsStream(
      system,
      socket,
      (earlyData) => {
        const optional = {
          ...(session === undefined ? {} : { session }),
          ...(earlyData === undefined ? {} : { earlyData }),
        };
        return connectTls({ config: whole, random, now: system.wallTime, serverName, ...optional });
      },
      this.listener(socket, serverName, wish.onEvent),
      wish.wantsEarlyData === true ? (session?.maxEarlyData ?? 0) : 0,
    );
  }

  /** A server's end of a connection that was accepted. */
  accept(system: System, socket: TcpSocket, config: TlsServerConfig): TlsStream {
    const random = this.randomOf('server', socket);
    return new TlsStream(
      system,
      socket,
      () => acceptTls({ config, random }),
      this.listener(socket, undefined, undefined),
    );
  }

  // By its ends and its time: the same whatever else this machine does, and never the same twice.
  private randomOf(role: string, { local, remote }: TcpSocket): Random {
    const { now, programRandom } = this.host;
    return programRandom.fork(`tls ${role} ${endText(local)} ${endText(remote)} ${now}`);
  }

  private listener(
    { local, remote }: TcpSocket,
    serverName: string | undefined,
    onEvent: TlsClientWish['onEvent'],
  ): TlsListener {
    let entry: TlsEntry | undefined;
    return {
      begun: (connection) => {
        entry = this.table.add(connection, local, remote, serverName);
      },
      told: (event) => {
        if (event.kind === 'secret') {
          this.host.tellTlsSecret(keyLogLine(event.label, event.clientRandom, event.secret));
        }
        entry?.told(event);
        onEvent?.(event);
      },
      carried: (data, direction) => this.host.tellTlsData(data, direction, remote),
      closed: () => entry?.closed(),
    };
  }
}

const endText = (end: Endpoint | undefined): string => (end === undefined ? '' : formatEndpoint(end.address, end.port));
