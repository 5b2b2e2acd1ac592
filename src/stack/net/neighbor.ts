// What one host knows about one neighbor on the link, and how `arp -an` shows it.

import { elapsed, formatDuration, type Instant } from '../../core/time.ts';
import { formatIpv4, formatLinkAddress, type Ipv4Address, type LinkAddress } from '../../wire/address.ts';

export type NeighborState = 'Incomplete' | 'Reachable' | 'Stale' | 'Probe';

export interface Neighbor {
  readonly address: Ipv4Address;
  linkAddress: LinkAddress;
  state: NeighborState;
  /** When `state` began. */
  since: Instant;
  deadline: Instant;
  /** Requests sent in this state. */
  asked: number;
  /** Slots of packets that wait for the answer, oldest first. */
  waiting: number[];
}

/** One line a neighbor, in the order given. */
export const formatNeighbors = (
  neighbors: readonly Readonly<Neighbor>[],
  now: Instant,
  interfaceName: string,
): string => neighbors.map((neighbor) => `${formatNeighbor(neighbor, now, interfaceName)}\n`).join('');

function formatNeighbor(neighbor: Readonly<Neighbor>, now: Instant, interfaceName: string): string {
  const { address, linkAddress, state, deadline, asked, waiting } = neighbor;
  const at = state === 'Incomplete' ? '<incomplete>' : `${formatLinkAddress(linkAddress)} [ether]`;
  const counts = asked === 0 ? '' : `, asked ${asked}, waiting ${waiting.length}`;
  const left = formatDuration(elapsed(now, deadline));
  return `? (${formatIpv4(address)}) at ${at} on ${interfaceName} ${state.toLowerCase()} ${left}${counts}`;
}
