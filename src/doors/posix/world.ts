// A small internet for programs: machines by name, each with its addresses, and names for some of them. Two worlds offer
// it, the simulated one and this machine's loopback.

import { formatIpv4, type Ipv4Address, parseIpv4Address } from '../../wire/address.ts';
import type { Posix } from './posix.ts';

/** `{ hosts: { alice: '10.0.0.1', bob: ['10.0.0.2', '10.0.0.3'] }, names: { 'www.foo.test': ['10.0.0.3'] } }` */
export interface Machines {
  /** Each with its addresses; all in one network, 255.255.255.0. */
  readonly hosts: Readonly<Record<string, string | readonly string[]>>;
  /** Names beside those of the hosts, with the addresses that a look-up gives, in this order. */
  readonly names?: Readonly<Record<string, string | readonly string[]>>;
}

export interface ProcessOptions {
  /** As tables and reports call it. */
  readonly program?: string;
  /** `root` may bind ports below 1024; `nobody` may not. */
  readonly user?: User;
  /** It serves others: its waiting alone lets no time pass and is no deadlock, and keeps no Node running. */
  readonly isServing?: boolean;
  /** Called whenever it is about to accept, receive or sleep. */
  readonly onWait?: () => void;
}

export type User = 'root' | 'nobody';

export interface World {
  /** A fresh process on a machine. */
  process(host: string, options?: ProcessOptions): Posix;
  /** Why processes of this user cannot be had here; undefined: they can. */
  whyNot(user: User): string | undefined;
  /** So much time passes that what is over is forgotten: connections in TIME_WAIT, answers of name servers. */
  forget(): Promise<void>;
  /** What was on the wire so far, for Wireshark; undefined where nobody records it. */
  pcapng(): Uint8Array | undefined;
  close(): void;
}

/** Machines whose names and addresses have been looked at. */
export interface CheckedMachines {
  readonly hosts: ReadonlyMap<string, readonly Ipv4Address[]>;
  readonly names: ReadonlyMap<string, readonly Ipv4Address[]>;
}

/** @throws RangeError on a user that there is not */
export function checkUser(user: User | undefined): void {
  if (user === undefined || user === 'root' || user === 'nobody') return;
  throw new RangeError(`a user is "root" or "nobody", not ${JSON.stringify(user)}`);
}

/** @throws TypeError, RangeError with a sentence on what cannot be */
export function checkMachines({ hosts, names = {} }: Machines): CheckedMachines {
  const checked = {
    hosts: new Map(Object.entries(hosts).map(([name, list]) => [name, addressesOf(name, list)])),
    names: new Map(Object.entries(names).map(([name, list]) => [name.toLowerCase(), addressesOf(name, list)])),
  };
  const all = [...checked.hosts.values()].flat();
  const [first] = all;
  if (first === undefined) throw new RangeError('there is no machine: { hosts: { alice: "10.0.0.1" } }');
  for (const [i, address] of all.entries()) {
    if (all.indexOf(address) !== i) throw new RangeError(`two machines have the address ${formatIpv4(address)}`);
    if (address >> 8 === first >> 8) continue;
    throw new RangeError(`${formatIpv4(address)} is not in the network of ${formatIpv4(first)}, 255.255.255.0`);
  }
  return checked;
}

function addressesOf(name: string, list: string | readonly string[]): readonly Ipv4Address[] {
  return [list].flat().map((text) => {
    const address = parseIpv4Address(text);
    if (address === undefined) throw new TypeError(`${name} has the address ${text}, which is none`);
    return address;
  });
}
