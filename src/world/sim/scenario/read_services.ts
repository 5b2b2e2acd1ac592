// Programs that listen on a host: web servers with their pages, echo, discard.

import { type Duration, seconds } from '../../../core/time.ts';
import { formatIpv4, type Ipv4Prefix } from '../../../wire/address.ts';
import { addressOrHost, type Directory } from './read_networks.ts';
import type { Pki } from './read_pki.ts';
import { readTlsService } from './read_tls_service.ts';
import { booleanOf, entriesOf, field, finite, itemsOf, type Maybe, numberOf, type Reading, textOf } from './reading.ts';
import type { SourceNode } from './source_tree.ts';
import type {
  HttpPage,
  HttpServiceDefinition,
  InterfaceDefinition,
  ServiceBase,
  ServiceDefinition,
  SimpleServiceKind,
} from './types.ts';
import { parseSubnet } from './units.ts';

const SIMPLE: Readonly<Record<SimpleServiceKind, number>> = {
  'echo-tcp': 7,
  'echo-udp': 7,
  'discard-tcp': 9,
  'discard-udp': 9,
};
const DEFAULT_KEEP_ALIVE = seconds(5);
const LOOPBACK = /^127\./;

export function readServices(
  reading: Reading,
  directory: Directory,
  host: string,
  pki: Pki,
  node: Maybe,
): ServiceDefinition[] {
  const services: ServiceDefinition[] = [];
  const interfaces = directory.hosts.get(host) ?? [];
  for (const item of itemsOf(node)) {
    const kind = textOf(item) ?? entriesOf(item)[0]?.[0];
    if (kind === undefined) continue;
    const options = item.kind === 'map' ? field(item, kind) : undefined;
    const service = readService(reading, directory, interfaces, pki, kind, options, item);
    if (service === undefined) continue;
    checkAgainst(reading, services, service, field(options, 'port')?.span ?? item.span);
    services.push(service);
  }
  return services;
}

function readService(
  reading: Reading,
  directory: Directory,
  interfaces: readonly InterfaceDefinition[],
  pki: Pki,
  kind: string,
  options: Maybe,
  item: SourceNode,
): ServiceDefinition | undefined {
  const base = (port: number): ServiceBase => readBase(reading, directory, interfaces, kind, port, options, item);
  if (kind === 'echo-tcp' || kind === 'echo-udp' || kind === 'discard-tcp' || kind === 'discard-udp') {
    return { kind, ...base(SIMPLE[kind]) };
  }
  if (kind === 'http') return { kind, ...base(80), ...readSite(reading, options) };
  if (kind !== 'https') return undefined;
  return { kind, ...base(443), ...readSite(reading, options), tls: readTlsService(reading, pki, options) };
}

function readBase(
  reading: Reading,
  directory: Directory,
  interfaces: readonly InterfaceDefinition[],
  kind: string,
  port: number,
  options: Maybe,
  item: SourceNode,
): ServiceBase {
  const written = field(options, 'address');
  const address = reading.address(written);
  const own = interfaces.flatMap((entry) =>
    entry.addressing.kind === 'static' ? [entry.addressing.address, ...entry.moreAddresses] : [],
  );
  const isOwn = interfaces.some((entry) => entry.addressing.kind !== 'static') || own.some((one) => one === address);
  if (written !== undefined && address !== undefined && !isOwn && !LOOPBACK.test(formatIpv4(address))) {
    const message = `${formatIpv4(address)} is not an address of this host`;
    reading.problem(
      written.span,
      'bad-address',
      message,
      `its own: ${['127.0.0.1', ...own.map(formatIpv4)].join(', ')}`,
    );
  }
  const allow = field(options, 'allow');
  return {
    name: textOf(field(options, 'name')) ?? kind,
    port: numberOf(field(options, 'port')) ?? port,
    address,
    allow:
      allow === undefined
        ? undefined
        : itemsOf(allow).flatMap((entry) => readSources(reading, directory, interfaces, entry)),
    backlog: numberOf(field(options, 'backlog')),
    position: reading.position(item.span),
  };
}

function readSources(
  reading: Reading,
  directory: Directory,
  interfaces: readonly InterfaceDefinition[],
  node: SourceNode,
): Ipv4Prefix[] {
  const text = textOf(node) ?? '';
  if (text.includes('/')) {
    const prefix = parseSubnet(text);
    if (prefix === undefined) reading.subnet(node);
    return prefix === undefined ? [] : [prefix];
  }
  const address = addressOrHost(reading, directory, interfaces, node);
  return address === undefined ? [] : [{ address, length: 32 }];
}

type Site = Omit<HttpServiceDefinition, keyof ServiceBase | 'kind'>;

function readSite(reading: Reading, node: Maybe): Site {
  return {
    pages: readPages(reading, field(node, 'paths')),
    virtualHosts: entriesOf(field(node, 'hosts')).map(([host, { value }]) => ({
      host: host.toLowerCase().replace(/\.$/, ''),
      pages: readPages(reading, field(value, 'paths')),
    })),
    ignoresHost: booleanOf(field(node, 'ignore-host')) ?? false,
    work: finite(reading, field(node, 'work'), 0 as Duration),
    keepAlive: reading.duration(field(node, 'keep-alive'), DEFAULT_KEEP_ALIVE),
  };
}

function readPages(reading: Reading, node: Maybe): HttpPage[] {
  return entriesOf(node).map(([path, { key, value }]) => {
    const bodies = ['text', 'size', 'redirect'].filter((name) => field(value, name) !== undefined);
    if (bodies.length > 1) reading.problem(key, 'bad-combination', `${bodies.join(' and ')} exclude each other`);
    const redirect = textOf(field(value, 'redirect'));
    const size = field(value, 'size');
    const headers = entriesOf(field(value, 'headers')).map(([name, entry]) => ({
      name,
      value: textOf(entry.value) ?? '',
    }));
    return {
      path,
      status: numberOf(field(value, 'status')) ?? (redirect === undefined ? 200 : 302),
      contentType: textOf(field(value, 'type')) ?? 'text/plain',
      headers: redirect === undefined ? headers : [...headers, { name: 'Location', value: redirect }],
      body:
        size === undefined
          ? { kind: 'text', text: textOf(field(value, 'text')) ?? '' }
          : { kind: 'filler', length: reading.size(size, 0) },
      isChunked: booleanOf(field(value, 'chunked')) ?? false,
    };
  });
}

function checkAgainst(
  reading: Reading,
  others: readonly ServiceDefinition[],
  service: ServiceDefinition,
  span: SourceNode['span'],
): void {
  const isDatagram = (one: ServiceDefinition): boolean => one.kind.endsWith('-udp');
  for (const other of others) {
    if (other.name === service.name) {
      const message = `two services of this host are called "${service.name}"`;
      reading.problem(span, 'duplicate-name', message, 'give one of them another name, with the key name');
    }
    const meets = other.address === undefined || service.address === undefined || other.address === service.address;
    if (other.port === service.port && isDatagram(other) === isDatagram(service) && meets) {
      const message = `port ${service.port} is taken by "${other.name}" of this host`;
      reading.problem(span, 'duplicate-name', message, 'choose another port, or another address');
    }
  }
}
