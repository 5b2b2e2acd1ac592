// Which way packets to one destination take: the routing decision, remembered.
//
// The two paths used last are kept: those of one flow and its answers; on a machine with many interfaces, where many flows
// meet, some hundreds. Everything that could lead elsewhere changes the
// routing table's generation, by which a remembered path is known to be out of date. Nothing here is told to anyone: it is
// made when a packet needs it, and given up whenever a machine's interfaces or addresses change.

import { arrayOf, itemAt, type OneOrMany } from '../../core/one_or_many.ts';
import {
  BROADCAST_IPV4,
  type IpAddress,
  type Ipv4Address,
  isLoopbackIpv4,
  isMulticastIpv4,
  UNSPECIFIED_IPV4,
} from '../../wire/address.ts';
import type { Neighbor } from './neighbor.ts';
import { type AddressKind, LOOPBACK, type NetworkInterface } from './network_interface.ts';
import { type AddressIndex, indexAddresses, kindOf } from './own_addresses.ts';
import { isDirect, type RouteTable } from './route_table.ts';

/** `local`: back to this machine. `none`: there is no way. */
export type PathKind = 'unicast' | 'local' | 'broadcast' | 'multicast' | 'none';

/** Reused for another destination later: read it, do not keep it. A local one says nothing of its destination. */
export interface Path {
  destination: Ipv4Address;
  generation: number;
  kind: PathKind;
  egress: NetworkInterface;
  /** Of `unicast`: who gets the frame. */
  nextHop: Ipv4Address;
  /** The next hop's entry in the neighbor cache, once it was found. */
  neighbor: Readonly<Neighbor> | undefined;
}

export class Paths {
  private readonly routes: RouteTable;
  private readonly interfaces: OneOrMany<NetworkInterface>;
  private readonly addresses: AddressIndex | undefined;
  // What is for the machine itself takes no way: an address and a generation say all.
  private ownAddress: Ipv4Address = UNSPECIFIED_IPV4;
  private ownGeneration = -1;
  private latest: Path | undefined;
  private other: Path | undefined;
  // Each in a place that follows from its destination.
  private readonly many: (Path | undefined)[] | undefined;

  /** Of a machine with these interfaces and addresses; with others, it is to be made anew. */
  constructor(routes: RouteTable, interfaces: OneOrMany<NetworkInterface>) {
    this.routes = routes;
    this.interfaces = interfaces;
    this.addresses = indexAddresses(interfaces);
    if (this.addresses !== undefined) this.many = new Array<Path | undefined>(MANY).fill(undefined);
  }

  /** Whether it takes long to make: with many interfaces there is an index of their addresses. */
  get isCostly(): boolean {
    return this.addresses !== undefined;
  }

  /** Whether an address is this machine's own, or means everyone on one of its networks. */
  kindOf(address: IpAddress): AddressKind {
    return kindOf(this.interfaces, this.addresses, address);
  }

  to(destination: Ipv4Address): Path {
    const { generation } = this.routes;
    const { latest, other } = this;
    if (this.ownAddress === destination && this.ownGeneration === generation) return TO_OURSELVES;
    if (latest !== undefined && latest.destination === destination && latest.generation === generation) return latest;
    if (other === undefined || other.destination !== destination || other.generation !== generation) {
      return this.find(destination);
    }
    this.latest = other;
    this.other = latest;
    return other;
  }

  /** Through one interface, whatever the routes say: for machines that have none yet. */
  through(egress: NetworkInterface, destination: Ipv4Address): Path {
    const path = emptyPath(destination);
    path.egress = egress;
    const isBroadcast = destination === BROADCAST_IPV4 || egress.kindOf(destination) === 'broadcast';
    if (isBroadcast) path.kind = 'broadcast';
    else if (isMulticastIpv4(destination)) path.kind = 'multicast';
    else {
      const route = this.routes.lookup(destination);
      path.kind = 'unicast';
      path.nextHop = route?.egress === egress && !isDirect(route) ? route.gateway : destination;
    }
    return path;
  }

  /** The address that packets to `destination` leave with (RFC 1122 §3.3.4.3), if the interface has one. */
  source(destination: Ipv4Address): IpAddress | undefined {
    const { kind, egress, nextHop } = this.to(destination);
    if (kind === 'none') return undefined;
    if (kind === 'local') return isLoopbackIpv4(destination) ? LOOPBACK.ipv4 : destination;
    return egress.addressFacing(kind === 'unicast' ? nextHop : destination);
  }

  private find(destination: Ipv4Address): Path {
    const known = this.many?.[placeOf(destination)];
    if (known !== undefined && known.destination === destination && known.generation === this.routes.generation) {
      this.other = this.latest;
      this.latest = known;
      return known;
    }
    const kind = this.kindOf(destination);
    if (kind === 'own') {
      this.ownAddress = destination;
      this.ownGeneration = this.routes.generation;
      return TO_OURSELVES;
    }
    const path = this.reusable(destination);
    path.destination = destination;
    path.generation = this.routes.generation;
    path.neighbor = undefined;
    path.egress = LOOPBACK;
    path.nextHop = UNSPECIFIED_IPV4;
    path.kind = 'none';
    if (destination !== UNSPECIFIED_IPV4) this.findRoute(path, kind === 'broadcast');
    return path;
  }

  // The older of the two, or what has the place, unless the latest was for the same destination and is out of date.
  private reusable(destination: Ipv4Address): Path {
    const { latest, other, many } = this;
    if (latest?.destination === destination) return latest;
    const place = placeOf(destination);
    const path = (many === undefined ? other : many[place]) ?? emptyPath(destination);
    if (many !== undefined) many[place] = path;
    this.other = latest;
    this.latest = path;
    return path;
  }

  private findRoute(path: Path, isBroadcast: boolean): void {
    const { destination } = path;
    const route = this.routes.lookup(destination);
    if (isBroadcast) {
      const egress = this.broadcastInterface(destination) ?? route?.egress;
      if (egress === undefined) return;
      path.egress = egress;
      path.kind = 'broadcast';
    } else if (route !== undefined) {
      path.egress = route.egress;
      path.kind = isMulticastIpv4(destination) ? 'multicast' : 'unicast';
      path.nextHop = isDirect(route) ? destination : route.gateway;
    }
  }

  // The interface whose network a directed broadcast means; for the limited one, the default route decides, or the first.
  private broadcastInterface(destination: Ipv4Address): NetworkInterface | undefined {
    if (destination === BROADCAST_IPV4) return this.routes.lookup(destination)?.egress ?? itemAt(this.interfaces, 0);
    return arrayOf(this.interfaces).find((one) => one.isUp && one.kindOf(destination) === 'broadcast');
  }
}

const MANY = 256;
const placeOf = (destination: Ipv4Address): number => Math.imul(destination, 0x9e3779b1) >>> 24;

const TO_OURSELVES: Path = {
  destination: UNSPECIFIED_IPV4,
  generation: -1,
  kind: 'local',
  egress: LOOPBACK,
  nextHop: UNSPECIFIED_IPV4,
  neighbor: undefined,
};

const emptyPath = (destination: Ipv4Address): Path => ({
  destination,
  generation: -1,
  kind: 'none',
  egress: LOOPBACK,
  nextHop: UNSPECIFIED_IPV4,
  neighbor: undefined,
});
