// Addresses of machines that are all played by this one: each address has one of 127.0.0.0/8 behind it.
//
//   128.143.67.11 of bob   <->  127.x.y.2          127.0.0.1 of bob  <->  127.x.y.4          127.0.0.1 of alice <-> ...
//
// So programs keep the addresses of their internet, each machine keeps a loopback of its own, and nothing leaves this
// machine. x and y come from the number of this process: others that do the same are not met.

import {
  BROADCAST_IPV4,
  formatIpv4,
  type Ipv4Address,
  isLoopbackIpv4,
  parseIpv4Address,
  UNSPECIFIED_IPV4,
} from '../../wire/address.ts';
import { INADDR_LOOPBACK } from './constants.ts';
import type { Endpoint } from './socket_address.ts';
import type { CheckedMachines } from './world.ts';

const LOOPBACK = INADDR_LOOPBACK as Ipv4Address;
/** The last bytes of 127.x.y: addresses of one process at the same time. */
const PLACES = 254;

let given = 0;

export class RealAddresses {
  private readonly toReal = new Map<Ipv4Address, string>();
  private readonly toOwn = new Map<string, Ipv4Address>();
  private readonly addresses: CheckedMachines['hosts'];
  private readonly loopbacks = new Map<string, string>();

  constructor({ hosts }: CheckedMachines) {
    this.addresses = hosts;
    for (const [host, own] of hosts) {
      for (const address of own) this.enter(address, (real) => this.toReal.set(address, real));
      this.enter(LOOPBACK, (real) => this.loopbacks.set(host, real));
    }
  }

  /** Any of them, to try things on. */
  get first(): string {
    return [...this.toOwn.keys()][0] ?? '127.0.0.1';
  }

  /** The real addresses on which one hears what is bound to `address`: INADDR_ANY means all of the host's. */
  heardOn(host: string, address: Ipv4Address): readonly string[] {
    const own = this.addresses.get(host) ?? [];
    if (address === UNSPECIFIED_IPV4) return [...own, LOOPBACK].map((each) => this.reach(host, each) ?? '');
    if (!own.includes(address) && !isLoopbackIpv4(address)) return [];
    return [this.reach(host, address) ?? ''];
  }

  /** Where a host finds an address; undefined: nowhere. */
  reach(host: string, address: Ipv4Address): string | undefined {
    return isLoopbackIpv4(address) ? this.loopbacks.get(host) : this.toReal.get(address);
  }

  /** Whether it means everybody: all machines are in one network, 255.255.255.0. */
  isBroadcast(address: Ipv4Address): boolean {
    const [first] = this.toReal.keys();
    return address === BROADCAST_IPV4 || address === ((first ?? 0) | 0xff);
  }

  /** From where a host speaks to an address, if nothing else was asked for. */
  source(host: string, to: Ipv4Address): string {
    const own = this.addresses.get(host) ?? [];
    const from = isLoopbackIpv4(to) ? LOOPBACK : own.includes(to) ? to : own[0];
    return this.reach(host, from ?? LOOPBACK) ?? '';
  }

  /** RFC 1122 §3.2.1.3 (g): from 127.0.0.0/8 one speaks to one's own machine alone. */
  mayLeave(host: string, from: Ipv4Address | undefined, to: Ipv4Address): boolean {
    const isOwn = isLoopbackIpv4(to) || this.addresses.get(host)?.includes(to) === true;
    return isOwn || from === undefined || !isLoopbackIpv4(from);
  }

  /** As programs see a real address and port. */
  seen(real: string | undefined, port: number | undefined): Endpoint | undefined {
    const address = this.toOwn.get(real ?? '') ?? parseIpv4Address(real ?? '');
    return address === undefined || port === undefined ? undefined : { address, port };
  }

  private enter(address: Ipv4Address, keep: (real: string) => void): void {
    if (this.toOwn.size === PLACES) throw new RangeError(`there are addresses for ${PLACES} machines at most`);
    const { pid } = process;
    const [x, y, last] = [1 + (pid % 250), 1 + (Math.floor(pid / 250) % 250), 1 + (given++ % PLACES)];
    const real = formatIpv4(((127 << 24) | (x << 16) | (y << 8) | last) as Ipv4Address);
    keep(real);
    this.toOwn.set(real, address);
  }
}
