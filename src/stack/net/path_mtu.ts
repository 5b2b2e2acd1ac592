// Path MTU discovery (RFC 1191): what ICMP has said about the longest packet that reaches a destination in one piece.

import { after, type Instant, minutes } from '../../core/time.ts';
import type { Ipv4Address } from '../../wire/address.ts';

/** RFC 1191 §6.3: an estimate is given up after ten minutes, for the path may have grown. */
const PATH_MTU_TIME = minutes(10);
/** Lower claims are taken for this one: nothing real needs less, and a forger could make us send crumbs. */
export const MIN_PATH_MTU = 552;
/** At the bound the estimate that was made first goes. */
export const MAX_PATHS = 256;

// RFC 1191 §7: sizes of links that exist, for routers that do not say their own.
const PLATEAUS = [32_000, 17_914, 8166, 4352, 2002, 1492, 1006] as const;

interface Estimate {
  readonly mtu: number;
  readonly expiresAt: Instant;
}

export class PathMtuCache {
  private readonly estimates = new Map<Ipv4Address, Estimate>();

  /** Bytes, if there is an estimate. */
  lookup(now: Instant, destination: Ipv4Address): number | undefined {
    const estimate = this.estimates.get(destination);
    if (estimate === undefined) return undefined;
    if (now < estimate.expiresAt) return estimate.mtu;
    this.estimates.delete(destination);
    return undefined;
  }

  /**
   * Takes in what a router said about a packet of `length` bytes, and returns the estimate that holds now.
   *
   * @param mtu the next hop's, 0 when the router does not say
   */
  learn(now: Instant, destination: Ipv4Address, mtu: number, length: number): number {
    const claim = mtu === 0 || mtu >= length ? plateauBelow(length) : mtu;
    const known = this.lookup(now, destination);
    const lowest = Math.max(MIN_PATH_MTU, known === undefined ? claim : Math.min(claim, known));
    // RFC 1191 §3: an error never raises an estimate.
    this.estimates.delete(destination);
    if (this.estimates.size === MAX_PATHS) {
      // Entries are in the order in which they were made, and live equally long: the first is the oldest.
      for (const oldest of this.estimates.keys()) {
        this.estimates.delete(oldest);
        break;
      }
    }
    this.estimates.set(destination, { mtu: lowest, expiresAt: after(now, PATH_MTU_TIME) });
    return lowest;
  }
}

function plateauBelow(length: number): number {
  for (const plateau of PLATEAUS) if (plateau < length) return plateau;
  return MIN_PATH_MTU;
}
