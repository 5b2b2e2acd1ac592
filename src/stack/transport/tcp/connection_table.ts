// Which connection does a segment belong to? A hash table over the four numbers that name one, open-addressed, with no
// key object or string made for a look-up. Made on the first connection, grown by doubling.
//
// The hash is seeded with a secret, so that nobody can choose ports that collide. Not here: listeners.

import type { SipKey } from '../../../core/siphash.ts';
import type { IpAddress } from '../../../wire/address.ts';

export interface TableEntry {
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
}

const FIRST_SIZE = 8;

export class ConnectionTable<Entry extends TableEntry> {
  /** What the machine's sequence numbers follow from too: kept here, where there are connections. */
  readonly secret: SipKey;
  private readonly seed: number;
  // The only entry of a table without places: most machines have one connection at a time.
  private only: Entry | undefined;
  // A power of two, at most three quarters full. Made for the second entry.
  private places: (Entry | undefined)[] | undefined;
  private used = 0;

  constructor(secret: SipKey) {
    this.secret = secret;
    this.seed = secret[0] ^ secret[2];
  }

  get size(): number {
    return this.used;
  }

  find(localAddress: IpAddress, localPort: number, remoteAddress: IpAddress, remotePort: number): Entry | undefined {
    const { places, only } = this;
    if (places === undefined) {
      const isOnly =
        only !== undefined &&
        only.remotePort === remotePort &&
        only.localPort === localPort &&
        only.remoteAddress === remoteAddress &&
        only.localAddress === localAddress;
      return isOnly ? only : undefined;
    }
    const mask = places.length - 1;
    for (let i = this.hash(localAddress, localPort, remoteAddress, remotePort) & mask; ; i = (i + 1) & mask) {
      const entry = places[i];
      if (entry === undefined) return undefined;
      if (
        entry.remotePort === remotePort &&
        entry.localPort === localPort &&
        entry.remoteAddress === remoteAddress &&
        entry.localAddress === localAddress
      ) {
        return entry;
      }
    }
  }

  /** Adds an entry, or takes the place of the one with the same endpoints. */
  set(entry: Entry): void {
    let { places } = this;
    if (places === undefined) {
      if (this.only === undefined || isSame(this.only, entry)) {
        this.only = entry;
        this.used = 1;
        return;
      }
      places = this.grow([this.only], FIRST_SIZE);
      this.only = undefined;
    } else if (4 * (this.used + 1) > 3 * places.length) places = this.grow(places, 2 * places.length);
    const i = this.placeOf(places, entry);
    if (places[i] === undefined) this.used++;
    places[i] = entry;
  }

  /** Removes this very entry; one with the same endpoints that took its place stays. */
  delete(entry: Entry): void {
    const { places } = this;
    if (places === undefined) {
      if (this.only !== entry) return;
      this.only = undefined;
      this.used = 0;
      return;
    }
    const mask = places.length - 1;
    let hole = this.placeOf(places, entry);
    if (places[hole] !== entry) return;
    this.used--;
    // Entries behind the hole that may stand in it move up, so that no search ends too early.
    for (let i = (hole + 1) & mask; ; i = (i + 1) & mask) {
      const next = places[i];
      if (next === undefined) break;
      const home = this.hashOf(next) & mask;
      if (((i - home) & mask) < ((i - hole) & mask)) continue;
      places[hole] = next;
      hole = i;
    }
    places[hole] = undefined;
  }

  /** All entries, by local and then remote endpoint. */
  list(): Entry[] {
    const entries: Entry[] = [];
    for (const entry of this.places ?? [this.only]) if (entry !== undefined) entries.push(entry);
    return entries.sort(byEndpoints);
  }

  private placeOf(places: readonly (Entry | undefined)[], entry: Entry): number {
    const mask = places.length - 1;
    let i = this.hashOf(entry) & mask;
    for (;;) {
      const found = places[i];
      if (found === undefined || found === entry || isSame(found, entry)) return i;
      i = (i + 1) & mask;
    }
  }

  private hashOf(entry: Entry): number {
    return this.hash(entry.localAddress, entry.localPort, entry.remoteAddress, entry.remotePort);
  }

  private hash(localAddress: IpAddress, localPort: number, remoteAddress: IpAddress, remotePort: number): number {
    let h = this.seed ^ Math.imul((localPort << 16) | remotePort, 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 15) ^ addressHash(remoteAddress), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13) ^ addressHash(localAddress), 0xc2b2ae35);
    return h ^ (h >>> 16);
  }

  private grow(before: readonly (Entry | undefined)[], size: number): (Entry | undefined)[] {
    const places = new Array<Entry | undefined>(size).fill(undefined);
    for (const entry of before) if (entry !== undefined) places[this.placeOf(places, entry)] = entry;
    this.places = places;
    return places;
  }
}

function addressHash(address: IpAddress): number {
  if (typeof address === 'number') return address;
  let h = 0;
  for (let i = 0; i < address.length; i++) h = Math.imul(h ^ address.charCodeAt(i), 0x01000193);
  return h;
}

const isSame = (a: TableEntry, b: TableEntry): boolean =>
  a.localPort === b.localPort &&
  a.remotePort === b.remotePort &&
  a.remoteAddress === b.remoteAddress &&
  a.localAddress === b.localAddress;

function byEndpoints(a: TableEntry, b: TableEntry): number {
  return (
    compareAddresses(a.localAddress, b.localAddress) ||
    a.localPort - b.localPort ||
    compareAddresses(a.remoteAddress, b.remoteAddress) ||
    a.remotePort - b.remotePort
  );
}

/** A total order of addresses: IPv4 first, each by its bits. */
export function compareAddresses(a: IpAddress, b: IpAddress): number {
  if (typeof a === 'number') return typeof b === 'number' ? (a >>> 0) - (b >>> 0) : -1;
  if (typeof b === 'number') return 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
