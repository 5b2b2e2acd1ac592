// Which addresses are a machine's own, and which mean everyone on one of its networks. They come before any route.

import { BROADCAST_IPV4, broadcastOf, type IpAddress, isLoopbackIpv4 } from '../../wire/address.ts';
import type { NetworkInterface } from './network_interface.ts';

export type AddressKind = 'own' | 'broadcast' | 'other';

/** Up to so many interfaces, asking each is faster than an index. */
const MAX_SCANNED = 4;

export class OwnAddresses {
  private interfaces: readonly NetworkInterface[] = NO_INTERFACES;
  private index: Map<IpAddress, AddressKind> | undefined;

  /** Must be called again whenever an interface or an address comes or goes. */
  update(interfaces: readonly NetworkInterface[]): void {
    this.interfaces = interfaces;
    this.index = undefined;
  }

  kindOf(address: IpAddress): AddressKind {
    if (address === BROADCAST_IPV4) return 'broadcast';
    if (typeof address === 'number' && isLoopbackIpv4(address)) return 'own';
    if (this.interfaces.length > MAX_SCANNED) return this.kindByIndex(address);
    let kind: AddressKind = 'other';
    for (const each of this.interfaces) {
      const found = kindOn(each, address);
      if (found === 'own') return 'own';
      if (found === 'broadcast') kind = found;
    }
    return kind;
  }

  private kindByIndex(address: IpAddress): AddressKind {
    if (this.index === undefined) {
      this.index = new Map();
      for (const { addresses } of this.interfaces) {
        for (const { address: own, prefixLength } of addresses) {
          if (typeof own !== 'number' || prefixLength > 30) continue;
          this.index.set(broadcastOf(own, prefixLength), 'broadcast');
        }
      }
      for (const { addresses } of this.interfaces) for (const own of addresses) this.index.set(own.address, 'own');
    }
    return this.index.get(address) ?? 'other';
  }
}

const NO_INTERFACES: readonly NetworkInterface[] = [];

/** What `address` is to one interface. */
export function kindOn(one: NetworkInterface, address: IpAddress): AddressKind {
  let kind: AddressKind = 'other';
  for (const { address: own, prefixLength } of one.addresses) {
    if (own === address) return 'own';
    if (typeof own !== 'number' || prefixLength > 30) continue; // RFC 3021: no broadcast with 31 bits
    if (address === broadcastOf(own, prefixLength)) kind = 'broadcast';
  }
  return kind;
}
