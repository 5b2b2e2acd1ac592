// A packet gate between an inside and an outside network, without machines around it: packets go in as text such as
// `udp 192.168.1.5:4000 > 198.51.100.7:53` and come out as text, or as the reason why they did not. Each packet that comes
// out is summed anew in full, so that every checksum that was brought up to date is compared with the definition.

import assert from 'node:assert/strict';
import { Arena } from '../../src/core/arena.ts';
import { DropReason, dropName } from '../../src/core/drop_reason.ts';
import { Random } from '../../src/core/random.ts';
import { after, type Duration, type Instant, START } from '../../src/core/time.ts';
import type { ConntrackTimeouts } from '../../src/stack/net/conntrack.ts';
import { type FirewallRule, isRuleProblem, parseRule } from '../../src/stack/net/firewall_rules.ts';
import type { NatOptions } from '../../src/stack/net/nat.ts';
import { type FirewallOptions, PacketGate } from '../../src/stack/net/packet_gate.ts';
import { ACCEPT } from '../../src/stack/net/packet_hooks.ts';
import { formatIpv4, type Ipv4Address, parseIpv4Address } from '../../src/wire/address.ts';
import { addSums, pseudoSumIpv4, sumBytes, VALID_SUM } from '../../src/wire/checksum.ts';
import { emitIcmp, ICMP_PROTOCOL, type IcmpMessage, icmpCode, icmpIdentifier, icmpType } from '../../src/wire/icmp.ts';
import { emitIpv4Header, ipv4Destination, ipv4HeaderLength, ipv4Protocol, ipv4Source } from '../../src/wire/ipv4.ts';
import { emitTcp, TCP_PROTOCOL, TcpFlag } from '../../src/wire/tcp.ts';
import { emitUdp, UDP_PROTOCOL } from '../../src/wire/udp.ts';
import { viewOf } from './bytes.ts';

export const INSIDE = 0;
export const OUTSIDE = 1;
/** The address of the gate's machine on its outside interface. */
export const OUTSIDE_ADDRESS: Ipv4Address = address('203.0.113.2');
const INSIDE_ADDRESS = address('192.168.1.1');

export const DEFAULT_NAT: NatOptions = {
  inside: [INSIDE],
  outside: OUTSIDE,
  mapping: 'endpoint-independent',
  filtering: 'address-and-port-dependent',
  firstPort: 1024,
  lastPort: 65_535,
};

export function address(text: string): Ipv4Address {
  const parsed = parseIpv4Address(text);
  if (parsed === undefined) throw new TypeError(`${text} is no address`);
  return parsed;
}

export function rules(...texts: string[]): FirewallRule[] {
  return texts.map((text) => {
    const rule = parseRule(text);
    if (isRuleProblem(rule)) throw new TypeError(`${text}: ${rule.message}`);
    return rule;
  });
}

export interface GateBenchOptions {
  readonly nat?: Partial<NatOptions>;
  readonly firewall?: FirewallOptions;
  readonly timeouts?: ConntrackTimeouts;
  /** Ports that the machine's own programs use. */
  readonly takenPorts?: readonly number[];
}

export class GateBench {
  now: Instant = START;
  /** Nothing: it has lost it. */
  outsideAddress: Ipv4Address | undefined = OUTSIDE_ADDRESS;
  readonly arena = new Arena();
  readonly gate: PacketGate;
  private readonly random = Random.fromSeed(7);

  constructor({ nat, firewall, timeouts, takenPorts = [] }: GateBenchOptions) {
    this.gate = new PacketGate(
      {
        arena: this.arena,
        random: Random.fromSeed(1),
        journal: undefined,
        hostName: 'gate',
        interfaceName: (index) => ['home', 'wan'][index] ?? '',
        addressOf: (index) => [INSIDE_ADDRESS, this.outsideAddress][index],
        isLocal: (asked) => asked === INSIDE_ADDRESS || asked === this.outsideAddress,
        isPortTaken: (_protocol, port) => takenPorts.includes(port),
      },
      firewall,
      nat === undefined ? undefined : { ...DEFAULT_NAT, ...nat },
      timeouts,
    );
  }

  /** Time passes, and what expires by then is removed. */
  pass(duration: Duration): void {
    const end = after(this.now, duration);
    for (let next = this.gate.pollBackgroundTimeout(); next <= end; next = this.gate.pollBackgroundTimeout()) {
      this.now = next;
      this.gate.handleTimeout(next);
    }
    this.now = end;
  }

  /** A packet from inside: what goes on, and where. */
  out(text: string): string {
    return this.route(packet(text), INSIDE);
  }

  /** A packet from outside. */
  in(text: string): string {
    return this.route(packet(text), OUTSIDE);
  }

  /** A packet as the machine itself sends it through its outside interface. */
  send(bytes: Uint8Array): string {
    const slot = this.arena.allocateFrom(bytes);
    let verdict = this.gate.output(this.now, slot, OUTSIDE);
    if (verdict === ACCEPT) verdict = this.gate.postrouting(this.now, slot, OUTSIDE);
    return this.outcome(slot, verdict === ACCEPT ? 'wan' : verdict);
  }

  /** Takes a whole packet through the hooks in the order of the network layer. */
  route(bytes: Uint8Array, from: number): string {
    return this.outcome(...this.walk(bytes, from));
  }

  /** The same, with the bytes that come out. */
  routed(bytes: Uint8Array, from: number): Uint8Array {
    const [slot, where] = this.walk(bytes, from);
    assert.equal(typeof where, 'string', `dropped: ${typeof where === 'number' ? dropName(where) : ''}`);
    const copy = this.arena.copyOut(slot);
    this.arena.release(slot);
    return copy;
  }

  /** Nothing is known any more: no connection, no binding, no packet. */
  assertEmpty(): void {
    assert.equal(this.gate.conntrack.size, 0);
    assert.equal(this.gate.nat?.size ?? 0, 0);
    assert.equal(this.arena.slotsInUse, 0);
  }

  private walk(bytes: Uint8Array, from: number): [slot: number, where: string | DropReason] {
    const { arena, gate, now } = this;
    // A different slot each time, as on a machine that has other packets under way.
    const other = this.random.below(2) === 0 ? arena.allocate(1) : -1;
    const slot = arena.allocateFrom(bytes);
    if (other >= 0) arena.release(other);
    const before = gate.prerouting(now, slot, from);
    if (before !== ACCEPT) return [slot, before];
    const destination = ipv4Destination(arena.view, arena.start(slot));
    if (destination === this.outsideAddress || destination === INSIDE_ADDRESS) {
      const verdict = gate.input(now, slot, from);
      return [slot, verdict === ACCEPT ? 'self' : verdict];
    }
    const to = destination >>> 16 === 0xc0a8 ? INSIDE : OUTSIDE;
    let verdict = gate.forward(now, slot, from, to);
    if (verdict === ACCEPT) verdict = gate.postrouting(now, slot, to);
    return [slot, verdict === ACCEPT ? (to === INSIDE ? 'home' : 'wan') : verdict];
  }

  private outcome(slot: number, where: string | DropReason): string {
    const bytes = this.arena.copyOut(slot);
    this.arena.release(slot);
    if (typeof where === 'number') return dropName(where);
    assertSums(bytes);
    return `${where}: ${packetText(bytes)}`;
  }
}

/** `udp A:P > B:Q`, `tcp A:P > B:Q syn,ack`, `echo A > B id N`, `echo-reply A > B id N`, each with `payload` bytes. */
export function packet(text: string, payload: Uint8Array = new Uint8Array(5).fill(0x61)): Uint8Array {
  const [kind = '', from = '', , to = '', ...rest] = text.split(' ');
  const [source = '', sourcePort = '0'] = from.split(':');
  const [destination = '', destinationPort = '0'] = to.split(':');
  const [a, b] = [address(source), address(destination)];
  const ports = { sourcePort: Number(sourcePort), destinationPort: Number(destinationPort) };
  const sum = sumBytes(viewOf(payload), 0, payload.length);
  switch (kind) {
    case 'udp': {
      const data = room(8, payload);
      emitUdp(
        viewOf(data),
        0,
        { ...ports, payloadLength: payload.length },
        addSums(pseudoSumIpv4(a, b, UDP_PROTOCOL), sum),
      );
      return ipv4(UDP_PROTOCOL, a, b, data);
    }
    case 'tcp': {
      const data = room(20, payload);
      let flags = 0;
      for (const flag of (rest[0] ?? 'ack').split(',')) flags |= FLAGS[flag] ?? 0;
      const header = { sequence: 1, acknowledgment: 2, headerLength: 20, flags, window: 1000, urgentPointer: 0 };
      const whole = { ...ports, ...header, payloadLength: payload.length };
      emitTcp(viewOf(data), 0, whole, addSums(pseudoSumIpv4(a, b, TCP_PROTOCOL), sum));
      return ipv4(TCP_PROTOCOL, a, b, data);
    }
    case 'echo':
    case 'echo-reply': {
      const name = kind === 'echo' ? 'echo-request' : 'echo-reply';
      return icmp(a, b, { kind: name, code: 0, identifier: Number(rest[1]), sequence: 1 }, payload);
    }
    default:
      throw new TypeError(`no packet: ${text}`);
  }
}

/** An ICMP error from `source` to `destination` about `quoted`. */
export function errorAbout(
  quoted: Uint8Array,
  source: string,
  destination: string,
  message: IcmpMessage = UNREACHABLE,
): Uint8Array {
  return icmp(address(source), address(destination), message, quoted.subarray(0, 28));
}

const UNREACHABLE: IcmpMessage = { kind: 'unreachable', code: 3, mtu: 0 };

const FLAGS: Readonly<Record<string, number>> = {
  syn: TcpFlag.Syn,
  ack: TcpFlag.Ack,
  fin: TcpFlag.Fin,
  rst: TcpFlag.Rst,
};

function room(header: number, payload: Uint8Array): Uint8Array {
  const data = new Uint8Array(header + payload.length);
  data.set(payload, header);
  return data;
}

function icmp(source: Ipv4Address, destination: Ipv4Address, message: IcmpMessage, payload: Uint8Array): Uint8Array {
  const data = room(8, payload);
  emitIcmp(viewOf(data), 0, message, sumBytes(viewOf(payload), 0, payload.length));
  return ipv4(ICMP_PROTOCOL, source, destination, data);
}

export function ipv4(protocol: number, source: Ipv4Address, destination: Ipv4Address, carried: Uint8Array): Uint8Array {
  const data = room(20, carried);
  emitIpv4Header(viewOf(data), 0, data.length, 1, 0, 64, protocol, 0, source, destination);
  return data;
}

/** `udp 10.0.0.1:1 > 10.0.0.2:2`, an error with its quotation in brackets. */
export function packetText(bytes: Uint8Array): string {
  const view = viewOf(bytes);
  const start = ipv4HeaderLength(view, 0);
  const protocol = ipv4Protocol(view, 0);
  const [source, destination] = [formatIpv4(ipv4Source(view, 0)), formatIpv4(ipv4Destination(view, 0))];
  if (protocol !== ICMP_PROTOCOL) {
    const name = protocol === TCP_PROTOCOL ? 'tcp' : protocol === UDP_PROTOCOL ? 'udp' : `protocol ${protocol}`;
    return `${name} ${source}:${view.getUint16(start)} > ${destination}:${view.getUint16(start + 2)}`;
  }
  const type = icmpType(view, start);
  if (type === 0 || type === 8) {
    return `${type === 8 ? 'echo' : 'echo-reply'} ${source} > ${destination} id ${icmpIdentifier(view, start)}`;
  }
  const quote = packetText(bytes.subarray(start + 8));
  return `error ${type}/${icmpCode(view, start)} ${source} > ${destination} [${quote}]`;
}

/** Every checksum of a packet, in full; of a quotation, that of its IP header. */
export function assertSums(bytes: Uint8Array): void {
  const view = viewOf(bytes);
  const start = ipv4HeaderLength(view, 0);
  assert.equal(sumBytes(view, 0, start), VALID_SUM, 'IP header checksum');
  const protocol = ipv4Protocol(view, 0);
  const length = bytes.length - start;
  const sum = sumBytes(view, start, length);
  if (protocol === ICMP_PROTOCOL) {
    assert.equal(sum, VALID_SUM, 'ICMP checksum');
    const type = icmpType(view, start);
    if (type !== 0 && type !== 8)
      assert.equal(sumBytes(view, start + 8, 20), VALID_SUM, 'checksum of the quoted header');
    return;
  }
  if (protocol === UDP_PROTOCOL && view.getUint16(start + 6) === 0) return;
  if (protocol !== UDP_PROTOCOL && protocol !== TCP_PROTOCOL) return;
  const pseudo = pseudoSumIpv4(ipv4Source(view, 0), ipv4Destination(view, 0), protocol);
  assert.equal(addSums(pseudo + length, sum), VALID_SUM, 'transport checksum');
}

export const FILTERED: string = dropName(DropReason.NatFiltered);
