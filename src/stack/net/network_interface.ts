// One network interface of a machine: its addresses and its neighbors, and where its frames go out.

import type { Queued } from '../../core/event_queue.ts';
import { arrayOf, type OneOrMany } from '../../core/one_or_many.ts';
import {
  broadcastOf,
  type IpAddress,
  type Ipv4Address,
  type LinkAddress,
  NO_LINK_ADDRESS,
} from '../../wire/address.ts';
import type { Transmitter } from '../link/device.ts';
import type { Neighbor } from './neighbor.ts';

export interface InterfaceAddress {
  readonly address: IpAddress;
  /** 0 to 32 for IPv4. */
  readonly prefixLength: number;
}

/** What an address is to an interface, or to a machine. */
export type AddressKind = 'own' | 'broadcast' | 'other';

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
  transmitter: Transmitter | undefined;
  /** In the order of their addresses. Changed by the neighbor cache alone. */
  neighborList: OneOrMany<Neighbor>;
  /** Where it stands in the queue of those whose tables age, on a machine with many interfaces. */
  place = -1;
  // The first address, and those behind it. Nearly always there is one, and that takes no object of its own.
  private address: IpAddress | undefined;
  private prefixLength = 0;
  private others: readonly InterfaceAddress[] | undefined;

  constructor(index: number, name: string, linkAddress: LinkAddress) {
    this.index = index;
    this.name = name;
    this.linkAddress = linkAddress;
  }

  get isLoopback(): boolean {
    return this.index === LOOPBACK_INDEX;
  }

  get addresses(): readonly InterfaceAddress[] {
    const { address, prefixLength, others } = this;
    if (address === undefined) return [];
    return others === undefined ? [{ address, prefixLength }] : [{ address, prefixLength }, ...others];
  }

  /** Changed through the network layer alone, which keeps the routes in step. */
  set addresses(addresses: readonly InterfaceAddress[]) {
    const [first, ...others] = addresses;
    this.address = first?.address;
    this.prefixLength = first?.prefixLength ?? 0;
    this.others = others.length === 0 ? undefined : others;
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

  /** What `address` is to this interface. */
  kindOf(address: IpAddress): AddressKind {
    const { address: own, prefixLength, others } = this;
    if (own === address) return 'own';
    let kind: AddressKind = isBroadcastOf(own, prefixLength, address) ? 'broadcast' : 'other';
    if (others === undefined) return kind;
    for (const other of others) {
      if (other.address === address) return 'own';
      if (isBroadcastOf(other.address, other.prefixLength, address)) kind = 'broadcast';
    }
    return kind;
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

/** Whether a network has an address that means everyone: one of two machines has none (RFC 3021 §2.1). */
export const hasBroadcast = (prefixLength: number): boolean => prefixLength <= 30;

const isBroadcastOf = (own: IpAddress | undefined, prefixLength: number, address: IpAddress): boolean =>
  typeof own === 'number' && hasBroadcast(prefixLength) && address === broadcastOf(own, prefixLength);

/** The index by which a machine's loopback goes: no link delivers there. */
export const LOOPBACK_INDEX = 0xffff;

const LOOPBACK_ADDRESS = 0x7f00_0001 as Ipv4Address;

/** One serves every machine: nothing in it ever changes, and packets on it never leave the machine. */
export const LOOPBACK: NetworkInterface = new NetworkInterface(LOOPBACK_INDEX, 'lo', NO_LINK_ADDRESS);
LOOPBACK.mtu = 65_536;
LOOPBACK.addresses = [{ address: LOOPBACK_ADDRESS, prefixLength: 8 }];
Object.freeze(LOOPBACK);
