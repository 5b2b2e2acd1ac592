// Machines for programs alone: sockets without a stack, on wires that take 10 ms and lose what a test wants lost. Virtual
// time; every datagram and every segment of a stream is told to `watch`.

import { Random } from '../../src/core/random.ts';
import { after, type Duration, type Instant, milliseconds, NEVER, START } from '../../src/core/time.ts';
import { formatIpAddress, type IpAddress } from '../../src/wire/address.ts';
import {
  type Datagram,
  type EchoSocket,
  type Endpoint,
  type Process,
  type Program,
  SocketError,
  type System,
  type TcpListener,
  type TcpSocket,
  type UdpSocket,
} from '../../src/world/app/program.ts';

export interface BenchPacket {
  readonly transport: 'udp' | 'tcp';
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly data: Uint8Array;
}

const DELAY = milliseconds(10);

export class ProgramBench {
  now: Instant = START;
  /** Told of each packet as it is sent; true: it is lost. */
  watch: (packet: BenchPacket) => boolean = () => false;
  readonly machines = new Map<IpAddress, BenchMachine>();
  private readonly events: { readonly at: Instant; readonly action: () => void }[] = [];

  machine(name: string, address: IpAddress): BenchMachine {
    const machine = new BenchMachine(this, name, address, Random.fromSeed(1).fork(name));
    this.machines.set(address, machine);
    return machine;
  }

  at(at: Instant, action: () => void): void {
    let i = this.events.length;
    while (i > 0 && (this.events[i - 1]?.at ?? 0) > at) i--;
    this.events.splice(i, 0, { at, action });
  }

  /** Lets a datagram arrive as if it came from anywhere. */
  deliver(packet: BenchPacket): void {
    this.at(after(this.now, DELAY), () => {
      const machine = this.machines.get(packet.to.address);
      const isTaken = machine?.receive(packet) === true;
      if (machine !== undefined && !isTaken) this.machines.get(packet.from.address)?.refused(packet);
    });
  }

  send(packet: BenchPacket): void {
    if (!this.watch(packet)) this.deliver(packet);
  }

  /** Until nothing is left to happen, or until `limit`. */
  run(limit: Instant = NEVER): void {
    for (;;) {
      for (const machine of this.machines.values()) machine.step();
      const wake = Math.min(...[...this.machines.values()].map((machine) => machine.nextDeadline())) as Instant;
      const next = this.events[0];
      const at = Math.min(wake, next?.at ?? NEVER) as Instant;
      if (at === NEVER || at > limit) return;
      this.now = Math.max(this.now, at) as Instant;
      if (next !== undefined && next.at <= this.now) {
        this.events.shift();
        next.action();
      }
    }
  }

  /** Runs a program to its end and returns what it returned. */
  result<Result>(machine: BenchMachine, program: Program<Result>, limit: Instant = NEVER): Result {
    let result: { readonly value: Result } | undefined;
    machine.failure = undefined;
    machine.spawn(
      'test',
      (function* (): Program<void> {
        result = { value: yield* program };
      })(),
    );
    this.run(limit);
    if (result === undefined) throw machine.failure ?? new Error('the program did not come to an end');
    return result.value;
  }
}

class BenchProcess implements Process {
  isDone = false;
  wakeAt: Instant = START;
  readonly id: number;
  readonly name: string;
  readonly program: Program<unknown>;
  private readonly machine: BenchMachine;

  constructor(id: number, name: string, program: Program<unknown>, machine: BenchMachine) {
    this.id = id;
    this.name = name;
    this.program = program;
    this.machine = machine;
  }

  resume(now: Instant): void {
    try {
      const { done, value } = this.program.next(now);
      if (done) this.end();
      else this.wakeAt = value;
    } catch (error) {
      if (!(error instanceof SocketError)) this.machine.failure ??= error as Error;
      this.end();
    }
  }

  kill(): void {
    if (this.isDone) return;
    this.end();
    try {
      this.program.throw(new SocketError('ECONNABORTED', 'killed'));
    } catch {
      // that is how it ends
    }
  }

  private end(): void {
    this.isDone = true;
    this.machine.isStirred = true;
  }
}

export class BenchMachine implements System {
  readonly hostName: string;
  readonly random: Random;
  readonly wallTime = 0;
  readonly address: IpAddress;
  readonly bench: ProgramBench;
  isStirred = false;
  /** The first thing a program threw that was no outcome of a socket. */
  failure: Error | undefined;
  readonly processes: BenchProcess[] = [];
  readonly udpSockets: BenchUdpSocket[] = [];
  readonly listeners = new Map<number, BenchListener>();
  readonly tcpSockets = new Set<BenchTcpSocket>();
  private nextId = 1;

  constructor(bench: ProgramBench, hostName: string, address: IpAddress, random: Random) {
    this.bench = bench;
    this.hostName = hostName;
    this.address = address;
    this.random = random;
  }

  get now(): Instant {
    return this.bench.now;
  }

  udp(): UdpSocket {
    return new BenchUdpSocket(this);
  }

  tcp(): TcpSocket {
    return new BenchTcpSocket(this);
  }

  listen(_address: IpAddress | undefined, port: number): TcpListener {
    if (this.listeners.has(port)) throw new SocketError('EADDRINUSE', String(port));
    const listener = new BenchListener(this, port);
    this.listeners.set(port, listener);
    return listener;
  }

  echo(): EchoSocket {
    throw new Error('no echo here');
  }

  *sleep(duration: Duration): Program<void> {
    const until = after(this.now, duration);
    while (this.now < until) yield until;
  }

  spawn(name: string, program: Program<unknown>): Process {
    const process = new BenchProcess(this.nextId++, name, program, this);
    this.processes.push(process);
    this.isStirred = true;
    return process;
  }

  *join(process: Process, deadline: Instant = NEVER): Program<boolean> {
    while (!process.isDone && this.now < deadline) yield deadline;
    return process.isDone;
  }

  // biome-ignore lint/correctness/useYield: it always fails
  *getAddressInfo(): Program<readonly Endpoint[]> {
    throw new SocketError('ENOTFOUND', 'no names here');
  }

  *work(duration: Duration): Program<void> {
    yield* this.sleep(duration);
  }

  freePort(): number {
    return 49_152 + this.random.below(16_384);
  }

  receive(packet: BenchPacket): boolean {
    const { from, to, data } = packet;
    const socket = this.udpSockets.find(
      ({ local, remote }) =>
        local?.port === to.port &&
        (remote === undefined || (remote.address === from.address && remote.port === from.port)),
    );
    socket?.inbox.push({ ...from, data, to: to.address });
    this.isStirred = true;
    return socket !== undefined;
  }

  refused(packet: BenchPacket): void {
    const socket = this.udpSockets.find(
      ({ local, remote }) => local?.port === packet.from.port && remote !== undefined,
    );
    if (socket !== undefined) socket.error = new SocketError('ECONNREFUSED', formatIpAddress(packet.to.address));
    this.isStirred = true;
  }

  step(): void {
    for (let isFirst = true; isFirst || this.isStirred; isFirst = false) {
      const wasStirred = this.isStirred;
      this.isStirred = false;
      for (const process of [...this.processes]) {
        if (!process.isDone && (wasStirred || process.wakeAt <= this.now)) process.resume(this.now);
      }
      const living = this.processes.filter((process) => !process.isDone);
      this.processes.splice(0, this.processes.length, ...living);
    }
  }

  nextDeadline(): Instant {
    return Math.min(NEVER, ...this.processes.map((process) => process.wakeAt)) as Instant;
  }
}

class BenchUdpSocket implements UdpSocket {
  local: Endpoint | undefined;
  remote: Endpoint | undefined;
  error: SocketError | undefined;
  readonly inbox: Datagram[] = [];
  private readonly machine: BenchMachine;

  constructor(machine: BenchMachine) {
    this.machine = machine;
  }

  bind(_address: IpAddress | undefined, port: number): void {
    if (this.machine.udpSockets.some(({ local }) => local?.port === port)) {
      throw new SocketError('EADDRINUSE', String(port));
    }
    this.local = { address: this.machine.address, port: port === 0 ? this.machine.freePort() : port };
    this.machine.udpSockets.push(this);
  }

  connect(address: IpAddress, port: number): void {
    this.remote = { address, port };
  }

  allowBroadcast(): void {}

  send(data: Uint8Array): void {
    if (this.remote === undefined) throw new SocketError('EDESTADDRREQ', '');
    this.sendTo(data, this.remote.address, this.remote.port);
  }

  sendTo(data: Uint8Array, address: IpAddress, port: number): void {
    if (this.local === undefined) this.bind(undefined, 0);
    if (this.local === undefined) return;
    this.machine.bench.send({ transport: 'udp', from: this.local, to: { address, port }, data });
  }

  *receive(deadline: Instant = NEVER): Program<Datagram | undefined> {
    for (;;) {
      const { error } = this;
      this.error = undefined;
      if (error !== undefined) throw error;
      const datagram = this.inbox.shift();
      if (datagram !== undefined || this.machine.now >= deadline) return datagram;
      yield deadline;
    }
  }

  close(): void {
    const at = this.machine.udpSockets.indexOf(this);
    if (at >= 0) this.machine.udpSockets.splice(at, 1);
  }
}

class BenchListener implements TcpListener {
  readonly local: Endpoint;
  readonly waiting: BenchTcpSocket[] = [];
  private readonly machine: BenchMachine;

  constructor(machine: BenchMachine, port: number) {
    this.machine = machine;
    this.local = { address: machine.address, port };
  }

  *accept(deadline: Instant = NEVER): Program<TcpSocket | undefined> {
    for (;;) {
      const socket = this.waiting.shift();
      if (socket !== undefined || this.machine.now >= deadline) return socket;
      yield deadline;
    }
  }

  close(): void {
    this.machine.listeners.delete(this.local.port);
  }
}

class BenchTcpSocket implements TcpSocket {
  local: Endpoint | undefined;
  remote: Endpoint | undefined;
  private peer: BenchTcpSocket | undefined;
  private error: SocketError | undefined;
  private isEnded = false;
  private received: Uint8Array[] = [];
  private readonly machine: BenchMachine;

  constructor(machine: BenchMachine) {
    this.machine = machine;
  }

  bind(): void {}

  *connect(address: IpAddress, port: number, deadline: Instant = NEVER): Program<void> {
    const local = { address: this.machine.address, port: this.machine.freePort() };
    this.local = local;
    this.remote = { address, port };
    const { bench } = this.machine;
    this.later(2, () => {
      const listener = bench.machines.get(address)?.listeners.get(port);
      const machine = bench.machines.get(address);
      if (machine === undefined) return;
      if (listener === undefined) this.error = new SocketError('ECONNREFUSED', '');
      else {
        const other = new BenchTcpSocket(machine);
        other.local = { address, port };
        other.remote = local;
        other.peer = this;
        this.peer = other;
        listener.waiting.push(other);
        machine.tcpSockets.add(other);
        this.machine.tcpSockets.add(this);
        machine.isStirred = true;
      }
      this.machine.isStirred = true;
    });
    while (this.peer === undefined) {
      if (this.error !== undefined) throw this.error;
      if (this.machine.now >= deadline) throw new SocketError('ETIMEDOUT', '');
      yield deadline;
    }
  }

  *read(limit = 65_536, deadline: Instant = NEVER): Program<Uint8Array | undefined> {
    for (;;) {
      const piece = this.received.shift();
      if (piece !== undefined) {
        if (piece.length > limit) this.received.unshift(piece.subarray(limit));
        return piece.subarray(0, limit);
      }
      if (this.error !== undefined) throw this.error;
      if (this.isEnded) return undefined;
      if (this.machine.now >= deadline) throw new SocketError('EAGAIN', '');
      yield deadline;
    }
  }

  *readInto(buffer: Uint8Array, deadline?: Instant): Program<number> {
    const data = yield* this.read(buffer.length, deadline);
    if (data !== undefined) buffer.set(data);
    return data?.length ?? 0;
  }

  writeLast(data: Uint8Array): void {
    this.write(data).next();
  }

  *write(data: Uint8Array): Program<void> {
    if (this.error !== undefined) throw this.error;
    const { local, remote, peer } = this;
    if (local === undefined || remote === undefined || peer === undefined) throw new SocketError('ENOTCONN', '');
    if (this.machine.bench.watch({ transport: 'tcp', from: local, to: remote, data })) return;
    const copy = data.slice();
    this.later(1, () => {
      peer.received.push(copy);
      peer.machine.isStirred = true;
    });
  }

  shutdown(): void {
    const { peer } = this;
    this.later(1, () => {
      if (peer === undefined) return;
      peer.isEnded = true;
      peer.machine.isStirred = true;
    });
  }

  close(): void {
    this.shutdown();
    this.machine.tcpSockets.delete(this);
  }

  abort(): void {
    const { peer } = this;
    this.machine.tcpSockets.delete(this);
    this.later(1, () => {
      if (peer === undefined) return;
      peer.error = new SocketError('ECONNRESET', '');
      peer.machine.isStirred = true;
    });
  }

  private later(times: number, action: () => void): void {
    this.machine.bench.at(after(this.machine.now, (DELAY * times) as Duration), action);
  }
}
