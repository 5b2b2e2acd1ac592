// An ICMP message as tcpdump prints it, from `ICMP` on.

import { DropReason, isDrop } from '../core/drop_reason.ts';
import { formatIpv4 } from './address.ts';
import { sumBytes, VALID_SUM } from './checksum.ts';
import {
  ICMP_HEADER_LENGTH,
  IcmpType,
  icmpCode,
  icmpIdentifier,
  icmpSequence,
  icmpType,
  TimeExceededCode,
  UnreachableCode,
} from './icmp.ts';
import { type IcmpQuote, parseIcmpQuote } from './icmp_quote.ts';
import { TCP_PROTOCOL } from './tcp.ts';
import { UDP_PROTOCOL } from './udp.ts';

/** The message in `[at, end)`. @param isWhole whether all of it is there, so that its checksum can be judged */
export function formatIcmp(view: DataView, at: number, end: number, isWhole: boolean): string {
  if (end - at < ICMP_HEADER_LENGTH) return 'ICMP [|icmp]';
  const isDamaged = isWhole && sumBytes(view, at, end - at) !== VALID_SUM;
  return `ICMP ${formatMessage(view, at, end)}, length ${end - at}${isDamaged ? ' [bad icmp cksum]' : ''}`;
}

function formatMessage(view: DataView, at: number, end: number): string {
  const type = icmpType(view, at);
  const code = icmpCode(view, at);
  switch (type) {
    case IcmpType.EchoRequest:
    case IcmpType.EchoReply: {
      const name = type === IcmpType.EchoRequest ? 'request' : 'reply';
      return `echo ${name}, id ${icmpIdentifier(view, at)}, seq ${icmpSequence(view, at)}`;
    }
    case IcmpType.Unreachable:
      return formatUnreachable(view, at, end, code);
    case IcmpType.TimeExceeded:
      if (code === TimeExceededCode.InTransit) return 'time exceeded in-transit';
      return code === TimeExceededCode.Reassembly ? 'ip reassembly time exceeded' : `time exceeded code ${code}`;
    case IcmpType.Redirect: {
      const quote = parseIcmpQuote(view, at + ICMP_HEADER_LENGTH, end);
      const about = isDrop(quote) ? '[|ip]' : formatIpv4(quote.destination);
      const gateway = `${view.getUint8(at + 4)}.${view.getUint8(at + 5)}.${view.getUint8(at + 6)}.${view.getUint8(at + 7)}`;
      return `redirect ${about} to ${code === 0 || code === 2 ? 'net' : 'host'} ${gateway}`;
    }
    case IcmpType.ParameterProblem:
      return code === 0 ? `parameter problem - octet ${view.getUint8(at + 4)}` : `parameter problem - code ${code}`;
    default:
      return NAMES.get(type) ?? `type-#${type}`;
  }
}

const NAMES: ReadonlyMap<number, string> = new Map([
  [IcmpType.SourceQuench, 'source quench'],
  [IcmpType.RouterAdvertisement, 'router advertisement'],
  [IcmpType.RouterSolicitation, 'router solicitation'],
  [IcmpType.TimestampRequest, 'time stamp query'],
  [IcmpType.TimestampReply, 'time stamp reply'],
  [IcmpType.AddressMaskRequest, 'address mask request'],
  [IcmpType.AddressMaskReply, 'address mask reply'],
]);

function formatUnreachable(view: DataView, at: number, end: number, code: number): string {
  const quote = parseIcmpQuote(view, at + ICMP_HEADER_LENGTH, end);
  if (quote === DropReason.Truncated) return `unreachable code ${code} [|icmp]`;
  const about = isDrop(quote) ? '[bad quote]' : formatIpv4(quote.destination);
  switch (code) {
    case UnreachableCode.Network:
      return `net ${about} unreachable`;
    case UnreachableCode.Host:
      return `host ${about} unreachable`;
    case UnreachableCode.Protocol:
      return `${about} protocol ${isDrop(quote) ? '?' : quote.protocol} unreachable`;
    case UnreachableCode.Port:
      return isDrop(quote) ? `${about} port unreachable` : `${about} ${formatQuotedPort(view, quote)} unreachable`;
    case UnreachableCode.FragmentationNeeded:
      return `${about} unreachable - need to frag (mtu ${view.getUint16(at + 6)})`;
    case UnreachableCode.SourceRouteFailed:
      return `${about} unreachable - source route failed`;
    case UnreachableCode.NetworkUnknown:
      return `net ${about} unreachable - unknown`;
    case UnreachableCode.HostUnknown:
      return `host ${about} unreachable - unknown`;
    case UnreachableCode.NetworkProhibited:
      return `net ${about} unreachable - admin prohibited`;
    case UnreachableCode.HostProhibited:
      return `host ${about} unreachable - admin prohibited`;
    case UnreachableCode.CommunicationProhibited:
      return `host ${about} unreachable - admin prohibited filter`;
    default:
      return `${about} unreachable - code ${code}`;
  }
}

// TCP and UDP both begin with the source and the destination port.
function formatQuotedPort(view: DataView, quote: IcmpQuote): string {
  const name = quote.protocol === UDP_PROTOCOL ? 'udp' : quote.protocol === TCP_PROTOCOL ? 'tcp' : undefined;
  if (name === undefined) return `protocol ${quote.protocol} port`;
  return `${name} port ${view.getUint16(quote.transportAt + 2)}`;
}
