// M in the middle of TLS: each connection that is redirected to it ends here in a handshake of its own, with a certificate that M
// has made for the name that was asked for; another goes on to the server. If the client believes M's authority, M reads both.
//
//   client ==TLS: "www.foo.test, says M's authority"==> M ==TLS: whatever the server shows==> server
//
// Who asks for another name is passed on as it came, and sees nothing. Not here: how connections come to M (redirect.ts).

import { after, seconds } from '../../core/time.ts';
import { CertificateAuthority } from '../../secure/pki/authority.ts';
import { dnsAltName } from '../../secure/pki/general_name.ts';
import { generateKey, publicKeyInfoOf } from '../../secure/pki/private_key.ts';
import type { TlsIdentity } from '../../secure/tls/config.ts';
import { isFailure } from '../../secure/tls/failure.ts';
import { HandshakeBuffer } from '../../secure/tls/handshake_buffer.ts';
import type { ClientHello } from '../../secure/tls/handshake_message.ts';
import { readHandshakeMessage } from '../../secure/tls/handshake_reader.ts';
import { ContentType, RecordBuffer } from '../../secure/tls/record.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import { type Program, SocketError, type System, type TcpSocket } from '../../world/app/program.ts';
import type { TlsLayer } from '../../world/host/tls_layer.ts';
import { ReadAhead } from './read_ahead.ts';
import { copy, type RelayState, type Side } from './stream_relay.ts';

const CONNECT_TIME = seconds(30);
const HELLO_TIME = seconds(10);
const FORGED_LIFETIME = 86_400;

export interface InterceptionOptions {
  readonly watchedPort: number;
  /** Of servers; others are let through. */
  readonly names: readonly string[];
  /** Vouches for M's certificates; or one that M has stolen. */
  readonly identity: CertificateAuthority | TlsIdentity;
  readonly tls: TlsLayer;
  readonly meantFor: (client: Ipv4Address, port: number) => Ipv4Address | undefined;
}

export interface InterceptionState extends RelayState {
  /** Certificates that M has made in other names. */
  forged: number;
}

export function* interceptTls(system: System, options: InterceptionOptions, state: InterceptionState): Program<void> {
  const listener = system.listen(undefined, 0);
  state.ownPort = listener.local.port;
  // Made before anybody asks: M has them whether or not somebody comes its way.
  const forgeries = new Map(options.names.map((name) => [name, identityFor(system, options, name)]));
  state.forged = forgeries.size;
  for (;;) {
    const client = yield* listener.accept();
    if (client !== undefined) system.spawn('tls interception', connection(system, client, options, forgeries, state));
  }
}

/** The stolen one, or a certificate that says what the real one would, but for who says it. */
function identityFor(system: System, { identity: issuer, tls }: InterceptionOptions, name: string): TlsIdentity {
  if (!(issuer instanceof CertificateAuthority)) return issuer;
  const random = system.random.fork(`forged for ${name}`);
  const key = generateKey(tls.provider, 'P-256', random.fork('key'));
  const notBefore = Math.floor(system.wallTime / 1000) - 3600;
  const certificate = issuer.issue([dnsAltName(name)], publicKeyInfoOf(key), {
    notBefore,
    lifetime: FORGED_LIFETIME,
    serialNumber: random,
  });
  return { key, certificates: [certificate, ...issuer.chain].map(({ bytes }) => bytes) };
}

function* connection(
  system: System,
  client: TcpSocket,
  options: InterceptionOptions,
  forgeries: ReadonlyMap<string, TlsIdentity>,
  state: InterceptionState,
): Program<void> {
  const server = system.tcp();
  try {
    const { remote } = client;
    const wanted = typeof remote?.address === 'number' ? options.meantFor(remote.address, remote.port) : undefined;
    if (wanted === undefined) {
      client.abort(); // somebody who looks at the attacker itself
      return;
    }
    const ahead = new ReadAhead(client);
    const hello = yield* helloOf(system, ahead);
    const name = hello?.serverName?.toLowerCase();
    yield* server.connect(wanted, options.watchedPort, after(system.now, CONNECT_TIME));
    const forged = forgeries.get(name ?? '');
    if (name === undefined || forged === undefined) {
      yield* relay(system, ahead, server, state);
      return;
    }
    const { tls } = options;
    const alpn = hello?.alpn ?? [];
    const victim = tls.accept(system, ahead, { provider: tls.provider, identityOf: () => forged, alpn });
    yield* victim.handshake();
    // Whatever the server shows, M believes: it is not M whom somebody deceives.
    const protocol = victim.facts?.alpn;
    const onward = tls.connect(system, server, {
      serverName: name,
      config: { acceptsAnyCertificate: true, ...(protocol === undefined ? {} : { alpn: [protocol] }) },
    });
    yield* onward.handshake();
    yield* relay(system, victim, onward, state);
  } catch (error) {
    // The client has refused M's certificate, or one of them is gone.
    if (!(error instanceof SocketError)) throw error;
    client.abort();
  } finally {
    client.close();
    server.close();
  }
}

function* relay(system: System, client: Side, server: Side, state: RelayState): Program<void> {
  const upwards = system.spawn('relay upwards', copy(client, server, [], state));
  yield* copy(server, client, [], state);
  yield* system.join(upwards);
}

/** What the client asks for, put back as if nobody had looked. Undefined: it speaks something else. */
function* helloOf(system: System, ahead: ReadAhead): Program<ClientHello | undefined> {
  const records = new RecordBuffer();
  const messages = new HandshakeBuffer();
  const deadline = after(system.now, HELLO_TIME);
  for (let bytes = yield* ahead.look(deadline); bytes !== undefined; bytes = yield* ahead.look(deadline)) {
    records.add(bytes);
    for (let record = records.next(); record !== undefined; record = records.next()) {
      if (isFailure(record) || record.type !== ContentType.Handshake) return undefined;
      messages.add(record.payload);
      const whole = messages.next();
      if (whole === undefined) continue;
      const message = isFailure(whole) ? whole : readHandshakeMessage(whole);
      return !isFailure(message) && message.kind === 'client-hello' ? message : undefined;
    }
  }
  return undefined;
}
