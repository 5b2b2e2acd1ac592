// ICMP messages for this machine: echoes are answered, errors go to the transport whose packet they quote.
// Redirects are not believed: anyone on the link could send them. Errors of our own: icmp_errors.ts.

import { DropReason, isDrop } from '../../core/drop_reason.ts';
import type { Instant } from '../../core/time.ts';
import { updateChecksum } from '../../wire/checksum.ts';
import {
  ICMP_PROTOCOL,
  IcmpType,
  icmpChecksum,
  parseIcmp,
  type ReceivedIcmp,
  setIcmpChecksum,
  setIcmpType,
  UnreachableCode,
} from '../../wire/icmp.ts';
import { parseIcmpQuote } from '../../wire/icmp_quote.ts';
import { ipv4Destination, ipv4HeaderLength, ipv4Source, ipv4Ttl } from '../../wire/ipv4.ts';
import type { NetworkCore } from './network_core.ts';
import { DEFAULT_SEND_OPTIONS, type IcmpError } from './network_layer_api.ts';

/** Takes over a whole packet that starts at its IP header and is not shared. */
export function receiveIcmp(core: NetworkCore, now: Instant, slot: number, interfaceIndex: number): void {
  const { arena } = core;
  const at = arena.start(slot);
  const message = parseIcmp(arena.view, at + ipv4HeaderLength(arena.view, at), arena.end(slot));
  if (isDrop(message)) {
    core.drop(now, slot, message);
    return;
  }
  switch (message.kind) {
    case 'echo-request':
      answerEcho(core, now, slot);
      return;
    case 'echo-reply':
      passUp(core, now, slot, interfaceIndex);
      return;
    case 'unreachable':
    case 'time-exceeded':
    case 'parameter-problem':
      receiveError(core, now, slot, message);
      return;
    default:
      core.drop(now, slot, DropReason.UnexpectedMessage);
      return;
  }
}

// RFC 1122 §3.2.2.6: the data comes back as it is, the addresses change places.
function answerEcho(core: NetworkCore, now: Instant, slot: number): void {
  const { arena } = core;
  const at = arena.start(slot);
  const asker = ipv4Source(arena.view, at);
  const asked = ipv4Destination(arena.view, at);
  const isBroadcast = !core.isLocal(asked);
  if (isBroadcast && !core.answersBroadcastEcho) {
    core.drop(now, slot, DropReason.NotForUs);
    return;
  }
  const source = isBroadcast ? core.selectSource(asker) : asked;
  if (source === undefined) {
    core.drop(now, slot, DropReason.NoRoute);
    return;
  }
  const messageAt = arena.trimFront(slot, ipv4HeaderLength(arena.view, at));
  const { view } = arena;
  const checksum = updateChecksum(icmpChecksum(view, messageAt), IcmpType.EchoRequest << 8, IcmpType.EchoReply << 8);
  setIcmpType(view, messageAt, IcmpType.EchoReply);
  setIcmpChecksum(view, messageAt, checksum);
  core.send(now, slot, source, asker, ICMP_PROTOCOL, DEFAULT_SEND_OPTIONS);
}

// Whoever sent the echo request registered for the protocol itself.
function passUp(core: NetworkCore, now: Instant, slot: number, interfaceIndex: number): void {
  const { arena } = core;
  const handler = core.transportOf(ICMP_PROTOCOL);
  if (handler === undefined) {
    core.drop(now, slot, DropReason.UnexpectedMessage);
    return;
  }
  const at = arena.start(slot);
  const source = ipv4Source(arena.view, at);
  const destination = ipv4Destination(arena.view, at);
  const headerLength = ipv4HeaderLength(arena.view, at);
  const ttl = ipv4Ttl(arena.view, at);
  arena.trimFront(slot, headerLength);
  if (handler.receive(now, slot, source, destination, interfaceIndex, ttl)) return;
  arena.prepend(slot, headerLength);
  core.drop(now, slot, DropReason.UnexpectedMessage);
}

function receiveError(core: NetworkCore, now: Instant, slot: number, message: ReceivedIcmp): void {
  const { arena } = core;
  const end = arena.end(slot);
  const quote = parseIcmpQuote(arena.view, message.quoteAt, end);
  if (isDrop(quote)) {
    core.drop(now, slot, quote);
    return;
  }
  // RFC 5927 §4.1 asks the transport for more; here, that the packet can have been ours at all.
  if (!core.isLocal(quote.source)) {
    core.drop(now, slot, DropReason.UnexpectedMessage);
    return;
  }
  const isTooBig = message.kind === 'unreachable' && message.code === UnreachableCode.FragmentationNeeded;
  const claim: IcmpError = {
    kind: isTooBig ? 'too-big' : errorKind(message.kind),
    code: message.code,
    from: ipv4Source(arena.view, arena.start(slot)),
    mtu: isTooBig ? message.mtu : 0,
    length: quote.totalLength,
    source: quote.source,
    destination: quote.destination,
    at: quote.transportAt,
    end,
  };
  const transport = core.transportOf(quote.protocol);
  if (!isTooBig) {
    transport?.icmpError(now, claim);
  } else if (transport?.believesTooBig?.(claim) === false) {
    core.drop(now, slot, DropReason.UnexpectedMessage); // RFC 5927 §7: a forger could make us send crumbs to anybody
    return;
  } else {
    const mtu = core.learnPathMtu(now, quote.destination, claim.mtu, claim.length);
    transport?.icmpError(now, { ...claim, mtu });
  }
  arena.release(slot);
}

const errorKind = (kind: ReceivedIcmp['kind']): IcmpError['kind'] =>
  kind === 'time-exceeded' || kind === 'parameter-problem' ? kind : 'unreachable';
