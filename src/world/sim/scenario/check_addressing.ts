// Whether addresses fit their networks: subnets apart, every address inside its own and used once, pools of DHCP servers
// free of fixed addresses.

import {
  broadcastOf,
  formatIpv4,
  formatPrefix,
  type Ipv4Address,
  type Ipv4Prefix,
  inPrefix,
} from '../../../wire/address.ts';
import type { Directory } from './read_networks.ts';
import type { Reading } from './reading.ts';
import type { DhcpServerDefinition, HostDefinition, InterfaceDefinition, NetworkDefinition } from './types.ts';

/** Addresses of one network, and who has them. */
type Taken = Map<Ipv4Address, string>;

export function checkAddressing(reading: Reading, directory: Directory, hosts: readonly HostDefinition[]): void {
  const networks = [...directory.networks.values()];
  checkSubnets(reading, networks);
  const taken = new Map<string, Taken>(networks.map(({ name }) => [name, new Map()]));
  const machines = [...directory.hosts, ...directory.attackers];
  for (const [host, interfaces] of machines) {
    for (const entry of interfaces) checkInterface(reading, directory, taken, host, entry);
  }
  checkCables(reading, networks, machines);
  checkLinkAddresses(reading, machines);
  const served = new Map<string, DhcpServerDefinition>();
  for (const host of hosts) {
    for (const server of host.dhcpServers) {
      const network = directory.networks.get(server.network);
      if (network === undefined) continue;
      checkPool(reading, network, server, taken.get(server.network) ?? new Map());
      checkReservations(reading, network, server, directory, taken.get(server.network) ?? new Map());
      const other = served.get(server.network);
      if (
        other !== undefined &&
        server.range.first >>> 0 <= other.range.last >>> 0 &&
        other.range.first >>> 0 <= server.range.last >>> 0
      ) {
        const message = `two DHCP servers lease the same addresses on ${server.network}`;
        reading.warning(reading.placeOf(server.range), 'dhcp-pool', message, 'give each a range of its own');
      }
      served.set(server.network, server);
    }
  }
  checkClients(reading, machines, served);
}

function checkSubnets(reading: Reading, networks: readonly NetworkDefinition[]): void {
  for (const [index, network] of networks.entries()) {
    const overlapping = networks.slice(0, index).find((other) => overlap(other.subnet, network.subnet));
    if (overlapping === undefined) continue;
    const message = `${formatPrefix(network.subnet)} of ${network.name} overlaps ${formatPrefix(overlapping.subnet)} of ${overlapping.name}`;
    reading.problem(
      reading.placeOf(network.subnet),
      'overlapping-subnets',
      message,
      'give each network addresses of its own',
    );
  }
}

const overlap = (a: Ipv4Prefix, b: Ipv4Prefix): boolean => inPrefix(a.address, b.address, Math.min(a.length, b.length));

function checkInterface(
  reading: Reading,
  directory: Directory,
  taken: ReadonlyMap<string, Taken>,
  host: string,
  entry: InterfaceDefinition,
): void {
  const network = directory.networks.get(entry.network);
  const users = taken.get(entry.network);
  if (network === undefined || users === undefined) return;
  const own = entry.addressing.kind === 'static' ? [entry.addressing.address] : [];
  for (const address of [...own, ...entry.moreAddresses]) {
    if (address === 0) continue; // told of where it was read
    const span = reading.placeOf(entry);
    const wrong = whyUnusable(address, network.subnet);
    const user = users.get(address);
    if (wrong !== undefined)
      reading.problem(span, 'bad-address', `${formatIpv4(address)} ${wrong} ${entry.network}`, usable(network.subnet));
    else if (user !== undefined) {
      const message = `${formatIpv4(address)} is the address of ${user === host ? 'this host already' : user}`;
      reading.problem(span, 'duplicate-address', message, usable(network.subnet));
    } else users.set(address, host);
  }
}

function whyUnusable(address: Ipv4Address, subnet: Ipv4Prefix): string | undefined {
  if (!inPrefix(address, subnet.address, subnet.length)) return `is outside ${formatPrefix(subnet)}, the subnet of`;
  if (subnet.length >= 31) return undefined; // RFC 3021: both addresses of a /31 are hosts
  if (address === subnet.address) return 'is the network itself:';
  return address === broadcastOf(subnet.address, subnet.length) ? 'is the broadcast address of' : undefined;
}

function usable({ address, length }: Ipv4Prefix): string {
  const last = broadcastOf(address, length);
  const edge = length >= 31 ? 0 : 1;
  return `usable: ${formatIpv4((address + edge) as Ipv4Address)} to ${formatIpv4((last - edge) as Ipv4Address)}`;
}

function checkCables(
  reading: Reading,
  networks: readonly NetworkDefinition[],
  machines: readonly (readonly [string, readonly InterfaceDefinition[]])[],
): void {
  for (const network of networks) {
    if (network.medium !== 'cable') continue;
    const ends = machines.flatMap(([, interfaces]) => interfaces.filter((entry) => entry.network === network.name));
    const third = ends[2];
    if (third === undefined) continue;
    const message = `the cable ${network.name} has two ends, and both are taken`;
    reading.problem(reading.placeOf(third), 'bad-combination', message, 'take medium: ethernet for more than two');
  }
}

function checkLinkAddresses(
  reading: Reading,
  machines: readonly (readonly [string, readonly InterfaceDefinition[]])[],
): void {
  const users = new Map<string, string>();
  for (const [host, interfaces] of machines) {
    for (const entry of interfaces) {
      if (entry.linkAddress === undefined) continue;
      const key = `${entry.network} ${entry.linkAddress}`;
      const user = users.get(key);
      if (user !== undefined) {
        const message = `${host} has the link address of ${user} on ${entry.network}`;
        reading.problem(reading.placeOf(entry), 'duplicate-address', message, 'leave mac out: one is made for it');
      }
      users.set(key, host);
    }
  }
}

function checkPool(reading: Reading, network: NetworkDefinition, server: DhcpServerDefinition, taken: Taken): void {
  const { range } = server;
  const { subnet } = network;
  const span = reading.placeOf(range);
  for (const end of [range.first, range.last]) {
    const wrong = whyUnusable(end, subnet);
    if (wrong === undefined) continue;
    reading.problem(span, 'dhcp-pool', `${formatIpv4(end)} ${wrong} ${network.name}`, usable(subnet));
    return;
  }
  for (const [address, host] of taken) {
    if (!isIn(address, range)) continue;
    const message = `${formatIpv4(address)}, the fixed address of ${host}, lies in this range`;
    reading.problem(span, 'dhcp-pool', message, 'move the host, or let the range leave it out');
  }
  const { router } = server;
  if (router !== undefined && !inPrefix(router, subnet.address, subnet.length)) {
    const message = `the gateway ${formatIpv4(router)} is outside ${formatPrefix(subnet)}, the subnet of ${network.name}`;
    reading.problem(
      reading.placeOf(server),
      'no-route',
      message,
      'announce a router that is a neighbor of the clients',
    );
  }
}

function checkReservations(
  reading: Reading,
  network: NetworkDefinition,
  server: DhcpServerDefinition,
  directory: Directory,
  taken: Taken,
): void {
  const seen = new Set<Ipv4Address>();
  for (const reservation of server.reservations) {
    const { address, client } = reservation;
    const span = reading.placeOf(reservation);
    const wrong = whyUnusable(address, network.subnet);
    const user = taken.get(address);
    if (wrong !== undefined)
      reading.problem(span, 'dhcp-pool', `${formatIpv4(address)} ${wrong} ${network.name}`, usable(network.subnet));
    else if (user !== undefined)
      reading.problem(span, 'duplicate-address', `${formatIpv4(address)} is the address of ${user}`);
    else if (seen.has(address))
      reading.problem(span, 'duplicate-address', `${formatIpv4(address)} is kept for two clients`);
    seen.add(address);
    if (!('host' in client)) continue;
    const isClient = directory.hosts
      .get(client.host)
      ?.some((entry) => entry.network === network.name && entry.addressing.kind === 'dhcp');
    if (isClient === true) continue;
    const message = `${client.host} asks no DHCP server on ${network.name}`;
    reading.problem(span, 'dhcp-pool', message, `write hosts.${client.host}.interfaces: { ${network.name}: dhcp }`);
  }
}

function checkClients(
  reading: Reading,
  machines: readonly (readonly [string, readonly InterfaceDefinition[]])[],
  served: ReadonlyMap<string, DhcpServerDefinition>,
): void {
  for (const [host, interfaces] of machines) {
    for (const entry of interfaces) {
      if (entry.addressing.kind !== 'dhcp' || served.has(entry.network)) continue;
      const message = `${host} asks for an address on ${entry.network}, where no DHCP server is`;
      reading.warning(reading.placeOf(entry), 'no-dhcp-server', message, 'it will choose one from 169.254.0.0/16');
    }
  }
}

const isIn = (address: Ipv4Address, range: { readonly first: Ipv4Address; readonly last: Ipv4Address }): boolean =>
  address >>> 0 >= range.first >>> 0 && address >>> 0 <= range.last >>> 0;
