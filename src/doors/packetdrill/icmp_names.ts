// What scripts call the types of ICMP messages and their codes (RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1).

import { IcmpType, TimeExceededCode, UnreachableCode } from '../../wire/icmp.ts';

interface IcmpName {
  readonly type: number;
  readonly codes: Readonly<Record<string, number>>;
}

const NO_CODES: Readonly<Record<string, number>> = {};

const NAMES: Readonly<Record<string, IcmpName>> = {
  echo_reply: { type: IcmpType.EchoReply, codes: NO_CODES },
  unreachable: {
    type: IcmpType.Unreachable,
    codes: {
      net_unreachable: UnreachableCode.Network,
      host_unreachable: UnreachableCode.Host,
      protocol_unreachable: UnreachableCode.Protocol,
      port_unreachable: UnreachableCode.Port,
      frag_needed: UnreachableCode.FragmentationNeeded,
      source_route_failed: UnreachableCode.SourceRouteFailed,
      net_unknown: UnreachableCode.NetworkUnknown,
      host_unknown: UnreachableCode.HostUnknown,
      source_host_isolated: 8,
      net_prohibited: UnreachableCode.NetworkProhibited,
      host_prohibited: UnreachableCode.HostProhibited,
      net_unreachable_for_tos: UnreachableCode.NetworkForTrafficClass,
      host_unreachable_for_tos: UnreachableCode.HostForTrafficClass,
      packet_filtered: UnreachableCode.CommunicationProhibited,
      precedence_violation: 14,
      precedence_cutoff: 15,
    },
  },
  source_quench: { type: IcmpType.SourceQuench, codes: NO_CODES },
  redirect: { type: IcmpType.Redirect, codes: NO_CODES },
  echo_request: { type: IcmpType.EchoRequest, codes: NO_CODES },
  time_exceeded: {
    type: IcmpType.TimeExceeded,
    codes: { ttl_exceeded_in_transit: TimeExceededCode.InTransit, frag_reass_exceeded: TimeExceededCode.Reassembly },
  },
  parameter_problem: { type: IcmpType.ParameterProblem, codes: NO_CODES },
  timestamp_request: { type: IcmpType.TimestampRequest, codes: NO_CODES },
  timestamp_reply: { type: IcmpType.TimestampReply, codes: NO_CODES },
  information_request: { type: 15, codes: NO_CODES },
  information_reply: { type: 16, codes: NO_CODES },
  address_mask_request: { type: IcmpType.AddressMaskRequest, codes: NO_CODES },
  address_mask_reply: { type: IcmpType.AddressMaskReply, codes: NO_CODES },
};

/** Also `type_3`. */
export const icmpTypeNamed = (name: string): number | undefined => NAMES[name]?.type ?? byteNamed(name, 'type_');

/** Also `code_1`. */
export const icmpCodeNamed = (typeName: string, name: string): number | undefined =>
  NAMES[typeName]?.codes[name] ?? byteNamed(name, 'code_');

function byteNamed(name: string, start: string): number | undefined {
  const value = name.startsWith(start) ? Number(name.slice(start.length)) : Number.NaN;
  return Number.isInteger(value) && value >= 0 && value <= 0xff ? value : undefined;
}
