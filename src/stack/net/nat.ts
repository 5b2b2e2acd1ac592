// Network address translation: the addresses of an inside network behind one outside address (NAPT, RFC 3022 §4; how it
// must behave: RFC 4787 for UDP, RFC 5382 for TCP, RFC 5508 for ICMP).
//
//   inside 192.168.1.5:43222  <--binding-->  outside port 54033      one binding, any number of sessions
//
// A binding lives as long as one of its sessions, which connection tracking keeps. Not here: the rewriting of packets.

import type { Random } from '../../core/random.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import type { ConntrackEntry } from './conntrack.ts';
import type { Flow } from './flow.ts';

/** RFC 4787 §4.1 and §5. */
export type NatBehaviour = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent';

export interface NatOptions {
  /** Indexes of the interfaces whose networks are hidden. */
  readonly inside: readonly number[];
  readonly outside: number;
  /** Which packets of an inside endpoint share an outside port. */
  readonly mapping: NatBehaviour;
  /** Who may send to an outside port that is bound. */
  readonly filtering: NatBehaviour;
  /** Outside ports to use, both included. */
  readonly firstPort: number;
  readonly lastPort: number;
}

export interface NatBinding {
  readonly protocol: number;
  readonly inside: Ipv4Address;
  readonly insidePort: number;
  readonly outsidePort: number;
  /** Its key among those of one inside endpoint: with whom it may be shared. */
  readonly key: string;
  /** Live sessions through it. */
  readonly sessions: Set<ConntrackEntry>;
}

/** Ports that are tried at random before the range is searched from there on. */
const RANDOM_TRIES = 16;

export class Nat {
  readonly options: NatOptions;
  private readonly random: Random;
  // Both are asked for once a session, not once a packet: text keys are plain enough.
  private readonly byInside = new Map<string, NatBinding>();
  private readonly byOutside = new Map<string, NatBinding>();
  // A session between two inside machines has two: it goes out through one and comes in through the other.
  private readonly ofSession = new Map<ConntrackEntry, readonly NatBinding[]>();

  constructor(options: NatOptions, random: Random) {
    this.options = options;
    this.random = random;
  }

  /** Ports that are bound at the moment. */
  get size(): number {
    return this.byOutside.size;
  }

  isInside(interfaceIndex: number): boolean {
    return this.options.inside.includes(interfaceIndex);
  }

  /**
   * The binding for a session that goes out. Nothing when all ports of the range are bound.
   *
   * @param isTaken ports that the machine itself uses
   */
  bind(entry: ConntrackEntry, flow: Flow, isTaken: (port: number) => boolean): NatBinding | undefined {
    const key = this.insideKey(flow);
    let binding = this.byInside.get(key);
    if (binding === undefined) {
      const outsidePort = this.choosePort(flow.protocol, isTaken);
      if (outsidePort === undefined) return undefined;
      const { protocol, source: inside, sourcePort: insidePort } = flow;
      binding = { protocol, inside, insidePort, outsidePort, key, sessions: new Set() };
      this.byInside.set(key, binding);
      this.byOutside.set(outsideKey(protocol, outsidePort), binding);
    }
    this.join(binding, entry);
    return binding;
  }

  /**
   * The binding through which a packet to the outside address may come in; `flow` is the packet's.
   *
   * @param isFromInside filters are about the outside: an inside machine may use any binding (RFC 4787 §6, REQ-9)
   */
  admit(flow: Flow, isFromInside: boolean): NatBinding | undefined {
    const binding = this.byOutside.get(outsideKey(flow.protocol, flow.destinationPort));
    if (binding === undefined || isFromInside) return binding;
    if (this.options.filtering === 'endpoint-independent') return binding;
    for (const { original } of binding.sessions) {
      if (original.destination !== flow.source) continue;
      if (this.options.filtering === 'address-dependent' || original.destinationPort === flow.sourcePort)
        return binding;
    }
    return undefined;
  }

  /** Whether an outside port is bound at all: then a packet that is not admitted was filtered. */
  isBound(protocol: number, port: number): boolean {
    return this.byOutside.has(outsideKey(protocol, port));
  }

  /** A session lives through a binding, and keeps it. */
  join(binding: NatBinding, entry: ConntrackEntry): void {
    if (binding.sessions.has(entry)) return;
    binding.sessions.add(entry);
    this.ofSession.set(entry, [...(this.ofSession.get(entry) ?? []), binding]);
  }

  /** A session has ended: a binding goes with its last one. */
  end(entry: ConntrackEntry): void {
    for (const binding of this.ofSession.get(entry) ?? []) {
      binding.sessions.delete(entry);
      if (binding.sessions.size > 0) continue;
      this.byInside.delete(binding.key);
      this.byOutside.delete(outsideKey(binding.protocol, binding.outsidePort));
    }
    this.ofSession.delete(entry);
  }

  private insideKey({ protocol, source, sourcePort, destination, destinationPort }: Flow): string {
    const endpoint = `${protocol} ${source} ${sourcePort}`;
    if (this.options.mapping === 'endpoint-independent') return endpoint;
    const address = `${endpoint} ${destination}`;
    return this.options.mapping === 'address-dependent' ? address : `${address} ${destinationPort}`;
  }

  // RFC 6056 §3.3.1: at random, since a port that can be guessed can be aimed at.
  private choosePort(protocol: number, isTaken: (port: number) => boolean): number | undefined {
    const { firstPort, lastPort } = this.options;
    const count = lastPort - firstPort + 1;
    const isFree = (port: number): boolean => !this.byOutside.has(outsideKey(protocol, port)) && !isTaken(port);
    let port = firstPort;
    for (let tried = 0; tried < RANDOM_TRIES; tried++) {
      port = firstPort + this.random.below(count);
      if (isFree(port)) return port;
    }
    for (let tried = 0; tried < count; tried++) {
      port = port === lastPort ? firstPort : port + 1;
      if (isFree(port)) return port;
    }
    return undefined;
  }
}

const outsideKey = (protocol: number, port: number): string => `${protocol} ${port}`;
