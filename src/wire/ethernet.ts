// Ethernet II (IEEE 802.3 §3) with an optional VLAN tag (IEEE 802.1Q §9.6), and its frame check sequence.
//
//   | destination 6 | source 6 | [ 0x8100 2 | priority 3, drop eligible 1, VLAN 12 ] | EtherType 2 | payload ... |
//
// A frame in memory, as in a capture, has neither preamble nor check sequence: cables compute the latter when they damage
// a frame. Not here: the old length field in place of the type; nobody in this world sends it.

import { DropReason } from '../core/drop_reason.ts';
import { isGroupAddress, type LinkAddress, linkAddressAt, setLinkAddress } from './address.ts';

export const ETHERNET_HEADER_LENGTH = 14;
export const VLAN_TAG_LENGTH = 4;
/** The shortest payload on the medium (IEEE 802.3 §3.2.8); captures show frames without this padding. */
export const ETHERNET_MIN_PAYLOAD = 46;

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
export const ETHERTYPE_VLAN = 0x8100;
export const ETHERTYPE_IPV6 = 0x86dd;

const MIN_ETHERTYPE = 0x0600; // IEEE 802.3 §3.2.6: below, the field is a length

const DESTINATION = 0;
const SOURCE = 6;
const TYPE = 12;
const TAG = 14;

// Level 1: fields in place. No allocation, no judgement; the caller has fourteen bytes at `at`.

export const ethernetDestination = (view: DataView, at: number): LinkAddress => linkAddressAt(view, at + DESTINATION);
export const ethernetSource = (view: DataView, at: number): LinkAddress => linkAddressAt(view, at + SOURCE);
/** Of a tagged frame: `ETHERTYPE_VLAN`. */
export const etherType = (view: DataView, at: number): number => view.getUint16(at + TYPE);

export const setEthernetDestination = (view: DataView, at: number, address: LinkAddress): void =>
  setLinkAddress(view, at + DESTINATION, address);
export const setEthernetSource = (view: DataView, at: number, address: LinkAddress): void =>
  setLinkAddress(view, at + SOURCE, address);

/** Writes the fourteen bytes of an untagged header. */
export function emitEthernet(
  view: DataView,
  at: number,
  destination: LinkAddress,
  source: LinkAddress,
  etherType: number,
): void {
  setLinkAddress(view, at + DESTINATION, destination);
  setLinkAddress(view, at + SOURCE, source);
  view.setUint16(at + TYPE, etherType);
}

// Level 2: the valid meaning.

export interface VlanTag {
  /** 0 to 4,095; 0 gives a priority and no VLAN (IEEE 802.1Q §9.6). */
  readonly id: number;
  /** 0 to 7, the highest most urgent. */
  readonly priority: number;
}

export interface EthernetHeader {
  readonly destination: LinkAddress;
  readonly source: LinkAddress;
  /** What the payload is; behind the tag, where there is one. */
  readonly etherType: number;
  readonly vlan?: VlanTag;
  /** 14, or 18 with a tag. */
  readonly headerLength: number;
}

/** Reads the header of the frame in `[at, end)`. */
export function parseEthernet(view: DataView, at: number, end: number): EthernetHeader | DropReason {
  if (end - at < ETHERNET_HEADER_LENGTH) return DropReason.Truncated;
  const destination = ethernetDestination(view, at);
  const source = ethernetSource(view, at);
  if (isGroupAddress(source)) return DropReason.BadSource; // IEEE 802.3 §3.2.3: the source is one station
  const outer = etherType(view, at);
  if (outer < MIN_ETHERTYPE) return DropReason.UnsupportedProtocol;
  if (outer !== ETHERTYPE_VLAN) {
    return { destination, source, etherType: outer, headerLength: ETHERNET_HEADER_LENGTH };
  }
  if (end - at < ETHERNET_HEADER_LENGTH + VLAN_TAG_LENGTH) return DropReason.Truncated;
  const tag = view.getUint16(at + TAG);
  const inner = view.getUint16(at + TAG + 2);
  if (inner < MIN_ETHERTYPE) return DropReason.UnsupportedProtocol;
  return {
    destination,
    source,
    etherType: inner,
    vlan: { id: tag & 0xfff, priority: tag >>> 13 },
    headerLength: ETHERNET_HEADER_LENGTH + VLAN_TAG_LENGTH,
  };
}

/** Writes the eighteen bytes of a tagged header. */
export function emitTaggedEthernet(
  view: DataView,
  at: number,
  destination: LinkAddress,
  source: LinkAddress,
  vlan: VlanTag,
  etherType: number,
): void {
  emitEthernet(view, at, destination, source, ETHERTYPE_VLAN);
  view.setUint16(at + TAG, (vlan.priority << 13) | vlan.id);
  view.setUint16(at + TAG + 2, etherType);
}

// IEEE 802.3 §3.2.9: the polynomial 0x04c11db7, its bits reversed because the lowest bit of a byte is sent first.
const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** CRC-32 of `bytes[start, end)`, unsigned. On the medium its lowest byte is sent first. */
export function frameCheckSequence(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1;
  for (let i = start; i < end; i++) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
  return ~crc >>> 0;
}
