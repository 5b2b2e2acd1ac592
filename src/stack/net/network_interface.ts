// One network interface of a machine: its addresses and its neighbors, and where its frames go out.

import type { Queued } from '../../core/event_queue.ts';
import { arrayOf, itemAt, listOf, type OneOrMany } from '../../core/one_or_many.ts';
import { type IpAddress, type Ipv4Address, type LinkAddress, NO_LINK_ADDRESS } from '../../wire/address.ts';
import type { Transmitter } from '../link/device.ts';
import type { Neighbor } from './neighbor.ts';

export interface InterfaceAddress {
  readonly address: IpAddress;
  /** 0 to 32 for IPv4. */
  readonly prefixLength: number;
}

export class NetworkInterface implements Queued {
  /** Its number on the machine, from 0: the port on which the link delivers. */
  readonly index: number;
  /** `eth0`, or the network's name. */
  readonly name: string;
  readonly linkAddress: LinkAddress;
  /** Bytes of the largest IP packet. */
  mtu = 1500;
  /** Changed through `NetworkLayer.setInterfaceUp`. */
  isUp = true;
  addressList: OneOrMany<InterfaceAddress>;
  transmitter: Transmitter | undefined;
  /** In the order of their addresses. Changed by the neighbor cache alone. */
  neighborList: OneOrMany<Neighbor>;
  /** Where it stands in the queue of those whose tables age, on a machine with many interfaces. */
  place = -1;

  constructor(index: number, name: string, linkAddress: LinkAddress) {
    this.index = index;
    this.name = name;
    this.linkAddress = linkAddress;
  }

  get isLoopback(): boolean {
    return this.index === LOOPBACK_INDEX;
  }

  get addresses(): readonly InterfaceAddress[] {
    return arrayOf(this.addressList);
  }

  /** Changed through the network layer alone, which keeps the routes in step. */
  set addresses(addresses: readonly InterfaceAddress[]) {
    this.addressList = listOf(addresses);
  }

  get neighbors(): readonly Readonly<Neighbor>[] {
    return arrayOf(this.neighborList);
  }

  get rank(): number {
    return this.index;
  }

  get isBackground(): boolean {
    return true;
  }

  /** The first IPv4 address, if there is one. */
  get ipv4(): Ipv4Address | undefined {
    for (const { address } of this.addresses) if (typeof address === 'number') return address;
    return undefined;
  }

  hasAddress(address: IpAddress): boolean {
    const { addressList } = this;
    for (let i = 0, each = itemAt(addressList, 0); each !== undefined; each = itemAt(addressList, ++i)) {
      if (each.address === address) return true;
    }
    return false;
  }

  /** The address with which it asks and answers on its own network: the one that shares `target`'s prefix. */
  addressFacing(target: Ipv4Address): Ipv4Address | undefined {
    let first: Ipv4Address | undefined;
    for (const { address, prefixLength } of this.addresses) {
      if (typeof address !== 'number') continue;
      if (prefixLength === 0 || (address ^ target) >>> (32 - prefixLength) === 0) return address;
      first ??= address;
    }
    return first;
  }
}

/** The index by which a machine's loopback goes: no link delivers there. */
export const LOOPBACK_INDEX = 0xffff;

const LOOPBACK_ADDRESS = 0x7f00_0001 as Ipv4Address;

/** One serves every machine: nothing in it ever changes, and packets on it never leave the machine. */
export const LOOPBACK: NetworkInterface = new NetworkInterface(LOOPBACK_INDEX, 'lo', NO_LINK_ADDRESS);
LOOPBACK.mtu = 65_536;
LOOPBACK.addresses = [{ address: LOOPBACK_ADDRESS, prefixLength: 8 }];
Object.freeze(LOOPBACK);
