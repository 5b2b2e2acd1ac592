// IPv4 and link addresses as plain numbers: compared with ===, used as Map keys, kept in typed arrays.

declare const kind: unique symbol;

/** An IPv4 address as a signed 32-bit integer: V8 keeps it unboxed, a Map finds it in 4 ns (12 when unsigned). */
export type Ipv4Address = number & { readonly [kind]: 'ipv4' };

/** A 48-bit link (MAC) address as an integer, the first byte on the wire most significant. */
export type LinkAddress = number & { readonly [kind]: 'link' };

export const UNSPECIFIED_IPV4: Ipv4Address = 0 as Ipv4Address;
export const NO_LINK_ADDRESS: LinkAddress = 0 as LinkAddress;
export const BROADCAST_LINK: LinkAddress = 0xffff_ffff_ffff as LinkAddress;

export const ipv4At = (view: DataView, at: number): Ipv4Address => view.getInt32(at) as Ipv4Address;

export const linkAddressAt = (view: DataView, at: number): LinkAddress =>
  (view.getUint16(at) * 0x1_0000_0000 + view.getUint32(at + 2)) as LinkAddress;

export function setLinkAddress(view: DataView, at: number, address: LinkAddress): void {
  view.setUint16(at, address / 0x1_0000_0000);
  view.setUint32(at + 2, address);
}

/** Broadcast included: its group bit is set too. IEEE 802.3 §3.2.3: the first bit sent, the lowest of byte 0. */
export const isGroupAddress = (address: LinkAddress): boolean => (address / 0x100_0000_0000) % 2 >= 1;

export const formatIpv4 = (a: Ipv4Address): string => `${a >>> 24}.${(a >>> 16) & 255}.${(a >>> 8) & 255}.${a & 255}`;

export const formatLinkAddress = (address: LinkAddress): string =>
  address
    .toString(16)
    .padStart(12, '0')
    .replace(/..(?=.)/g, '$&:');

/**
 * An IPv6 address as eight UTF-16 units, one a group of 16 bits: compared with ===, ordered with <, used as a Map key,
 * and told from an IPv4 address by its type alone.
 */
export type Ipv6Address = string & { readonly [kind]: 'ipv6' };

/** What every interface above the link takes. `typeof address === 'number'` tells IPv4. */
export type IpAddress = Ipv4Address | Ipv6Address;

// Text.

/** `a.b.c.d`, decimal, without leading zeros, which some readers take for octal; undefined for anything else. */
export function parseIpv4Address(text: string): Ipv4Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let address = 0;
  for (const part of parts) {
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    address = (address << 8) | Number(part);
  }
  return address as Ipv4Address;
}

/** `02:00:00:00:00:01`; undefined for anything else. */
export function parseLinkAddress(text: string): LinkAddress | undefined {
  if (!/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(text)) return undefined;
  return Number.parseInt(text.replaceAll(':', ''), 16) as LinkAddress;
}

/** RFC 4291 §2.2, dotted endings included, without a zone; undefined for anything else. */
export function parseIpv6(text: string): Ipv6Address | undefined {
  const halves = text.split('::');
  const [front = '', back] = halves;
  if (halves.length > 2) return undefined;
  const head = groupsOf(front, back === undefined);
  const tail = back === undefined ? [] : groupsOf(back, true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (back === undefined ? missing !== 0 : missing < 1) return undefined;
  return String.fromCharCode(...head, ...new Array<number>(missing).fill(0), ...tail) as Ipv6Address;
}

/** The one canonical form (RFC 5952 §4): lower case, the first of the longest runs of zeros as `::`. */
export function formatIpv6(address: Ipv6Address): string {
  const groups = Array.from({ length: 8 }, (_, i) => address.charCodeAt(i));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${formatIpv4((((groups[6] ?? 0) << 16) | (groups[7] ?? 0)) as Ipv4Address)}`; // RFC 5952 §5
  }
  let start = 0;
  let length = 0;
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (groups[i + run] === 0) run++;
    if (run > length) [start, length] = [i, run];
  }
  const text = (part: number[]): string => part.map((group) => group.toString(16)).join(':');
  if (length < 2) return text(groups); // RFC 5952 §4.2.2: one group of zeros is written out
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

/** Of either family. */
export const formatIpAddress = (address: IpAddress): string =>
  typeof address === 'number' ? formatIpv4(address) : formatIpv6(address);

/** Of either family; undefined for anything else. */
export const parseIpAddress = (text: string): IpAddress | undefined => parseIpv4Address(text) ?? parseIpv6(text);

// Kinds of IPv4 addresses.

/** RFC 919: everyone on this link. */
export const BROADCAST_IPV4: Ipv4Address = -1 as Ipv4Address;
/** RFC 5771: 224.0.0.0/4. */
export const isMulticastIpv4 = (address: Ipv4Address): boolean => address >>> 28 === 0xe;
/** RFC 1122 §3.2.1.3 (g): 127.0.0.0/8. */
export const isLoopbackIpv4 = (address: Ipv4Address): boolean => address >>> 24 === 127;
/** RFC 3927: 169.254.0.0/16. */
export const isLinkLocalIpv4 = (address: Ipv4Address): boolean => address >>> 16 === 0xa9fe;
/** RFC 1918 §3: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16. */
export const isPrivateIpv4 = (address: Ipv4Address): boolean =>
  address >>> 24 === 10 || address >>> 20 === 0xac1 || address >>> 16 === 0xc0a8;

// Prefixes.

export interface Ipv4Prefix {
  /** As written: `10.0.0.1/8` keeps its host part. */
  readonly address: Ipv4Address;
  /** Bits, 0 to 32. */
  readonly length: number;
}

/** Ones in the first `length` bits, signed. */
export const prefixMask = (length: number): number => (length === 0 ? 0 : -1 << (32 - length));
export const networkOf = (address: Ipv4Address, length: number): Ipv4Address =>
  (address & prefixMask(length)) as Ipv4Address;
/** The last address of the prefix: its directed broadcast, where it has one (RFC 3021: not with 31 bits). */
export const broadcastOf = (address: Ipv4Address, length: number): Ipv4Address =>
  (address | ~prefixMask(length)) as Ipv4Address;
export const inPrefix = (address: Ipv4Address, network: Ipv4Address, length: number): boolean =>
  ((address ^ network) & prefixMask(length)) === 0;
export const formatPrefix = (prefix: Ipv4Prefix): string => `${formatIpv4(prefix.address)}/${prefix.length}`;

/** `10.0.0.0/8`; undefined for anything else. */
export function parsePrefix(text: string): Ipv4Prefix | undefined {
  const [front = '', bits = '', ...more] = text.split('/');
  const address = parseIpv4Address(front);
  if (address === undefined || more.length > 0 || !/^(?:[0-9]|[12][0-9]|3[0-2])$/.test(bits)) return undefined;
  return { address, length: Number(bits) };
}

// Groups of 16 bits; `isLast` when a dotted address may end them.
function groupsOf(text: string, isLast: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [i, part] of parts.entries()) {
    const dotted = isLast && i === parts.length - 1 ? parseIpv4Address(part) : undefined;
    if (dotted !== undefined) groups.push(dotted >>> 16, dotted & 0xffff);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}
