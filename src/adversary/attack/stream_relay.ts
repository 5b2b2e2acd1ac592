// M in the middle of TCP connections: each one that is redirected to it ends here, and another goes on to the server for which
// it was meant. What one side says, the other hears, with some of it replaced.
//
//   client ==TCP==> M | replace | M ==TCP==> server      both are connections like any other
//
// Not here: how connections come to M (redirect.ts).

import { after, seconds } from '../../core/time.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import { type Program, SocketError, type System, type TcpSocket } from '../../world/app/program.ts';
import { type Replacement, StreamReplacer } from './stream_replacer.ts';

const CONNECT_TIME = seconds(30);

export interface StreamRelayOptions {
  readonly watchedPort: number;
  readonly replacements: readonly Replacement[];
  readonly meantFor: (client: Ipv4Address, port: number) => Ipv4Address | undefined;
}

/** What a relay tells of itself, as it happens. */
export interface RelayState {
  /** The port that it listens on; 0 before it does. */
  ownPort: number;
  /** Texts replaced. */
  replaced: number;
}

export function* streamRelay(system: System, options: StreamRelayOptions, state: RelayState): Program<void> {
  const listener = system.listen(undefined, 0);
  state.ownPort = listener.local.port;
  for (;;) {
    const client = yield* listener.accept();
    if (client !== undefined) system.spawn('relay', connection(system, client, options, state));
  }
}

function* connection(system: System, client: TcpSocket, options: StreamRelayOptions, state: RelayState): Program<void> {
  const server = system.tcp();
  try {
    const { remote } = client;
    const wanted = typeof remote?.address === 'number' ? options.meantFor(remote.address, remote.port) : undefined;
    if (wanted === undefined) {
      client.abort(); // somebody who looks at the attacker itself
      return;
    }
    yield* server.connect(wanted, options.watchedPort, after(system.now, CONNECT_TIME));
    const upwards = system.spawn('relay upwards', copy(client, server, options.replacements, state));
    yield* copy(server, client, options.replacements, state);
    yield* system.join(upwards);
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
    client.abort();
  } finally {
    client.close();
    server.close();
  }
}

/** One side of a relay: a socket, or TLS over one. */
export type Side = Pick<TcpSocket, 'read' | 'write' | 'shutdown' | 'abort'>;

// One direction, to its end. Where it breaks, both sides are told.
export function* copy(from: Side, to: Side, replacements: readonly Replacement[], state: RelayState): Program<void> {
  const replacer = new StreamReplacer(replacements);
  try {
    for (let data = yield* from.read(); data !== undefined; data = yield* from.read()) {
      const before = replacer.hits;
      const changed = replacer.feed(data);
      state.replaced += replacer.hits - before;
      if (changed.length > 0) yield* to.write(changed);
    }
    const rest = replacer.end();
    if (rest.length > 0) yield* to.write(rest);
    to.shutdown();
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
    from.abort();
    to.abort();
  }
}
