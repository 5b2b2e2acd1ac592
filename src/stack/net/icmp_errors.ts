// Says by ICMP that a packet could not be delivered (RFC 792, RFC 1122 §3.2.2, RFC 1812 §4.3.2).

import type { Instant } from '../../core/time.ts';
import { BROADCAST_IPV4, isMulticastIpv4, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import { sumBytes } from '../../wire/checksum.ts';
import {
  emitIcmp,
  ICMP_HEADER_LENGTH,
  ICMP_PROTOCOL,
  type IcmpMessage,
  icmpType,
  isIcmpError,
  TimeExceededCode,
  UnreachableCode,
} from '../../wire/icmp.ts';
import {
  IPV4_MIN_HEADER_LENGTH,
  ipv4Destination,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
} from '../../wire/ipv4.ts';
import type { NetworkCore } from './network_core.ts';
import { DEFAULT_SEND_OPTIONS, type SendOptions } from './network_layer_api.ts';

/** RFC 1812 §4.3.2.3: as much of the packet as fits into 576 bytes. */
const MAX_ERROR_LENGTH = 576;
const MAX_QUOTE = MAX_ERROR_LENGTH - IPV4_MIN_HEADER_LENGTH - ICMP_HEADER_LENGTH;

/** RFC 1812 §4.3.2.5: errors go with the precedence of control traffic. */
const ERROR_OPTIONS: SendOptions = { ...DEFAULT_SEND_OPTIONS, trafficClass: 0xc0 };

const unreachable = (code: number, mtu = 0): IcmpMessage => ({ kind: 'unreachable', code, mtu });

export const NETWORK_UNREACHABLE: IcmpMessage = unreachable(UnreachableCode.Network);
export const HOST_UNREACHABLE: IcmpMessage = unreachable(UnreachableCode.Host);
export const PROTOCOL_UNREACHABLE: IcmpMessage = unreachable(UnreachableCode.Protocol);
export const PORT_UNREACHABLE: IcmpMessage = unreachable(UnreachableCode.Port);
export const PROHIBITED: IcmpMessage = unreachable(UnreachableCode.CommunicationProhibited);
export const TTL_EXCEEDED: IcmpMessage = { kind: 'time-exceeded', code: TimeExceededCode.InTransit };
export const REASSEMBLY_EXCEEDED: IcmpMessage = { kind: 'time-exceeded', code: TimeExceededCode.Reassembly };
/** RFC 1191 §4: with the MTU of the link that the packet does not fit. */
export const tooBig = (mtu: number): IcmpMessage => unreachable(UnreachableCode.FragmentationNeeded, mtu);

/** Complains about the packet in `slot`, which starts at its IP header and stays the caller's. Silent where it must be. */
export function sendIcmpError(core: NetworkCore, now: Instant, slot: number, message: IcmpMessage): void {
  const { arena } = core;
  const at = arena.start(slot);
  if (!mayBeComplainedAbout(core, slot) || !core.mayComplain(now)) return;
  const sender = ipv4Source(arena.view, at);
  const concerned = ipv4Destination(arena.view, at);
  // What was sent to this machine is answered from that address; for others, RFC 1812 §4.3.2.4.
  const source = core.isLocal(concerned) ? concerned : core.selectSource(sender);
  if (source === undefined) return;
  const quoted = Math.min(arena.length(slot), MAX_QUOTE);
  const error = arena.allocate(ICMP_HEADER_LENGTH + quoted);
  const from = arena.start(slot);
  const to = arena.start(error);
  arena.bytes.copyWithin(to + ICMP_HEADER_LENGTH, from, from + quoted);
  emitIcmp(arena.view, to, message, sumBytes(arena.view, to + ICMP_HEADER_LENGTH, quoted));
  core.send(now, error, source, sender, ICMP_PROTOCOL, ERROR_OPTIONS);
}

// RFC 1122 §3.2.2: never about an ICMP error, a broadcast, a later fragment, or a source that is no single machine.
function mayBeComplainedAbout(core: NetworkCore, slot: number): boolean {
  const { arena } = core;
  const { view } = arena;
  const at = arena.start(slot);
  if (ipv4FragmentOffset(view, at) !== 0) return false;
  const source = ipv4Source(view, at);
  const destination = ipv4Destination(view, at);
  if (source === UNSPECIFIED_IPV4 || source === BROADCAST_IPV4 || isMulticastIpv4(source)) return false;
  if (isMulticastIpv4(destination) || core.isBroadcast(destination) || core.isBroadcast(source)) return false;
  if (ipv4Protocol(view, at) !== ICMP_PROTOCOL) return true;
  const messageAt = at + ipv4HeaderLength(view, at);
  return messageAt < arena.end(slot) && !isIcmpError(icmpType(view, messageAt));
}
