// Firewall and NAT on a machine's packets: what netfilter is to Linux. Connection tracking comes first, then rules decide
// about new connections, then NAT rewrites what belongs to a translated one.
//
//   in --> track, destination back to inside --> rules --> source to outside --> out
//
// Order within a machine as in packet_hooks.ts. Not here: the language of rules, ports and bindings, checksums.

import type { Arena } from '../../core/arena.ts';
import { DropReason } from '../../core/drop_reason.ts';
import type { Journal } from '../../core/journal.ts';
import type { RandomForks } from '../../core/random.ts';
import type { Instant } from '../../core/time.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import { checksumOf } from '../../wire/checksum.ts';
import { ICMP_HEADER_LENGTH, ICMP_PROTOCOL, IcmpType, icmpType, setIcmpChecksum } from '../../wire/icmp.ts';
import { ipv4Destination, ipv4HeaderLength, ipv4Protocol, ipv4Source } from '../../wire/ipv4.ts';
import { TCP_HEADER_LENGTH, TCP_PROTOCOL, TcpFlag, tcpFlags } from '../../wire/tcp.ts';
import {
  Conntrack,
  type ConntrackEntry,
  type ConntrackTimeouts,
  DEFAULT_TIMEOUTS,
  type Direction,
} from './conntrack.ts';
import {
  type FirewallAction,
  type FirewallChain,
  type FirewallRule,
  type PacketState,
  ruleFits,
} from './firewall_rules.ts';
import { emptyFlow, quotedPacket, readFlow, reversed } from './flow.ts';
import { Nat, type NatBinding, type NatOptions } from './nat.ts';
import { ACCEPT, type HookVerdict, type PacketHooks } from './packet_hooks.ts';
import { type End, rewriteEnd } from './rewrite.ts';

/** What it needs of its machine. */
export interface GateHost {
  readonly arena: Arena;
  readonly random: RandomForks;
  readonly journal: Journal | undefined;
  readonly hostName: string;
  interfaceName(index: number): string;
  /** The IPv4 address of an interface. */
  addressOf(index: number): Ipv4Address | undefined;
  isLocal(address: Ipv4Address): boolean;
  /** Whether a program of the machine itself uses this port. */
  isPortTaken(protocol: number, port: number): boolean;
}

export interface FirewallOptions {
  readonly policy: Readonly<Record<FirewallChain, FirewallAction>>;
  readonly rules: readonly FirewallRule[];
}

export class PacketGate implements PacketHooks {
  readonly conntrack: Conntrack;
  readonly nat: Nat | undefined;
  readonly firewall: FirewallOptions | undefined;
  private readonly host: GateHost;
  private readonly flow = emptyFlow();
  private readonly quoted = emptyFlow();
  // What is known of the packet that is on its way at the moment.
  private slot = -1;
  private entry: ConntrackEntry | undefined;
  private direction: Direction = 'original';
  private state: PacketState = 'invalid';
  private flags = 0;
  /** Where it came in; -1: from this machine's own programs. */
  private from = -1;
  /** Through which binding it came in, while that is no session yet. */
  private admitted: NatBinding | undefined;

  constructor(host: GateHost, firewall?: FirewallOptions, nat?: NatOptions, timeouts?: ConntrackTimeouts) {
    this.host = host;
    this.firewall = firewall;
    const seed = host.random.fork('conntrack').nextUint32();
    this.conntrack = new Conntrack(timeouts ?? DEFAULT_TIMEOUTS, host.hostName, seed, host.journal);
    this.nat = nat === undefined ? undefined : new Nat(nat, host.random.fork('nat'));
  }

  prerouting(now: Instant, slot: number, from: number): HookVerdict {
    this.track(now, slot);
    const { entry, nat } = this;
    if (entry === undefined) return ACCEPT;
    if (this.state === 'new' && nat !== undefined && !entry.isConfirmed)
      return this.admitInbound(entry, nat, slot, from);
    if (entry.nat === 'none') return ACCEPT;
    if (this.direction === 'reply' && entry.nat !== 'destination') {
      this.translate(slot, 'destination', entry.original.source, entry.original.sourcePort);
    } else if (this.direction === 'original' && entry.nat !== 'source') {
      this.translate(slot, 'destination', entry.reply.source, entry.reply.sourcePort);
    }
    return ACCEPT;
  }

  input(now: Instant, slot: number, from: number): HookVerdict {
    this.look(now, slot);
    const verdict = this.judge('input', this.host.interfaceName(from), '');
    this.slot = -1;
    return verdict === ACCEPT ? this.confirm(now) : verdict;
  }

  forward(now: Instant, slot: number, from: number, to: number): HookVerdict {
    this.look(now, slot);
    this.from = from;
    return this.judge('forward', this.host.interfaceName(from), this.host.interfaceName(to));
  }

  output(now: Instant, slot: number, to: number): HookVerdict {
    this.track(now, slot);
    return this.judge('output', '', this.host.interfaceName(to));
  }

  postrouting(now: Instant, slot: number, to: number): HookVerdict {
    this.look(now, slot);
    const verdict = this.translateOutbound(slot, to);
    this.slot = -1;
    return verdict === ACCEPT ? this.confirm(now) : verdict;
  }

  /** Sessions that go by an address that is no more end: nothing of theirs would find its way back. */
  addressesChanged(now: Instant, interfaceIndex: number): void {
    if (interfaceIndex !== this.nat?.options.outside) return;
    const outside = this.host.addressOf(interfaceIndex);
    const isOver = ({ nat, original, reply }: Readonly<ConntrackEntry>): boolean =>
      nat !== 'none' && (nat === 'destination' ? original.destination : reply.destination) !== outside;
    this.conntrack.removeWhere(now, isOver, 'the outside address changed');
    this.reap();
  }

  pollBackgroundTimeout(): Instant {
    return this.conntrack.pollBackgroundTimeout();
  }

  handleTimeout(now: Instant): void {
    this.conntrack.handleTimeout(now);
    this.reap();
  }

  /** Forgets all connections and bindings: the machine was switched off. */
  clear(now: Instant): void {
    this.conntrack.clear(now);
    this.reap();
  }

  // --- What is this packet?

  private track(now: Instant, slot: number): void {
    const { arena } = this.host;
    const at = arena.start(slot);
    const end = arena.end(slot);
    this.slot = slot;
    this.entry = undefined;
    this.flags = 0;
    this.from = -1;
    this.admitted = undefined;
    this.state = 'invalid';
    if (!readFlow(arena, at, end, this.flow)) {
      this.trackError(now, at, end);
      return;
    }
    const { protocol } = this.flow;
    const start = at + ipv4HeaderLength(arena.view, at);
    if (protocol === TCP_PROTOCOL) {
      if (end - start < TCP_HEADER_LENGTH) return;
      this.flags = tcpFlags(arena.view, start);
    }
    const known = this.conntrack.find(now, this.flow);
    if (known === undefined) {
      // A TCP connection begins with a SYN, an echo with the question; what belongs to nothing otherwise is no beginning.
      const isBeginning =
        protocol === TCP_PROTOCOL
          ? (this.flags & (TcpFlag.Syn | TcpFlag.Ack)) === TcpFlag.Syn
          : protocol !== ICMP_PROTOCOL || icmpType(arena.view, start) === IcmpType.EchoRequest;
      if (isBeginning) {
        this.entry = this.conntrack.begin(now, this.flow);
        this.direction = 'original';
        this.state = 'new';
      }
      return;
    }
    this.entry = known;
    this.direction = this.conntrack.direction;
    this.conntrack.advance(now, known, this.direction, this.flags);
    this.state = known.state === 'new' && this.direction === 'original' ? 'new' : 'established';
  }

  // An ICMP error belongs to the connection whose packet it quotes; it travels against that packet.
  private trackError(now: Instant, at: number, end: number): void {
    const { arena } = this.host;
    const quote = quotedPacket(arena, at, end);
    this.flow.protocol = ipv4Protocol(arena.view, at);
    this.flow.source = ipv4Source(arena.view, at);
    this.flow.sourcePort = 0;
    this.flow.destination = ipv4Destination(arena.view, at);
    this.flow.destinationPort = 0;
    if (quote < 0 || !readFlow(arena, quote, end, this.quoted)) return;
    const found = this.conntrack.find(now, reversed(this.quoted));
    if (found === undefined) return;
    this.entry = found;
    this.direction = this.conntrack.direction;
    this.state = 'related';
  }

  private look(now: Instant, slot: number): void {
    if (this.slot !== slot) this.track(now, slot);
  }

  // The packet has passed: from now on its connection is known.
  private confirm(now: Instant): HookVerdict {
    const { entry, admitted } = this;
    if (entry === undefined || entry.isConfirmed) return ACCEPT;
    if (this.conntrack.isFull) return entry.nat === 'none' ? DropReason.ConntrackInvalid : DropReason.NatTableFull;
    if (admitted !== undefined) this.nat?.join(admitted, entry);
    this.conntrack.confirm(now, entry, this.flags);
    return ACCEPT;
  }

  private reap(): void {
    for (let entry = this.conntrack.pollEnded(); entry !== undefined; entry = this.conntrack.pollEnded()) {
      this.nat?.end(entry);
    }
  }

  // --- May it pass?

  private judge(chain: FirewallChain, from: string, to: string): HookVerdict {
    const { firewall } = this;
    if (firewall === undefined) return ACCEPT;
    let action = firewall.policy[chain];
    for (const rule of firewall.rules) {
      if (rule.chain !== chain || !ruleFits(rule, this.flow, this.state, from, to)) continue;
      rule.hits++;
      action = rule.action;
      break;
    }
    if (action === 'accept') return ACCEPT;
    // A packet of a machine's own program is refused by the call's outcome alone.
    return action === 'reject' && chain !== 'output' ? DropReason.FirewallRejected : DropReason.FirewallDenied;
  }

  // --- Whose address does it get?

  private admitInbound(entry: ConntrackEntry, nat: Nat, slot: number, from: number): HookVerdict {
    const outside = this.host.addressOf(nat.options.outside);
    if (outside === undefined || this.flow.destination !== outside) return ACCEPT;
    const isHairpin = nat.isInside(from);
    if (from !== nat.options.outside && !isHairpin) return ACCEPT;
    const binding = nat.admit(this.flow, isHairpin);
    if (binding === undefined) {
      const isForUs = this.host.isPortTaken(this.flow.protocol, this.flow.destinationPort);
      return nat.isBound(this.flow.protocol, this.flow.destinationPort) && !isForUs ? DropReason.NatFiltered : ACCEPT;
    }
    entry.reply.source = binding.inside;
    entry.reply.sourcePort = binding.insidePort;
    if (entry.original.protocol === ICMP_PROTOCOL) entry.reply.destinationPort = binding.insidePort;
    entry.nat = 'destination';
    this.admitted = binding;
    this.translate(slot, 'destination', binding.inside, binding.insidePort);
    return ACCEPT;
  }

  private translateOutbound(slot: number, to: number): HookVerdict {
    const { entry, nat } = this;
    if (nat === undefined) return ACCEPT;
    const isLeaving = to === nat.options.outside && nat.isInside(this.from);
    // Nothing leaves with an inside address, whatever it is (RFC 5508 §4.3, REQ-6 for errors).
    if (entry === undefined) return isLeaving ? DropReason.NatNoBinding : ACCEPT;
    if (!entry.isConfirmed) {
      const isHairpin = entry.nat === 'destination' && nat.isInside(this.from) && nat.isInside(to);
      if (!isHairpin && !isLeaving) return ACCEPT;
      const outside = this.host.addressOf(nat.options.outside);
      if (outside === undefined) return DropReason.NatNoBinding;
      if (this.conntrack.isFull) return DropReason.NatTableFull;
      this.reap();
      const isTaken = (port: number): boolean => this.host.isPortTaken(this.flow.protocol, port);
      const binding = nat.bind(entry, entry.original, isTaken);
      if (binding === undefined) return DropReason.NatTableFull;
      entry.reply.destination = outside;
      entry.reply.destinationPort = binding.outsidePort;
      if (entry.original.protocol === ICMP_PROTOCOL) entry.reply.sourcePort = binding.outsidePort;
      entry.nat = isHairpin ? 'both' : 'source';
    }
    if (entry.nat === 'none') return ACCEPT;
    if (this.direction === 'original' && entry.nat !== 'destination') {
      this.translate(slot, 'source', entry.reply.destination, entry.reply.destinationPort);
    } else if (this.direction === 'reply' && entry.nat !== 'source') {
      this.translate(slot, 'source', entry.original.destination, entry.original.destinationPort);
    }
    return ACCEPT;
  }

  // Gives the packet another end. An ICMP error travels against the packet that it quotes: what is the one's destination
  // is the other's source, and both change (RFC 5508 §4.2 on the way in, §4.3 on the way out).
  private translate(slot: number, which: End, address: Ipv4Address, port: number): void {
    const { arena } = this.host;
    const at = arena.start(slot);
    const end = arena.end(slot);
    if (this.state === 'related') {
      const quote = quotedPacket(arena, at, end);
      rewriteEnd(arena, quote, end, which === 'source' ? 'destination' : 'source', address, port);
      this.readdressError(at, end, which, address);
    } else rewriteEnd(arena, at, end, which, address, port);
  }

  // The message's own checksum covers the quotation, which has changed: it is summed anew.
  private readdressError(at: number, end: number, which: 'source' | 'destination', address: Ipv4Address): void {
    const { arena } = this.host;
    const start = at + ipv4HeaderLength(arena.view, at);
    // The port goes where an echo has its identifier: keep what stands there in an error.
    const unused = arena.view.getUint16(start + ICMP_HEADER_LENGTH / 2);
    rewriteEnd(arena, at, end, which, address, unused);
    setIcmpChecksum(arena.view, start, 0);
    setIcmpChecksum(arena.view, start, checksumOf(arena.sum(start, end - start)));
  }
}
