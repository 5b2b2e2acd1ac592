// The worlds that are measured: two hosts and a router; a router with many hosts around it.

import { microseconds, milliseconds, START } from '../src/core/time.ts';
import { Cable, type CableOptions } from '../src/stack/link/cable.ts';
import { type Ipv4Address, UNSPECIFIED_IPV4 } from '../src/wire/address.ts';
import type { Program, System, TcpSocket } from '../src/world/app/program.ts';
import type { Host } from '../src/world/host/host.ts';
import { World } from '../src/world/sim/world.ts';

// One object for all cables, so that what a machine takes is not measured with the benchmark's own.
const TEN_GIGABIT: CableOptions = { delay: milliseconds(1), rate: 10e9, queueBytes: 64 * 1024 * 1024 };

const address = (a: number, b: number, c: number, d: number): Ipv4Address =>
  ((a << 24) | (b << 16) | (c << 8) | d) as Ipv4Address;

function join(world: World, a: Host, b: Host, name: string): { readonly a: number; readonly b: number } {
  const ends = [a, b].map((host, i) => {
    const link = (0x0200_0000_0000 + host.node * 0x1_0000 + host.network.interfaces.length * 2 + i) as never;
    return host.addInterface(name, link);
  });
  const [endA, endB] = ends;
  if (endA === undefined || endB === undefined) throw new Error('two ends');
  const cable = new Cable(
    world,
    { device: a, port: endA.index },
    { device: b, port: endB.index },
    world.random.fork(name),
    TEN_GIGABIT,
  );
  endA.transmitter = cable.forward;
  endB.transmitter = cable.backward;
  return { a: endA.index, b: endB.index };
}

function configure(host: Host, index: number, own: Ipv4Address, prefixLength: number, gateway?: Ipv4Address): void {
  host.network.setAddresses(START, index, [{ address: own, prefixLength }]);
  const egress = host.network.interfaces[index];
  if (gateway === undefined || egress === undefined) return;
  host.network.routes.add(START, { destination: UNSPECIFIED_IPV4, prefixLength: 0, gateway, metric: 100, egress });
}

export interface BulkResult {
  readonly received: number;
  readonly events: number;
  readonly virtualSeconds: number;
}

/** A sends `bytes` to B through a router over 10 Gbit/s links of 1 ms; every checksum is computed and verified. */
export function runBulk(bytes: number, window: number): BulkResult {
  const world = new World({ seed: 1, isCapturing: false });
  const a = world.addHost('a');
  const router = world.addHost('router');
  const b = world.addHost('b');
  router.network.isForwarding = true;
  const left = join(world, a, router, 'left');
  const right = join(world, router, b, 'right');
  configure(a, left.a, address(10, 0, 1, 2), 24, address(10, 0, 1, 1));
  configure(router, left.b, address(10, 0, 1, 1), 24);
  configure(router, right.a, address(10, 0, 2, 1), 24);
  configure(b, right.b, address(10, 0, 2, 2), 24, address(10, 0, 2, 1));
  for (const host of [a, b]) {
    host.tcpOptions = { ...host.tcp.acceptedOptions, sendBuffer: window, receiveBuffer: window };
    host.tcp.acceptedOptions = { ...host.tcp.acceptedOptions, sendBuffer: window, receiveBuffer: window };
  }
  let received = 0;
  b.spawn('sink', function* (system): Program<void> {
    const listener = system.listen(undefined, 5001);
    const socket = yield* listener.accept();
    if (socket === undefined) return;
    const buffer = new Uint8Array(256 * 1024);
    for (;;) {
      const count = yield* socket.readInto(buffer);
      if (count === 0) break;
      received += count;
    }
    socket.close();
    listener.close();
  });
  b.settle(START);
  a.spawn('source', (system) => source(system, bytes));
  a.settle(START);
  while (world.isAlive) world.step();
  if (received !== bytes) throw new Error(`sent ${bytes} bytes, received ${received}`);
  return { received, events: world.eventCount, virtualSeconds: world.now / 1e9 };
}

function* source(system: System, bytes: number): Program<void> {
  const socket = system.tcp();
  yield* socket.connect(address(10, 0, 2, 2), 5001);
  const piece = new Uint8Array(64 * 1024);
  system.random.fill(piece);
  for (let sent = 0; sent < bytes; sent += piece.length) {
    yield* socket.write(sent + piece.length <= bytes ? piece : piece.subarray(0, bytes - sent));
  }
  socket.close();
}

export interface Star {
  readonly world: World;
  readonly hosts: readonly Host[];
  readonly completed: () => number;
}

/** `count` hosts, each on a cable of its own to one router, and a server behind it. */
export function buildStar(count: number): Star {
  const world = new World({ seed: 1, isCapturing: false });
  const router = world.addHost('router');
  router.network.isForwarding = true;
  const server = world.addHost('server');
  const trunk = join(world, server, router, 'trunk');
  const serverAddress = address(192, 168, 0, 2);
  configure(server, trunk.a, serverAddress, 24, address(192, 168, 0, 1));
  configure(router, trunk.b, address(192, 168, 0, 1), 24);
  server.spawn('server', (system) => answering(system), true);
  server.settle(START);
  let completed = 0;
  const complete = (): void => {
    completed++;
  };
  const hosts: Host[] = [];
  for (let i = 0; i < count; i++) {
    const host = world.addHost(`h${i}`);
    const link = join(world, host, router, `n${i}`);
    const net = 0x0a00_0000 + i * 4;
    configure(host, link.a, (net + 2) as Ipv4Address, 30, (net + 1) as Ipv4Address);
    configure(router, link.b, (net + 1) as Ipv4Address, 30);
    hosts.push(host);
  }
  hosts.forEach((host, i) => {
    host.spawn('client', (system) => asking(system, i, serverAddress, complete));
    host.settle(START);
  });
  return { world, hosts, completed: () => completed };
}

const REQUEST = new Uint8Array(100).fill(0x71);
const RESPONSE = new Uint8Array(1000).fill(0x61);

// One generator function for all machines: one that is written inside another is made anew with each call, and with it its
// prototype, which takes the engine several microseconds.
function* asking(system: System, i: number, server: Ipv4Address, complete: () => void): Program<void> {
  yield* system.sleep(microseconds(100 + i * 1000));
  const socket = system.tcp();
  yield* socket.connect(server, 80);
  yield* socket.write(REQUEST);
  let received = 0;
  for (let data = yield* socket.read(); data !== undefined; data = yield* socket.read()) received += data.length;
  if (received !== RESPONSE.length) throw new Error(`expected ${RESPONSE.length} bytes, received ${received}`);
  socket.close();
  complete();
}

function* answering(system: System): Program<void> {
  const listener = system.listen(undefined, 80, 1024);
  for (;;) {
    const socket = yield* listener.accept();
    if (socket === undefined) return;
    system.spawn('worker', answer(socket));
  }
}

function* answer(socket: TcpSocket): Program<void> {
  yield* socket.read();
  yield* socket.write(RESPONSE);
  socket.close();
}
