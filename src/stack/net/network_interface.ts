// One network interface of a machine: its addresses, and where its frames go out.

import type { Queued } from '../../core/event_queue.ts';
import { type IpAddress, type Ipv4Address, type LinkAddress, NO_LINK_ADDRESS } from '../../wire/address.ts';
import type { Transmitter } from '../link/device.ts';
import type { LinkLocal } from './link_local.ts';
import type { NeighborCache } from './neighbor_cache.ts';

export interface InterfaceAddress {
  readonly address: IpAddress;
  /** 0 to 32 for IPv4. */
  readonly prefixLength: number;
}

const NO_ADDRESSES: readonly InterfaceAddress[] = [];

export class NetworkInterface implements Queued {
  /** Its number on the machine, from 0: the port on which the link delivers. */
  readonly index: number;
  /** `eth0`, or the network's name. */
  readonly name: string;
  readonly linkAddress: LinkAddress;
  readonly isLoopback: boolean;
  /** Bytes of the largest IP packet. */
  mtu = 1500;
  /** Changed through `NetworkLayer.setInterfaceUp`. */
  isUp = true;
  /** Changed through the network layer alone, which keeps the routes in step. */
  addresses: readonly InterfaceAddress[] = NO_ADDRESSES;
  transmitter: Transmitter | undefined;
  /** Made on first use. */
  neighbors: NeighborCache | undefined;
  /** Where it stands in the queue of those whose tables age, on a machine with many interfaces. */
  place = -1;
  /** While the interface looks after an address of its own making (RFC 3927). */
  linkLocal: LinkLocal | undefined;

  constructor(index: number, name: string, linkAddress: LinkAddress, isLoopback = false) {
    this.index = index;
    this.name = name;
    this.linkAddress = linkAddress;
    this.isLoopback = isLoopback;
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
}

/** The index by which a machine's loopback goes: no link delivers there. */
export const LOOPBACK_INDEX = 0xffff;

const LOOPBACK_ADDRESS = 0x7f00_0001 as Ipv4Address;

/** One serves every machine: nothing in it ever changes, and packets on it never leave the machine. */
export const LOOPBACK: NetworkInterface = new NetworkInterface(LOOPBACK_INDEX, 'lo', NO_LINK_ADDRESS, true);
LOOPBACK.mtu = 65_536;
LOOPBACK.addresses = [{ address: LOOPBACK_ADDRESS, prefixLength: 8 }];
Object.freeze(LOOPBACK);

/** The address with which an interface asks and answers on its own network: the one that shares `target`'s prefix. */
export function addressFacing(addresses: readonly InterfaceAddress[], target: Ipv4Address): Ipv4Address | undefined {
  let first: Ipv4Address | undefined;
  for (const { address, prefixLength } of addresses) {
    if (typeof address !== 'number') continue;
    if (prefixLength === 0 || (address ^ target) >>> (32 - prefixLength) === 0) return address;
    first ??= address;
  }
  return first;
}
