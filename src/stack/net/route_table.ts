// The routing table of one machine: where does a packet for this address go next?
//
// The longest prefix wins, then the lowest metric (RFC 1122 §3.3.1, RFC 1812 §5.2.4.3). Routes through interfaces that are
// down do not count. Not here: a machine's own addresses and broadcasts, which come before any route, and the text.

import { type JournalChange, JournalTable } from '../../core/journal.ts';
import { findWord, type SortedWords, sortedWords } from '../../core/sorted_words.ts';
import type { Instant } from '../../core/time.ts';
import { formatIpv4, type Ipv4Address, inPrefix, networkOf, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import type { TableLog } from './neighbor_cache.ts';
import type { NetworkInterface } from './network_interface.ts';

/** What a route costs unless something else is said: what a desktop's network configuration gives a cable. */
export const DEFAULT_METRIC = 100;
/** Of 169.254.0.0/16: everything else is better. */
export const LINK_LOCAL_METRIC = 1000;
/** Further routes are refused. */
export const MAX_ROUTES = 65_536;

/** Up to so many, looking at each is faster than any index. */
const MAX_SCANNED = 16;

export interface Route {
  readonly destination: Ipv4Address;
  /** Bits of the destination that count, 0 (the default route) to 32. */
  readonly prefixLength: number;
  /** The router to hand packets to; `UNSPECIFIED_IPV4` when the destination itself is on the link. */
  readonly gateway: Ipv4Address;
  readonly metric: number;
  readonly egress: NetworkInterface;
}

export class RouteTable {
  /** Changes with every change that may lead packets elsewhere, so that others may remember what they looked up. */
  generation = 0;
  private readonly log: TableLog;
  // The most specific first, see `byPreference`.
  private routes: Route[] | undefined;
  private index: PrefixIndex[] | undefined;

  constructor(log: TableLog) {
    this.log = log;
  }

  /**
   * Enters a route; bits of the destination behind the prefix are cleared. Returns false when it was there already, or
   * when the table is full.
   *
   * @throws RangeError on a prefix length that no address has
   */
  add(now: Instant, route: Route, cause = 'configured'): boolean {
    const { destination, prefixLength, gateway, metric, egress } = route;
    if (!Number.isInteger(prefixLength) || prefixLength < 0 || prefixLength > 32) {
      throw new RangeError(`a prefix length lies between 0 and 32, and is not ${prefixLength}`);
    }
    const entry = { destination: networkOf(destination, prefixLength), prefixLength, gateway, metric, egress };
    this.routes ??= [];
    const at = search(this.routes, entry);
    if (at >= 0 || this.routes.length === MAX_ROUTES) return false;
    // Short tables are kept without slack: there is one on each machine.
    if (this.routes.length < MAX_SCANNED) this.routes = this.routes.toSpliced(~at, 0, entry);
    else this.routes.splice(~at, 0, entry);
    this.invalidate();
    this.record(now, entry, 'added', cause);
    return true;
  }

  /** Takes out the route that is equal in everything. Returns whether there was one. */
  remove(now: Instant, route: Route, cause = 'configured'): boolean {
    const { destination, prefixLength } = route;
    const entry = { ...route, destination: networkOf(destination, prefixLength) };
    const at = this.routes === undefined ? -1 : search(this.routes, entry);
    if (at < 0) return false;
    this.routes?.splice(at, 1);
    this.invalidate();
    this.record(now, entry, 'removed', cause);
    return true;
  }

  /** Takes out all routes through an interface. */
  removeThrough(now: Instant, egress: NetworkInterface, cause: string): void {
    for (const route of this.list()) if (route.egress === egress) this.remove(now, route, cause);
  }

  /** The route that a packet for `destination` takes. */
  lookup(destination: Ipv4Address): Route | undefined {
    const routes = this.routes;
    if (routes === undefined) return undefined;
    if (routes.length > MAX_SCANNED) return this.lookupIndexed(routes, destination);
    for (const route of routes) if (isUsable(route, destination)) return route;
    return undefined;
  }

  /** All routes by destination, as tables show them: the default route first. */
  list(): readonly Route[] {
    return [...(this.routes ?? [])].sort(byDestination);
  }

  /** Says that something beside the routes has changed: an address, or whether an interface is up. */
  invalidate(): void {
    this.generation++;
    this.index = undefined;
  }

  private lookupIndexed(routes: readonly Route[], destination: Ipv4Address): Route | undefined {
    this.index ??= indexOf(routes);
    for (const { prefixLength, first, networks } of this.index) {
      const network = networkOf(destination, prefixLength);
      const place = findWord(networks, network);
      if (place < 0) continue;
      for (let i = first + place; ; i++) {
        const route = routes[i];
        if (route?.destination !== network || route.prefixLength !== prefixLength) break;
        if (route.egress.isUp) return route;
      }
    }
    return undefined;
  }

  private record(now: Instant, route: Route, change: JournalChange, cause: string): void {
    const { journal, hostName } = this.log;
    if (journal?.watches(JournalTable.Route) !== true) return;
    const row = {
      destination: formatIpv4(route.destination),
      prefixLength: route.prefixLength,
      gateway: formatIpv4(route.gateway),
      metric: route.metric,
      interface: route.egress.name,
    };
    const key = `${row.destination}/${row.prefixLength}`;
    journal.record({ table: JournalTable.Route, time: now, host: hostName, change, key, cause, row });
  }
}

/** One line of an explanation: is the destination, cut to the mask, the route's? */
export interface RouteMatch {
  readonly route: Route;
  /** The address that was asked for AND the route's mask. */
  readonly masked: Ipv4Address;
  readonly isMatch: boolean;
  readonly isWinner: boolean;
}

/** How the table decides about an address, line by line in the order of `list`. */
export function explainRoute(table: RouteTable, destination: Ipv4Address): readonly RouteMatch[] {
  const winner = table.lookup(destination);
  return table.list().map((route) => {
    const masked = networkOf(destination, route.prefixLength);
    return { route, masked, isMatch: masked === route.destination, isWinner: route === winner };
  });
}

export const isDirect = (route: Route): boolean => route.gateway === UNSPECIFIED_IPV4;

/** The routes with one prefix length: they stand together. */
interface PrefixIndex {
  readonly prefixLength: number;
  /** The place of the first of them. */
  readonly first: number;
  /** The destination of each. */
  readonly networks: SortedWords;
}

// One list for each prefix length that occurs, the longest first: at most 33 questions, whatever the size of the table.
function indexOf(routes: readonly Route[]): PrefixIndex[] {
  const index: PrefixIndex[] = [];
  for (let first = 0, end = 0; first < routes.length; ) {
    const prefixLength = routes[first]?.prefixLength ?? 0;
    while (routes[end]?.prefixLength === prefixLength) end++;
    index.push({ prefixLength, first, networks: sortedWords(routes.slice(first, end).map(networkOfRoute)) });
    first = end;
  }
  return index;
}

const networkOfRoute = ({ destination }: Route): Ipv4Address => destination;

const isUsable = ({ destination, prefixLength, egress }: Route, address: Ipv4Address): boolean =>
  inPrefix(address, destination, prefixLength) && egress.isUp;

// The place of an equal route, or -1 less the place where it would stand.
function search(routes: readonly Route[], route: Route): number {
  let low = 0;
  let high = routes.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = routes[middle];
    const order = found === undefined ? 0 : byPreference(found, route);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return ~low;
}

const unsignedOrder = (a: Ipv4Address, b: Ipv4Address): number => (a >>> 0) - (b >>> 0);

// Both are total: no two routes of a table are equal in everything.
const byPreference = (a: Route, b: Route): number =>
  b.prefixLength - a.prefixLength ||
  unsignedOrder(a.destination, b.destination) ||
  a.metric - b.metric ||
  unsignedOrder(a.gateway, b.gateway) ||
  a.egress.index - b.egress.index;
const byDestination = (a: Route, b: Route): number => unsignedOrder(a.destination, b.destination) || byPreference(a, b);
