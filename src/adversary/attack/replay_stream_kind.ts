// `attack: replay-stream` of a scenario file: M sends once more what a client has said to a server, on a connection of its own.
//
//   - { at: 5s, attacker: mallory, attack: replay-stream, with: { from: alice, to: bank, port: 443 } }
//
// It is the last such connection that M has heard; M need not understand a byte of it. With `first-flight`, only what the client
// said before the server answered: the rest was an answer to something that is another each time.

import { after, seconds } from '../../core/time.ts';
import { formatIpv4, type Ipv4Address } from '../../wire/address.ts';
import { type Program, SocketError, type System } from '../../world/app/program.ts';
import { addressOrHost } from '../../world/sim/scenario/read_networks.ts';
import { booleanOf, entriesOf, field, type Maybe, type Reading } from '../../world/sim/scenario/reading.ts';
import type { AttackKind, AttackPlace, AttackSite, RunningAttack } from '../../world/sim/scenario/registry.ts';
import type { CapturedFrame } from '../../world/view/captured_frame.ts';
import { readPort } from './interception_point.ts';
import { type Heard, heardIn } from './streams.ts';

const KEYS: readonly string[] = ['from', 'to', 'port', 'first-flight'];
const CONNECT_TIME = seconds(10);
/** How long M waits for an answer, which it cannot read anyhow. */
const ANSWER_TIME = seconds(2);

interface ReplayOptions {
  readonly from: Ipv4Address;
  readonly to: Ipv4Address;
  readonly port: number;
  readonly isFirstFlight: boolean;
}

export const REPLAY_STREAM: AttackKind = {
  name: 'replay-stream',
  read: readOptions,
  start: (site, options) => startReplay(site, options as ReplayOptions), // what `read` gave
};

function startReplay({ attacker, now }: AttackSite, options: ReplayOptions): RunningAttack {
  const { to, port } = options;
  const said = saidIn(attacker.heard, options);
  const state = { sent: 0 };
  if (said !== undefined) {
    attacker.spawn('replay-stream', (system) => say(system, to, port, said.bytes, state), true);
    attacker.settle(now);
  }
  return {
    get deeds(): number {
      return state.sent;
    },
    stop: () => undefined,
  };
}

/** The last conversation's side of the client. */
function saidIn(heard: readonly CapturedFrame[], { from, to, port, isFirstFlight }: ReplayOptions): Heard | undefined {
  const [client, server] = [`${formatIpv4(from)}:`, `${formatIpv4(to)}:${port}`];
  const whole = heardIn(heard);
  const said = whole.findLast(({ origin }) => origin.startsWith(client) && origin.endsWith(` to ${server}`));
  if (said === undefined || !isFirstFlight) return said;
  const [end] = said.origin.split(' to ');
  const answer = `${server} to ${end}`;
  // Up to the first frame in which the server says something.
  for (let count = 1; count <= heard.length; count++) {
    if (!heardIn(heard.slice(count - 1, count)).some(({ origin }) => origin === answer)) continue;
    return heardIn(heard.slice(0, count)).findLast(({ origin }) => origin === said.origin);
  }
  return said;
}

function* say(
  system: System,
  to: Ipv4Address,
  port: number,
  bytes: Uint8Array,
  state: { sent: number },
): Program<void> {
  const socket = system.tcp();
  try {
    yield* socket.connect(to, port, after(system.now, CONNECT_TIME));
    yield* socket.write(bytes);
    state.sent++;
    const deadline = after(system.now, ANSWER_TIME);
    while ((yield* socket.read(undefined, deadline)) !== undefined);
  } catch (error) {
    if (!(error instanceof SocketError)) throw error; // the server has had enough, or says nothing more
  } finally {
    socket.close();
  }
}

function readOptions(reading: Reading, options: Maybe, place: AttackPlace): ReplayOptions | undefined {
  const { directory, attacker, span } = place;
  for (const [key, { key: at }] of entriesOf(options)) {
    if (KEYS.includes(key)) continue;
    reading.problem(at, 'unknown-key', `unknown key "${key}" of replay-stream`, `known keys: ${KEYS.join(', ')}`);
  }
  const own = directory.attackers.get(attacker) ?? [];
  const port = readPort(reading, options, place, 'replay-stream');
  const [from, to] = ['from', 'to'].map((key) => {
    const node = field(options, key);
    if (node === undefined) reading.problem(span, 'missing-key', `replay-stream needs "${key}"`, `write ${key}: alice`);
    return addressOrHost(reading, directory, own, node);
  });
  return from === undefined || to === undefined || port === undefined
    ? undefined
    : { from, to, port, isFirstFlight: booleanOf(field(options, 'first-flight')) ?? false };
}
