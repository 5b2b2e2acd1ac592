// One network interface of a machine: its addresses, and where its frames go out.

import type { IpAddress, Ipv4Address, LinkAddress } from '../../wire/address.ts';
import type { Transmitter } from '../link/device.ts';
import type { NeighborCache } from './neighbor_cache.ts';

export interface InterfaceAddress {
  readonly address: IpAddress;
  /** 0 to 32 for IPv4. */
  readonly prefixLength: number;
}

export class NetworkInterface {
  /** Its number on the machine, from 0: the port on which the link delivers. */
  readonly index: number;
  /** `eth0`, or the network's name. */
  readonly name: string;
  readonly linkAddress: LinkAddress;
  readonly isLoopback: boolean;
  /** Bytes of the largest IP packet. */
  mtu = 1500;
  isUp = true;
  /** Changed through the network layer alone, which keeps the routes in step. */
  addresses: readonly InterfaceAddress[] = [];
  transmitter: Transmitter | undefined;
  /** Made on first use. */
  neighbors: NeighborCache | undefined;

  constructor(index: number, name: string, linkAddress: LinkAddress, isLoopback = false) {
    this.index = index;
    this.name = name;
    this.linkAddress = linkAddress;
    this.isLoopback = isLoopback;
  }

  /** The first IPv4 address, if there is one. */
  get ipv4(): Ipv4Address | undefined {
    for (const { address } of this.addresses) if (typeof address === 'number') return address;
    return undefined;
  }
}
