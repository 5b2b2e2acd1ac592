// The programs that a scenario's machines start with: name servers, web servers, echo.

import type { Duration, Instant } from '../../core/time.ts';
import { formatIpv4 } from '../../wire/address.ts';
import { type DnsName, dnsName } from '../../wire/dns_name.ts';
import { authoritativeServer } from '../app/dns/authoritative.ts';
import { DnsCache, type DnsCacheEntry, entryText } from '../app/dns/cache.ts';
import { forwardingServer } from '../app/dns/forwarder.ts';
import { recursiveServer } from '../app/dns/recursive.ts';
import { type Zone, type ZoneRecord, zoneFromRecords } from '../app/dns/zone.ts';
import { discardServer, tcpEchoServer, udpDiscardServer, udpEchoServer } from '../app/echo/echo.ts';
import type { Program, System } from '../app/program.ts';
import type { Host } from '../host/host.ts';
import { allowing } from './allowed_sources.ts';
import type { HostDefinition, RecordData, ServiceDefinition, ZoneDefinition } from './scenario/types.ts';
import { serverConfigOf } from './tls_of_machine.ts';
import { webServer } from './web_service.ts';
import type { World } from './world.ts';
import type { WorldPki } from './world_pki.ts';

const DNS_PORT = 53;

export interface ServiceProgram {
  readonly name: string;
  start(system: System): Program<unknown>;
  /** Of a resolver. */
  readonly cache?: DnsCache;
}

export function servicesOf(
  definition: HostDefinition,
  zones: readonly ZoneDefinition[],
  world: World,
  host: Host,
  pki: WorldPki,
): readonly ServiceProgram[] {
  const dns = dnsServiceOf(definition, zones, world);
  const others = definition.services.map((service) => {
    return {
      name: service.name,
      start: (system: System) => programOf(system, service, definition.capacity.serviceTime, host, pki),
    };
  });
  return dns === undefined ? others : [dns, ...others];
}

function dnsServiceOf(
  { name: host, dns }: HostDefinition,
  zones: readonly ZoneDefinition[],
  { journal }: World,
): ServiceProgram | undefined {
  if (dns === undefined) return undefined;
  const { answersPerSecond } = dns;
  if (dns.mode === 'authoritative') {
    const served = zones.filter(({ primary }) => primary.host === host).map(zoneOf);
    return { name: 'named', start: (system) => authoritativeServer(system, served, { answersPerSecond }) };
  }
  const cache = new DnsCache({ host, ...(journal === undefined ? {} : { journal }) });
  if (dns.mode === 'forwarder') {
    const upstream = dns.upstream.map((address) => ({ address, port: DNS_PORT }));
    return { name: 'named', cache, start: (system) => forwardingServer(system, { upstream, cache, answersPerSecond }) };
  }
  const hints = dns.hints.map((hint) => ({ name: dnsName(`${hint.host}.`), addresses: [hint.address] }));
  return { name: 'named', cache, start: (system) => recursiveServer(system, { hints, cache, answersPerSecond }) };
}

// The names of servers: a machine's own, in the zone that it serves.
const serverName = (host: string, zone: string): DnsName => dnsName(zone === '' ? `${host}.` : `${host}.${zone}.`);

/** A zone of the file as the server keeps it: with its own name server, and glue for those it delegates to. */
export function zoneOf({ name, primary, ttl, negativeTtl, delegations, records }: ZoneDefinition): Zone {
  const own = serverName(primary.host, name);
  const seconds = (duration: number): number => Math.floor(duration / 1e9);
  const entries: ZoneRecord[] = [
    {
      name: '@',
      type: 'SOA',
      data: {
        kind: 'SOA',
        primary: own,
        mailbox: dnsName(name === '' ? 'hostmaster.' : `hostmaster.${name}.`),
        serial: 1,
        refresh: 3600,
        retry: 600,
        expire: 604_800,
        minimum: seconds(negativeTtl),
      },
    },
    { name: '@', type: 'NS', data: { kind: 'NS', target: own } },
    { name: own, type: 'A', data: { kind: 'A', address: primary.address } },
  ];
  for (const { child, server } of delegations) {
    const target = serverName(server.host, child);
    entries.push({ name: `${child}.`, type: 'NS', data: { kind: 'NS', target } });
    entries.push({ name: target, type: 'A', data: { kind: 'A', address: server.address } });
  }
  for (const { owner, ttl: recordTtl, data } of records) {
    entries.push({
      name: owner === '' ? '.' : `${owner}.`,
      type: data.type,
      ttl: seconds(recordTtl),
      data: textOf(data),
    });
  }
  return zoneFromRecords(dnsName(name === '' ? '.' : `${name}.`), seconds(ttl), entries);
}

// As a zone file writes it; names are absolute.
function textOf(data: RecordData): string {
  switch (data.type) {
    case 'A':
      return formatIpv4(data.address);
    case 'AAAA':
      return data.address;
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return `${data.target}.`;
    case 'MX':
      return `${data.preference} ${data.exchange}.`;
    case 'TXT':
      return data.texts.map((text) => JSON.stringify(text)).join(' ');
    case 'SRV':
      return `${data.priority} ${data.weight} ${data.port} ${data.target}.`;
    default:
      return `${data.flags} ${data.tag} ${JSON.stringify(data.value)}`;
  }
}

function programOf(
  machine: System,
  service: ServiceDefinition,
  serviceTime: Duration,
  host: Host,
  pki: WorldPki,
): Program<unknown> {
  const { port, address, allow } = service;
  const system = allowing(machine, allow);
  const at = address === undefined ? { port } : { port, address };
  switch (service.kind) {
    case 'echo-tcp':
      return tcpEchoServer(system, at);
    case 'echo-udp':
      return udpEchoServer(system, at);
    case 'discard-tcp':
      return discardServer(system, at);
    case 'discard-udp':
      return udpDiscardServer(system, at);
    case 'http':
      return webServer(system, service, serviceTime);
    case 'https': {
      const config = serverConfigOf(host, service.name, service.tls, pki);
      return webServer(system, service, serviceTime, (socket) => host.tls.accept(system, socket, config));
    }
    default:
      return service satisfies never;
  }
}

/** A resolver's cache as rows of text. */
export function cacheRows(
  entries: readonly DnsCacheEntry[],
  now: Instant,
): readonly Readonly<Record<string, string>>[] {
  return entries.map((entry) => ({
    name: entry.name,
    kind: entry.kind,
    ttl: String(Math.ceil((entry.expiresAt - now) / 1e9)),
    answer: entryText(entry),
  }));
}
