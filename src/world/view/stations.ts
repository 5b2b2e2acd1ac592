// Who is behind a link address: the machine's name where a world knows it, else the address that it claimed by ARP, else
// the link address itself.

import {
  formatIpv4,
  formatLinkAddress,
  isGroupAddress,
  type LinkAddress,
  UNSPECIFIED_IPV4,
} from '../../wire/address.ts';
import type { Host } from '../host/host.ts';
import type { CapturedFrame } from './captured_frame.ts';
import { dissect } from './dissection.ts';

/** Names by link address. */
export type Stations = ReadonlyMap<LinkAddress, string>;

/** In the order of the machines. */
export function stationsOfHosts(hosts: Iterable<Host>): Stations {
  const names = new Map<LinkAddress, string>();
  for (const host of hosts) for (const { linkAddress } of host.network.interfaces) names.set(linkAddress, host.name);
  return names;
}

/** From what the frames themselves say, in the order in which senders appear. */
export function stationsInFrames(frames: readonly CapturedFrame[]): Stations {
  const names = new Map<LinkAddress, string>();
  const claims = new Map<LinkAddress, string>();
  for (const frame of frames) {
    const { ethernet, arp } = dissect(frame);
    if (ethernet === undefined) continue;
    for (const address of [ethernet.source, ethernet.destination]) {
      if (!isGroupAddress(address) && !names.has(address)) names.set(address, formatLinkAddress(address));
    }
    if (arp !== undefined && arp.sender !== UNSPECIFIED_IPV4 && !claims.has(arp.senderLink)) {
      claims.set(arp.senderLink, formatIpv4(arp.sender));
    }
  }
  for (const [address, claim] of claims) if (names.has(address)) names.set(address, claim);
  return names;
}
