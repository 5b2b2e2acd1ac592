// One line of text for any Ethernet frame, as `tcpdump -n` prints it: bytes that fail a check are shown all the same, with
// what is wrong in brackets. Not here: relative sequence numbers (whoever knows the connection passes its origin), colours,
// columns and times.

import { DropReason, isDrop } from '../core/drop_reason.ts';
import { formatIpv6, formatLinkAddress, type Ipv6Address } from './address.ts';
import { formatArp, parseArp } from './arp.ts';
import {
  ETHERNET_HEADER_LENGTH,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  ETHERTYPE_VLAN,
  ethernetDestination,
  ethernetSource,
  etherType,
  VLAN_TAG_LENGTH,
} from './ethernet.ts';
import { formatIpv4Packet } from './format_ipv4.ts';
import type { FrameFormat } from './format_payload.ts';

const MAX_ETHERNET_LENGTH = 0x05ff; // IEEE 802.3 §3.2.6: above, the field is a type
const IPV6_HEADER_LENGTH = 40;

/** The frame from its destination address on, without check sequence. Never throws; at most a few hundred characters. */
export function formatFrame(bytes: Uint8Array, format: FrameFormat = {}): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < ETHERNET_HEADER_LENGTH) return `[|ether], length ${bytes.length}`;
  let type = etherType(view, 0);
  let at = ETHERNET_HEADER_LENGTH;
  let tag = '';
  if (type === ETHERTYPE_VLAN) {
    if (bytes.length < at + VLAN_TAG_LENGTH) return `[|vlan], length ${bytes.length}`;
    const control = view.getUint16(at);
    tag = `vlan ${control & 0xfff}, p ${control >>> 13}, `;
    type = view.getUint16(at + 2);
    at += VLAN_TAG_LENGTH;
  }
  return tag + formatPayload(view, at, type, format);
}

function formatPayload(view: DataView, at: number, type: number, format: FrameFormat): string {
  const end = view.byteLength;
  if (type === ETHERTYPE_IPV4) return formatIpv4Packet(view, at, end, format);
  if (type === ETHERTYPE_IPV6) return formatIpv6Packet(view, at, end);
  if (type === ETHERTYPE_ARP) {
    const packet = parseArp(view, at, end);
    if (!isDrop(packet)) return formatArp(packet);
    return packet === DropReason.Truncated ? '[|ARP]' : `ARP, unknown, length ${end - at}`;
  }
  const stations = `${formatLinkAddress(ethernetSource(view, 0))} > ${formatLinkAddress(ethernetDestination(view, 0))}`;
  const kind = type <= MAX_ETHERNET_LENGTH ? '802.3' : `ethertype Unknown (0x${type.toString(16).padStart(4, '0')})`;
  return `${stations}, ${kind}, length ${view.byteLength}`;
}

// RFC 8200 §3: the fixed header says enough for a line.
function formatIpv6Packet(view: DataView, at: number, end: number): string {
  if (end - at < IPV6_HEADER_LENGTH) return '[|ip6]';
  const source = formatIpv6(ipv6At(view, at + 8));
  const destination = formatIpv6(ipv6At(view, at + 24));
  return `IP6 ${source} > ${destination}: ip-proto-${view.getUint8(at + 6)} ${view.getUint16(at + 4)}`;
}

function ipv6At(view: DataView, at: number): Ipv6Address {
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(at + 2 * i));
  return String.fromCharCode(...groups) as Ipv6Address;
}
