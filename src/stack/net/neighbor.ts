// What one host knows about one neighbor on the link, and how `arp -an` and `ip neigh` show it.

import { elapsed, formatDuration, type Instant, NEVER } from '../../core/time.ts';
import { formatIpv4, formatLinkAddress, type Ipv4Address, type LinkAddress } from '../../wire/address.ts';
import type { NetworkInterface } from './network_interface.ts';

export type NeighborState = 'Incomplete' | 'Reachable' | 'Stale' | 'Probe' | 'Failed';

export interface Neighbor {
  readonly address: Ipv4Address;
  linkAddress: LinkAddress;
  state: NeighborState;
  /** When `state` ends, unless something happens before; `NEVER` before the first one. */
  deadline: Instant;
  /** While it is Incomplete, or in Probe. */
  question: NeighborQuestion | undefined;
}

/** A question that has yet to be answered. */
export interface NeighborQuestion {
  readonly at: NetworkInterface;
  readonly neighbor: Neighbor;
  /** Requests sent. */
  asked: number;
  /** Slots of packets that wait for the answer, oldest first. */
  waiting: number[] | undefined;
}

const isKnown = ({ state }: Readonly<Neighbor>): boolean => state !== 'Incomplete' && state !== 'Failed';

/** How tables and the journal write where a neighbor is. */
export const neighborPlace = (neighbor: Readonly<Neighbor>): string =>
  isKnown(neighbor) ? formatLinkAddress(neighbor.linkAddress) : '<incomplete>';

/** The lines of `arp -an`, in the order given: addresses that do not answer show as incomplete for a while. */
export const formatArpTable = (neighbors: readonly Readonly<Neighbor>[], interfaceName: string): string =>
  neighbors.map((neighbor) => `${formatArpEntry(neighbor, interfaceName)}\n`).join('');

/** As `ip neigh` prints them. */
export const formatIpNeighbors = (neighbors: readonly Readonly<Neighbor>[], interfaceName: string): string =>
  neighbors
    .map((neighbor) => {
      const place = isKnown(neighbor) ? ` lladdr ${formatLinkAddress(neighbor.linkAddress)}` : '';
      return `${formatIpv4(neighbor.address)} dev ${interfaceName}${place} ${neighbor.state.toUpperCase()}\n`;
    })
    .join('');

/** The same with all that is known, for people who look inside. */
export const formatNeighbors = (
  neighbors: readonly Readonly<Neighbor>[],
  now: Instant,
  interfaceName: string,
): string => neighbors.map((neighbor) => `${formatNeighbor(neighbor, now, interfaceName)}\n`).join('');

function formatArpEntry(neighbor: Readonly<Neighbor>, interfaceName: string): string {
  const kind = isKnown(neighbor) ? ' [ether]' : '';
  return `? (${formatIpv4(neighbor.address)}) at ${neighborPlace(neighbor)}${kind} on ${interfaceName}`;
}

function formatNeighbor(neighbor: Readonly<Neighbor>, now: Instant, interfaceName: string): string {
  const { state, deadline, question } = neighbor;
  const counts = question === undefined ? '' : `, asked ${question.asked}, waiting ${question.waiting?.length ?? 0}`;
  const left = deadline === NEVER ? '' : ` ${formatDuration(elapsed(now, deadline))}`;
  return `${formatArpEntry(neighbor, interfaceName)} ${state.toLowerCase()}${left}${counts}`;
}
