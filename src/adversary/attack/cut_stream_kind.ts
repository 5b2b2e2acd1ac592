// `attack: cut-stream` of a scenario file: M in the middle of TCP connections that come its way, who ends them early. What the
// server sends beyond so many bytes never arrives; the client is told that this was all.
//
//   - { at: 4s, attacker: mallory, attack: cut-stream, with: { port: 443, after: 1200B } }
//
// M needs no key for that: anybody on the way can say FIN. Not here: how connections come to M (redirect.ts).

import { after, seconds } from '../../core/time.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import { type Program, SocketError, type System, type TcpSocket } from '../../world/app/program.ts';
import { addressOrHost } from '../../world/sim/scenario/read_networks.ts';
import { entriesOf, field, type Maybe, type Reading } from '../../world/sim/scenario/reading.ts';
import type { AttackKind, AttackPlace } from '../../world/sim/scenario/registry.ts';
import { parseSize } from '../../world/sim/scenario/units.ts';
import { readPort, type TakenConnections, takeConnections } from './interception_point.ts';
import { copy, type RelayState } from './stream_relay.ts';

const KEYS: readonly string[] = ['port', 'after', 'gateway'];
const CONNECT_TIME = seconds(30);

interface CutOptions {
  readonly port: number;
  readonly gateway: Ipv4Address | undefined;
  /** Bytes of the server's that still arrive. */
  readonly limit: number;
}

interface CutState extends RelayState {
  /** Connections ended early. */
  cut: number;
}

export const CUT_STREAM: AttackKind = {
  name: 'cut-stream',
  read: readOptions,
  start(site, options) {
    const { port, gateway, limit } = options as CutOptions; // what `read` gave
    const state: CutState = { ownPort: 0, replaced: 0, cut: 0 };
    const program = (system: System, taken: TakenConnections) => cutStreams(system, taken, limit, state);
    return takeConnections(site, { name: 'cut-stream', port, gateway }, state, program, ({ cut }) => cut);
  },
};

function* cutStreams(system: System, taken: TakenConnections, limit: number, state: CutState): Program<void> {
  const listener = system.listen(undefined, 0);
  state.ownPort = listener.local.port;
  for (;;) {
    const client = yield* listener.accept();
    if (client !== undefined) system.spawn('cut', connection(system, client, taken, limit, state));
  }
}

function* connection(
  system: System,
  client: TcpSocket,
  { watchedPort, meantFor }: TakenConnections,
  limit: number,
  state: CutState,
): Program<void> {
  const server = system.tcp();
  try {
    const { remote } = client;
    const wanted = typeof remote?.address === 'number' ? meantFor(remote.address, remote.port) : undefined;
    if (wanted === undefined) {
      client.abort(); // somebody who looks at the attacker itself
      return;
    }
    yield* server.connect(wanted, watchedPort, after(system.now, CONNECT_TIME));
    system.spawn('upwards', copy(client, server, [], state));
    let left = limit;
    for (let data = yield* server.read(); data !== undefined; data = yield* server.read()) {
      const passed = data.subarray(0, left);
      left -= passed.length;
      if (passed.length > 0) yield* client.write(passed);
      if (passed.length === data.length) continue;
      state.cut++;
      break;
    }
    client.shutdown();
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
    client.abort();
  } finally {
    server.abort();
    client.close();
  }
}

function readOptions(reading: Reading, options: Maybe, place: AttackPlace): CutOptions | undefined {
  const { directory, attacker, span } = place;
  for (const [key, { key: at }] of entriesOf(options)) {
    if (KEYS.includes(key)) continue;
    reading.problem(at, 'unknown-key', `unknown key "${key}" of cut-stream`, `known keys: ${KEYS.join(', ')}`);
  }
  const port = readPort(reading, options, place, 'cut-stream');
  const limitNode = field(options, 'after');
  const limit = reading.unit(limitNode, 'size', parseSize);
  if (limitNode === undefined) {
    reading.problem(span, 'missing-key', 'cut-stream must know after how many bytes', 'write after: 1KiB');
  }
  const own = directory.attackers.get(attacker) ?? [];
  const gateway = addressOrHost(reading, directory, own, field(options, 'gateway'));
  return port === undefined || limit === undefined ? undefined : { port, gateway, limit };
}
