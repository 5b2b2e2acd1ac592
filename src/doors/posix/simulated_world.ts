// The simulated world: a switched network with all machines on it, and a name server for the names that are given.

import { formatIpv4, type Ipv4Address } from '../../wire/address.ts';
import { Internet } from '../library/internet.ts';
import { InternetHost } from '../library/internet_host.ts';
import { type Posix, withCalls } from './posix.ts';
import { callsOf } from './process.ts';
import { SimulatedMachine } from './simulated_machine.ts';
import {
  type CheckedMachines,
  checkMachines,
  checkUser,
  type Machines,
  type ProcessOptions,
  type User,
  type World,
} from './world.ts';

const NETWORK = 'lan';
const NAME_SERVER = 'name-server';
/** Longer than TIME_WAIT lasts, and than answers are kept. */
const LONG = '5m';

/**
 * A fresh process on a machine of an internet, and the calls that it can make.
 *
 *   const { socket, bind, listen, accept } = posixOf(net.host('bob'));
 */
export function posixOf(host: InternetHost, options: ProcessOptions = {}): Posix {
  if (!(host instanceof InternetHost)) throw new TypeError("posixOf takes a machine: net.host('alice')");
  const { program = 'program', user, isServing = false, onWait } = options;
  checkUser(user);
  const { machine, pump } = host;
  if (user === 'nobody' && machine.isPrivileged) throw new RangeError(`on ${host.name} everybody is privileged`);
  return withCalls(
    callsOf(new SimulatedMachine(machine, pump, { program, isRoot: user === 'root', isServing }), onWait),
  );
}

export class SimulatedWorld implements World {
  readonly net: Internet;

  private constructor(net: Internet) {
    this.net = net;
  }

  static async boot(machines: Machines): Promise<SimulatedWorld> {
    return new SimulatedWorld(await Internet.boot(scenarioOf(checkMachines(machines))));
  }

  process(host: string, options: ProcessOptions = {}): Posix {
    return posixOf(this.net.host(host), options);
  }

  whyNot(user: User): undefined {
    checkUser(user);
    return undefined;
  }

  async forget(): Promise<void> {
    await this.net.advance(LONG);
  }

  pcapng(): Uint8Array {
    return this.net.pcapng();
  }

  close(): void {
    this.net.close();
  }
}

function scenarioOf({ hosts, names }: CheckedMachines) {
  const all = [...hosts.values()].flat();
  const network = (all[0] ?? 0) & ~0xff;
  const server = freeAddress(network, all);
  const nameservers = names.size === 0 ? {} : { nameservers: [NAME_SERVER] };
  const machines = [...hosts].map(([name, [address = 0 as Ipv4Address, ...others]]) => {
    const own = { address: formatIpv4(address), ...(others.length > 0 ? { addresses: others.map(formatIpv4) } : {}) };
    return [name, { interfaces: { [NETWORK]: own }, ...nameservers }] as const;
  });
  const subnet = `${formatIpv4(network as Ipv4Address)}/24`;
  const world = { networks: { [NETWORK]: { subnet, delay: '5ms' } }, hosts: Object.fromEntries(machines) };
  if (names.size === 0) return world;
  // Where there is a name server, machines know each other by way of it.
  const known = [...[...hosts].map(([host, own]) => [host, own.slice(0, 1)] as const), ...names];
  const records = known.map(([name, addresses]) => [`${name}.`, { A: addresses.map(formatIpv4) }] as const);
  return {
    ...world,
    hosts: {
      ...world.hosts,
      [NAME_SERVER]: { interfaces: { [NETWORK]: formatIpv4(server) }, dns: { mode: 'authoritative' } },
    },
    zones: { '.': { primary: NAME_SERVER, ttl: '1m', 'negative-ttl': '1m', records: Object.fromEntries(records) } },
  };
}

function freeAddress(network: number, taken: readonly Ipv4Address[]): Ipv4Address {
  for (let last = 53; last < 255; last++) {
    const address = (network | last) as Ipv4Address;
    if (!taken.includes(address)) return address;
  }
  throw new RangeError('no address is left for the name server');
}
