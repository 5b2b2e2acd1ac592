// Which addresses are a machine's own, and which mean everyone on one of its networks. They come before any route.

import { arrayOf, countOf, itemAt, type OneOrMany } from '../../core/one_or_many.ts';
import { BROADCAST_IPV4, broadcastOf, type IpAddress, isLoopbackIpv4 } from '../../wire/address.ts';
import type { NetworkInterface } from './network_interface.ts';

export type AddressKind = 'own' | 'broadcast' | 'other';

/** Up to so many interfaces, asking each is faster than an index. */
const MAX_SCANNED = 4;

/** What is looked up where there are many interfaces; nothing where there are few. */
export type AddressIndex = ReadonlyMap<IpAddress, AddressKind>;

/** To be made again whenever an interface or an address comes or goes. */
export function indexAddresses(list: OneOrMany<NetworkInterface>): AddressIndex | undefined {
  if (countOf(list) <= MAX_SCANNED) return undefined;
  const interfaces = arrayOf(list);
  const index = new Map<IpAddress, AddressKind>();
  for (const { addresses } of interfaces) {
    for (const { address: own, prefixLength } of addresses) {
      if (typeof own !== 'number' || prefixLength > 30) continue;
      index.set(broadcastOf(own, prefixLength), 'broadcast');
    }
  }
  for (const { addresses } of interfaces) for (const own of addresses) index.set(own.address, 'own');
  return index;
}

/** What `address` is to a machine with these interfaces. */
export function kindOf(
  interfaces: OneOrMany<NetworkInterface>,
  index: AddressIndex | undefined,
  address: IpAddress,
): AddressKind {
  if (address === BROADCAST_IPV4) return 'broadcast';
  if (typeof address === 'number' && isLoopbackIpv4(address)) return 'own';
  if (index !== undefined) return index.get(address) ?? 'other';
  let kind: AddressKind = 'other';
  for (let i = 0, each = itemAt(interfaces, 0); each !== undefined; each = itemAt(interfaces, ++i)) {
    const found = kindOn(each, address);
    if (found === 'own') return 'own';
    if (found === 'broadcast') kind = found;
  }
  return kind;
}

/** What `address` is to one interface. */
export function kindOn(one: NetworkInterface, address: IpAddress): AddressKind {
  let kind: AddressKind = 'other';
  const { addressList } = one;
  for (let i = 0, each = itemAt(addressList, 0); each !== undefined; each = itemAt(addressList, ++i)) {
    const { address: own, prefixLength } = each;
    if (own === address) return 'own';
    if (typeof own !== 'number' || prefixLength > 30) continue; // RFC 3021: no broadcast with 31 bits
    if (address === broadcastOf(own, prefixLength)) kind = 'broadcast';
  }
  return kind;
}
