// One machine: its network stack, its programs, and the order in which they get their turn.
//
//   frame or deadline --> stack --> sockets with news --> their programs --> stack sends --> ... until all is quiet
//
// A machine is lean: whatever it does not use is not made. Not here: what its programs do, and how machines are wired up.

import type { Arena } from '../../core/arena.ts';
import { EventKind, type EventQueue, EventSource, eventRank } from '../../core/event_queue.ts';
import type { Journal } from '../../core/journal.ts';
import type { Random, RandomForks } from '../../core/random.ts';
import { type Instant, NEVER } from '../../core/time.ts';
import type { CryptoProvider } from '../../secure/crypto/provider.ts';
import type { Device } from '../../stack/link/device.ts';
import { NetworkInterface } from '../../stack/net/network_interface.ts';
import { NetworkLayer } from '../../stack/net/network_layer.ts';
import type { PacketGate } from '../../stack/net/packet_gate.ts';
import { EchoLayer } from '../../stack/transport/echo_layer.ts';
import { TcpLayer } from '../../stack/transport/tcp/tcp_layer.ts';
import type { TcpOptionsOfConnection, TcpSettings } from '../../stack/transport/tcp/tcp_settings.ts';
import { UdpLayer } from '../../stack/transport/udp_layer.ts';
import type { IpAddress, LinkAddress } from '../../wire/address.ts';
import { ICMP_PROTOCOL } from '../../wire/icmp.ts';
import { TCP_PROTOCOL } from '../../wire/tcp.ts';
import type { Endpoint, Program, System } from '../app/program.ts';
import type { Capacity } from './capacity.ts';
import { HostExtras, NO_SERVERS } from './host_extras.ts';
import { HostProcess } from './process.ts';
import { ProcessSystem } from './process_system.ts';
import { TlsLayer } from './tls_layer.ts';
import type { Waitable } from './waitable.ts';

/** Turns of programs within one instant after which something is taken to spin. */
const MAX_TURNS = 1_000_000;

// Timers stand behind all interfaces where several things happen at the same time.
const TIMER_PORT = 0xffff;

/** What a machine needs of the world around it. */
export interface HostWorld {
  readonly arena: Arena;
  readonly queue: EventQueue;
  readonly journal: Journal | undefined;
  /** The time of the latest event. */
  readonly now: Instant;
  /** Milliseconds since 1970 at the start of the world. */
  readonly wallStart: number;
  /** The root of all randomness. */
  readonly random: Random;
  readonly crypto: CryptoProvider;
  /** A line of a key log: by it whoever captures can read a connection of TLS. */
  tellTlsSecret(line: string): void;
  /** A program failed in a way that it was not ready for. */
  programFailed(host: Host, process: HostProcess): void;
}

/** A protocol machine that runs beside the sockets: a DHCP client, link-local addressing. */
export interface HostAgent {
  handleTimeout(now: Instant): void;
  /** Called whenever the machine is about to be quiet: it may have something to send. Returns whether it did anything. */
  poll(now: Instant): boolean;
  pollTimeout(): Instant;
  pollBackgroundTimeout(): Instant;
}

// What keeps the world alive: made by the first such deadline, and gone when there is none.
class HostTimer extends EventSource {
  private readonly host: Host;

  constructor(host: Host) {
    super();
    this.host = host;
  }

  override get rank(): number {
    return eventRank(this.host.node, TIMER_PORT, EventKind.Timer);
  }

  override fire(now: Instant): void {
    this.host.handleTimeout(now, this);
  }
}

/** Stands in the world's queue by itself for what does not keep the world alive: nearly always something ages. */
export class Host extends EventSource implements Device {
  readonly node: number;
  readonly name: string;
  readonly world: HostWorld;
  readonly network: NetworkLayer;
  readonly tcp: TcpLayer;
  /** Turned off: frames are not heard, nothing runs. */
  isDown = false;
  /** The process that is running at the moment. */
  current: HostProcess | undefined;
  // The process whose turn is next; those behind it are nearly always none.
  private next: HostProcess | undefined;
  private extras: HostExtras | undefined;
  private processTable: Map<number, HostProcess> | undefined;
  private nextProcessId = 1;
  private timer: HostTimer | undefined;
  private isSettling = false;

  constructor(world: HostWorld, node: number, name: string, tcpSettings?: TcpSettings) {
    super();
    this.world = world;
    this.node = node;
    this.name = name;
    this.network = new NetworkLayer(this);
    this.tcp = new TcpLayer(this, tcpSettings);
    this.network.registerTransport(TCP_PROTOCOL, this.tcp);
  }

  override get rank(): number {
    return eventRank(this.node, TIMER_PORT, EventKind.BackgroundTimer);
  }

  override get isBackground(): boolean {
    return true;
  }

  override fire(now: Instant): void {
    this.handleTimeout(now, this);
  }

  /** The present instant. */
  get now(): Instant {
    return this.world.now;
  }

  // What the layers ask of their machine.

  get arena(): Arena {
    return this.world.arena;
  }

  get journal(): Journal | undefined {
    return this.world.journal;
  }

  get hostName(): string {
    return this.name;
  }

  get sender(): NetworkLayer {
    return this.network;
  }

  /** What its layers fork theirs from. Not kept: a fork is the same each time. */
  get random(): RandomForks {
    return this.world.random.fork(`host ${this.name}`);
  }

  /** What its programs draw from, made on first use. */
  get programRandom(): Random {
    const extras = this.madeExtras;
    extras.programRandom ??= this.world.random.fork(`host ${this.name}`);
    return extras.programRandom;
  }

  get udp(): UdpLayer {
    const extras = this.madeExtras;
    extras.udp ??= new UdpLayer(this);
    return extras.udp;
  }

  get echo(): EchoLayer {
    const extras = this.madeExtras;
    if (extras.echo === undefined) {
      extras.echo = new EchoLayer(this);
      this.network.registerTransport(ICMP_PROTOCOL, extras.echo);
    }
    return extras.echo;
  }

  /** Its programs may bind ports below 1024. */
  get isPrivileged(): boolean {
    return this.extras?.isPrivileged ?? true;
  }

  set isPrivileged(isPrivileged: boolean) {
    if (isPrivileged !== this.isPrivileged) this.madeExtras.isPrivileged = isPrivileged;
  }

  /** How far its clock is off, in milliseconds. */
  get clockSkew(): number {
    return this.extras?.clockSkew ?? 0;
  }

  set clockSkew(clockSkew: number) {
    if (clockSkew !== this.clockSkew) this.madeExtras.clockSkew = clockSkew;
  }

  get nameServers(): readonly Endpoint[] {
    return this.extras?.nameServers ?? NO_SERVERS;
  }

  set nameServers(servers: readonly Endpoint[]) {
    this.madeExtras.nameServers = servers;
  }

  /** Names that this machine knows without asking, as in /etc/hosts. */
  get knownNames(): ReadonlyMap<string, IpAddress> | undefined {
    return this.extras?.knownNames;
  }

  set knownNames(names: ReadonlyMap<string, IpAddress> | undefined) {
    this.madeExtras.knownNames = names;
  }

  get capacity(): Capacity | undefined {
    return this.extras?.capacity;
  }

  set capacity(capacity: Capacity | undefined) {
    this.madeExtras.capacity = capacity;
  }

  /** What its TCP connections are set to, where it differs from the usual. */
  get tcpOptions(): Partial<TcpOptionsOfConnection> | undefined {
    return this.extras?.tcpOptions;
  }

  set tcpOptions(options: Partial<TcpOptionsOfConnection> | undefined) {
    this.madeExtras.tcpOptions = options;
  }

  /** Its firewall and NAT. */
  get gate(): PacketGate | undefined {
    return this.extras?.gate;
  }

  set gate(gate: PacketGate | undefined) {
    this.madeExtras.gate = gate;
  }

  private get madeExtras(): HostExtras {
    this.extras ??= new HostExtras();
    return this.extras;
  }

  get tls(): TlsLayer {
    const extras = this.madeExtras;
    extras.tls ??= new TlsLayer(this);
    return extras.tls;
  }

  /** Whether it has anything to do with TLS. */
  get hasTls(): boolean {
    return this.extras?.tls !== undefined;
  }

  get crypto(): CryptoProvider {
    return this.world.crypto;
  }

  tellTlsSecret(line: string): void {
    this.world.tellTlsSecret(line);
  }

  /** Programs keep to themselves what they read and write over TLS. */
  tellTlsData(_data: Uint8Array, _direction: 'read' | 'written', _peer: Endpoint | undefined): void {}

  /** Milliseconds since 1970 on this machine's clock. */
  get wallTime(): number {
    return this.world.wallStart + this.clockSkew + Math.floor(this.now / 1e6);
  }

  get processes(): readonly HostProcess[] {
    return this.processTable === undefined ? [] : [...this.processTable.values()];
  }

  addInterface(name: string, linkAddress: LinkAddress): NetworkInterface {
    const added = new NetworkInterface(this.network.interfaces.length, name, linkAddress);
    this.network.addInterface(added);
    return added;
  }

  addAgent(agent: HostAgent): void {
    const extras = this.madeExtras;
    extras.agents ??= [];
    extras.agents.push(agent);
  }

  /** Its agents of one kind. */
  agentsOf<Agent extends HostAgent>(kind: new (...args: never[]) => Agent): readonly Agent[] {
    return (this.extras?.agents ?? []).filter((agent): agent is Agent => agent instanceof kind);
  }

  /** Something is still looking for this machine's address: commands wait for it. */
  beginAcquiring(who: object): void {
    const extras = this.madeExtras;
    extras.acquiring ??= new Set();
    extras.acquiring.add(who);
  }

  endAcquiring(who: object): void {
    const { extras } = this;
    extras?.acquiring?.delete(who);
    if (extras?.acquiring?.size !== 0) return;
    extras.acquiring = undefined;
    for (const process of extras.waitingForAddress ?? []) this.makeRunnable(process);
    extras.waitingForAddress = undefined;
  }

  get isReady(): boolean {
    return this.extras?.acquiring === undefined;
  }

  /** Waits until the machine has its address, or the deadline has come. */
  *whenReady(deadline: Instant): Program<boolean> {
    while (!this.isReady && this.now < deadline) {
      const extras = this.madeExtras;
      extras.waitingForAddress ??= [];
      if (this.current !== undefined) extras.waitingForAddress.push(this.current);
      yield deadline;
    }
    return this.isReady;
  }

  /** A frame has arrived whole on interface `port`. */
  receive(now: Instant, port: number, slot: number, isIntact: boolean): void {
    if (this.isDown) {
      this.arena.release(slot);
      return;
    }
    if (this.network.receive(now, port, slot, isIntact)) this.settle(now);
  }

  /** Runs a program. A service's waiting does not keep the world alive. */
  spawn(
    name: string,
    main: (system: System, process: HostProcess) => Program<unknown>,
    isService = false,
  ): HostProcess {
    const process = new HostProcess(this, this.nextProcessId++, name, isService);
    this.processTable ??= new Map();
    this.processTable.set(process.id, process);
    process.start(main(new ProcessSystem(this, process), process));
    return process;
  }

  makeRunnable(process: HostProcess): void {
    if (process.isRunnable || process.isDone) return;
    process.isRunnable = true;
    if (this.next === undefined) this.next = process;
    else {
      const extras = this.madeExtras;
      extras.behind ??= [];
      extras.behind.push(process);
    }
  }

  processEnded(process: HostProcess): void {
    this.processTable?.delete(process.id);
    if (this.processTable?.size === 0) this.processTable = undefined;
    if (process.failure !== undefined) this.world.programFailed(this, process);
  }

  /** Everything that follows at `now` from what has just happened. Each door that touches a machine ends with this. */
  settle(now: Instant): void {
    if (this.isSettling || this.isDown) return;
    this.isSettling = true;
    for (let turns = 0; ; turns++) {
      this.tcp.flush(now);
      const hasDelivered = this.network.flush(now);
      this.wakeWaiting();
      let didAgentsAct = false;
      const agents = this.extras?.agents;
      if (agents !== undefined) for (const agent of agents) didAgentsAct = agent.poll(now) || didAgentsAct;
      if (turns > MAX_TURNS) throw new Error(`a program on ${this.name} spins: it never waits for time to pass`);
      const process = this.next;
      if (process === undefined) {
        if (didAgentsAct || hasDelivered) continue;
        break;
      }
      this.next = this.extras?.behind?.shift();
      process.isRunnable = false;
      this.current = process;
      process.resume(now);
      this.current = undefined;
    }
    this.isSettling = false;
    this.armTimers();
  }

  /** Its own deadline has come, or that of its timer. */
  handleTimeout(now: Instant, due: EventSource): void {
    this.world.queue.schedule(due, NEVER);
    if (this.isDown) return;
    this.network.handleTimeout(now);
    this.tcp.handleTimeout(now);
    for (const agent of this.extras?.agents ?? []) agent.handleTimeout(now);
    this.settle(now);
  }

  /** Power off: programs end without a word, nobody is told of connections that end, and no packet is kept. */
  crash(now: Instant): void {
    this.isDown = true;
    for (const process of this.processes) process.kill();
    this.next = undefined;
    const { extras } = this;
    if (extras !== undefined) {
      extras.behind = undefined;
      extras.agents = undefined;
      extras.acquiring = undefined;
      extras.waitingForAddress = undefined;
    }
    this.tcp.close(now);
    extras?.udp?.closeAll(now);
    extras?.gate?.clear(now);
    this.network.close(now);
    if (this.timer !== undefined) this.world.queue.schedule(this.timer, NEVER);
    this.world.queue.schedule(this, NEVER);
  }

  /** Forgets what a machine does not keep over a restart: addresses, routes. */
  forget(now: Instant): void {
    this.isDown = false;
    for (const { index } of this.network.interfaces) this.network.setAddresses(now, index, []);
    for (const route of this.network.routes.list()) this.network.routes.remove(now, route, 'restart');
  }

  private wakeWaiting(): void {
    for (let ready = this.tcp.pollReady(); ready !== undefined; ready = this.tcp.pollReady()) wake(ready.tag);
    if (this.extras === undefined) return;
    const { udp, echo } = this.extras;
    if (udp !== undefined)
      for (let ready = udp.pollReady(); ready !== undefined; ready = udp.pollReady()) wake(ready.tag);
    if (echo === undefined) return;
    for (let ready = echo.pollReady(); ready !== undefined; ready = echo.pollReady()) wake(ready.tag);
  }

  // Deadlines are lazy: a timer that fires early finds nothing due and looks again.
  private armTimers(): void {
    const { network, tcp } = this;
    this.wakeBy(network.pollTimeout());
    this.wakeBy(tcp.pollTimeout());
    this.wakeInBackgroundBy(network.pollBackgroundTimeout());
    this.wakeInBackgroundBy(tcp.pollBackgroundTimeout());
    const agents = this.extras?.agents;
    if (agents !== undefined) {
      for (const agent of agents) {
        this.wakeBy(agent.pollTimeout());
        this.wakeInBackgroundBy(agent.pollBackgroundTimeout());
      }
    }
    if (this.timer === undefined || this.timer.place >= 0) return;
    this.timer = undefined;
    network.rest();
  }

  private wakeBy(deadline: Instant): void {
    if (deadline === NEVER) return;
    this.timer ??= new HostTimer(this);
    const { queue } = this.world;
    if (queue.isDueAfter(this.timer.place, deadline)) queue.schedule(this.timer, deadline);
  }

  private wakeInBackgroundBy(deadline: Instant): void {
    if (deadline === NEVER) return;
    const { queue } = this.world;
    if (queue.isDueAfter(this.place, deadline)) queue.schedule(this, deadline);
  }
}

const wake = (tag: unknown): void => (tag as Waitable | undefined)?.wakeAll();
