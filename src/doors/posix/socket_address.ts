// Addresses as programs hold them: `sockaddr_in`, and their text.
//
// Not here: casting. Where C points at a `sockaddr` of some family, this takes an object that says its family itself.

import {
  formatIpv4,
  formatIpv6,
  type Ipv4Address,
  type Ipv6Address,
  parseIpv4Address,
  parseIpv6,
} from '../../wire/address.ts';
import type { Endpoint as HostEndpoint } from '../../world/app/program.ts';
import { htonl, htons, ntohl, ntohs } from './byte_order.ts';
import { AF_INET, AF_INET6 } from './constants.ts';
import { PosixError } from './posix_error.ts';

/** An IPv4 address in network byte order. */
export interface in_addr {
  s_addr: number;
}

/** An IPv6 address: 16 bytes. */
export interface in6_addr {
  s6_addr: Uint8Array;
}

/** An IPv4 address and port, in network byte order. */
export interface sockaddr_in {
  sin_family: number;
  sin_port: number;
  sin_addr: in_addr;
}

/** A fresh one: all zeros, as after `memset`. */
export const sockaddr_in = (): sockaddr_in => ({ sin_family: 0, sin_port: 0, sin_addr: { s_addr: 0 } });

/** An address and a port as the machines below count them. */
export interface Endpoint {
  readonly address: Ipv4Address;
  readonly port: number;
}

/** `128.143.67.11:80` */
export const endpointText = ({ address, port }: Endpoint): string => `${formatIpv4(address)}:${port}`;

/** An endpoint of the world's as one of this door's, which knows IPv4 alone. */
export function ipv4EndpointOf(endpoint: HostEndpoint | undefined): Endpoint | undefined {
  if (endpoint === undefined || typeof endpoint.address !== 'number') return undefined;
  return { address: endpoint.address, port: endpoint.port };
}

/** @throws PosixError EAFNOSUPPORT; TypeError on what is no address, RangeError on fields that do not fit */
export function endpointOf(addr: unknown, syscall: string): Endpoint {
  if (!isAddress(addr)) {
    throw new TypeError(`${syscall} takes an address: { sin_family: AF_INET, sin_port, sin_addr: { s_addr } }`);
  }
  if (addr.sin_family !== AF_INET) throw new PosixError('EAFNOSUPPORT', syscall);
  return { address: (ntohl(addr.sin_addr.s_addr) | 0) as Ipv4Address, port: ntohs(addr.sin_port) };
}

/** Fills in what a call has learned. */
export function fill(addr: sockaddr_in, { address, port }: Endpoint): void {
  addr.sin_family = AF_INET;
  addr.sin_port = htons(port);
  addr.sin_addr = { s_addr: htonl(address >>> 0) };
}

/** @throws TypeError on what cannot be filled in */
export function checkFillable(addr: unknown, syscall: string): void {
  if (typeof addr === 'object' && addr !== null) return;
  throw new TypeError(`${syscall} takes an address to fill in: const addr = sockaddr_in()`);
}

/**
 * From text to an address, which is put into `dst`. Returns 1, or 0 where the text is no address.
 *
 * @throws PosixError EAFNOSUPPORT on a family other than AF_INET and AF_INET6
 */
export function inet_pton(family: number, text: string, dst: in_addr | in6_addr): 0 | 1 {
  if (typeof text !== 'string') throw new TypeError('inet_pton takes the text of an address');
  if (family === AF_INET) {
    const address = parseIpv4Address(text);
    if (address === undefined) return 0;
    (dst as in_addr).s_addr = htonl(address >>> 0);
    return 1;
  }
  if (family !== AF_INET6) throw new PosixError('EAFNOSUPPORT', 'inet_pton');
  const address = parseIpv6(text);
  if (address === undefined) return 0;
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 8; i++) view.setUint16(2 * i, address.charCodeAt(i));
  (dst as in6_addr).s6_addr = bytes;
  return 1;
}

/**
 * The text of an address.
 *
 * @throws PosixError EAFNOSUPPORT on a family other than AF_INET and AF_INET6
 */
export function inet_ntop(family: number, src: in_addr | in6_addr): string {
  if (family === AF_INET) return formatIpv4((ntohl((src as in_addr).s_addr) | 0) as Ipv4Address);
  if (family !== AF_INET6) throw new PosixError('EAFNOSUPPORT', 'inet_ntop');
  const { s6_addr } = src as in6_addr;
  if (!(s6_addr instanceof Uint8Array && s6_addr.length === 16)) {
    throw new TypeError('inet_ntop takes { s6_addr } with 16 bytes for AF_INET6');
  }
  const view = new DataView(s6_addr.buffer, s6_addr.byteOffset, 16);
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(2 * i));
  return formatIpv6(String.fromCharCode(...groups) as Ipv6Address);
}

const isAddress = (addr: unknown): addr is sockaddr_in =>
  typeof addr === 'object' && addr !== null && 'sin_family' in addr && 'sin_port' in addr && 'sin_addr' in addr;
