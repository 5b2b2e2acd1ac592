// From names to addresses, as getaddrinfo(3) does it: numbers, names known here, then the DNS.

import { formatIpAddress, type IpAddress, parseIpAddress, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import { parseDnsName } from '../../wire/dns_name.ts';
import { stubResolve } from '../app/dns/stub.ts';
import { type AddressHints, type Endpoint, type Program, SocketError, type System } from '../app/program.ts';
import type { Host } from './host.ts';

/** Service names that programs here know (IANA Service Name and Transport Protocol Port Number Registry). */
export const SERVICE_PORTS: ReadonlyMap<string, number> = new Map([
  ['echo', 7],
  ['discard', 9],
  ['daytime', 13],
  ['ftp-data', 20],
  ['ftp', 21],
  ['ssh', 22],
  ['telnet', 23],
  ['smtp', 25],
  ['domain', 53],
  ['bootps', 67],
  ['bootpc', 68],
  ['http', 80],
  ['pop3', 110],
  ['ntp', 123],
  ['imap', 143],
  ['https', 443],
]);

const LOOPBACK = parseIpAddress('127.0.0.1');

/** @throws SocketError `ENOTFOUND`, `EAI_AGAIN` */
export function* lookUpAddresses(
  system: System,
  host: Host,
  name: string | undefined,
  service: string | number | undefined,
  hints: AddressHints,
): Program<readonly Endpoint[]> {
  const port = portOf(service);
  const addresses = yield* addressesOf(system, host, name, hints);
  return addresses.map((address) => ({ address, port }));
}

function portOf(service: string | number | undefined): number {
  if (service === undefined) return 0; // the system chooses
  const port = typeof service === 'number' || /^\d+$/.test(service) ? Number(service) : SERVICE_PORTS.get(service);
  if (port === undefined) throw new SocketError('ENOTFOUND', `no service is called ${service}`);
  if (port > 65_535) throw new SocketError('EINVAL', `there is no port ${service}`);
  return port;
}

function* addressesOf(
  system: System,
  host: Host,
  name: string | undefined,
  hints: AddressHints,
): Program<readonly IpAddress[]> {
  if (name === undefined) {
    if (hints.isPassive || LOOPBACK === undefined) return [UNSPECIFIED_IPV4];
    return [LOOPBACK];
  }
  const numeric = parseIpAddress(name);
  if (numeric !== undefined) {
    const isWanted = hints.family === undefined || (hints.family === 4) === (typeof numeric === 'number');
    if (isWanted) return [numeric];
    throw new SocketError('ENOTFOUND', `${formatIpAddress(numeric)} is not an address of the wanted family`);
  }
  if (hints.isNumeric) throw new SocketError('ENOTFOUND', `${name} is not a numeric address`);
  if (name === 'localhost' && LOOPBACK !== undefined) return [LOOPBACK]; // RFC 6761 §6.3
  const known = host.knownNames?.get(name.toLowerCase());
  if (known !== undefined) return [known];
  if (hints.family === 6) throw new SocketError('ENOTFOUND', `${name}: this machine speaks IPv4 only`);
  if (host.nameServers.length === 0) throw new SocketError('EAI_AGAIN', `${name}: no name server is configured`);
  return yield* askDns(system, host, name);
}

function* askDns(system: System, host: Host, name: string): Program<readonly IpAddress[]> {
  if (parseDnsName(name) === undefined) throw new SocketError('ENOTFOUND', `${name} is not a domain name`);
  const result = yield* stubResolve(system, { servers: host.nameServers, name, type: 'A' });
  if (result.kind === 'failed') throw new SocketError('EAI_AGAIN', `${name}: ${result.reason}`);
  if (result.addresses.length === 0) throw new SocketError('ENOTFOUND', `${name}: no such name`);
  return result.addresses;
}
