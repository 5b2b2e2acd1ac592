// Machines: routes, clock, limits, and what a router does beside forwarding. Interfaces are read before (read_networks.ts),
// since names of hosts stand for their addresses here.

import { type Duration, hours, type Instant, minutes, seconds } from '../../../core/time.ts';
import { isFirewallLine, rulesOfLine } from '../../../stack/net/firewall_line.ts';
import { DEFAULT_METRIC } from '../../../stack/net/route_table.ts';
import type { TcpOptionsOfConnection, TcpSettings } from '../../../stack/transport/tcp/tcp_settings.ts';
import { formatIpv4, type Ipv4Address, type Ipv4Prefix, inPrefix, parseLinkAddress } from '../../../wire/address.ts';
import { addressOrHost, type Directory, fixedAddress, knownHost, knownName, knownNetwork } from './read_networks.ts';
import type { Pki } from './read_pki.ts';
import { readServices } from './read_services.ts';
import {
  booleanOf,
  entriesOf,
  field,
  finite,
  itemsOf,
  type Maybe,
  numberOf,
  oneOrMore,
  type Reading,
  textOf,
  wordOf,
} from './reading.ts';
import type { MapEntry, SourceNode } from './source_tree.ts';
import type {
  CapacityDefinition,
  DhcpReservation,
  DhcpServerDefinition,
  DnsDefinition,
  FirewallDefinition,
  HostDefinition,
  InterfaceDefinition,
  NameServerReference,
  NatDefinition,
  RouteDefinition,
  TcpDefinition,
} from './types.ts';

const NONE = 0 as Duration;
const EVERYWHERE: Ipv4Prefix = { address: 0 as Ipv4Address, length: 0 };
const NAT_BEHAVIOURS = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent'] as const;
const POLICIES = ['accept', 'drop', 'reject'] as const;

export function readHosts(reading: Reading, root: SourceNode, directory: Directory, pki: Pki): HostDefinition[] {
  return entriesOf(field(root, 'hosts')).map(([name, entry]) => readHost(reading, directory, pki, name, entry));
}

function readHost(
  reading: Reading,
  directory: Directory,
  pki: Pki,
  name: string,
  { key, value: node }: MapEntry,
): HostDefinition {
  const interfaces = directory.hosts.get(name) ?? [];
  const kind = wordOf(field(node, 'kind'), ['host', 'router'], 'host');
  const addresses = (list: Maybe): Ipv4Address[] =>
    itemsOf(list).flatMap((item) => addressOrHost(reading, directory, interfaces, item) ?? []);
  const names = (list: string, what: string, known: ReadonlyMap<string, unknown>): string[] =>
    itemsOf(field(node, list)).flatMap((item) => knownName(reading, what, known, item) ?? []);
  const host: HostDefinition = {
    name,
    position: reading.position(key),
    kind,
    interfaces,
    routes: readRoutes(reading, directory, interfaces, field(node, 'routes')),
    nameservers: addresses(field(node, 'nameservers')),
    bootAt: finite(reading, field(node, 'boot'), NONE) as number as Instant,
    clockSkew: reading.signedDuration(field(field(node, 'clock'), 'skew'), NONE),
    isPrivileged: booleanOf(field(node, 'privileged')) ?? false,
    capacity: readCapacity(reading, field(node, 'capacity')),
    tcp: readTcp(reading, field(node, 'tcp')),
    nat: readNat(reading, directory, interfaces, field(node, 'nat')),
    dhcpServers: oneOrMore(field(node, 'dhcp')).flatMap(
      (item) => readDhcpServer(reading, directory, interfaces, kind, item) ?? [],
    ),
    dns: readDns(reading, directory, interfaces, field(node, 'dns')),
    firewall: readFirewall(reading, directory, interfaces, field(node, 'firewall')),
    services: readServices(reading, directory, name, pki, field(node, 'services')),
    trust: names('trust', 'authority', pki.authorities),
    certificates: names('certificates', 'certificate', pki.leaves),
  };
  return reading.mark(host, key);
}

function readRoutes(
  reading: Reading,
  directory: Directory,
  interfaces: readonly InterfaceDefinition[],
  node: Maybe,
): RouteDefinition[] {
  return entriesOf(node).flatMap(([name, { key, value }]) => {
    const keyNode: SourceNode = { kind: 'scalar', span: key, value: name };
    const prefix = name === 'default' ? EVERYWHERE : reading.subnet(keyNode);
    const via = value.kind === 'map' ? field(value, 'via') : value;
    const gateway = addressOrHost(reading, directory, interfaces, via);
    const named = knownNetwork(reading, directory, field(value, 'interface'));
    if (prefix === undefined || (via !== undefined && gateway === undefined)) return [];
    if (via === undefined && named === undefined) {
      reading.problem(
        key,
        'bad-combination',
        'a route needs a gateway or an interface',
        'give via, or interface, or both',
      );
      return [];
    }
    const network = named ?? networkOfGateway(directory, interfaces, gateway);
    if (network === undefined || !interfaces.some((entry) => entry.network === network)) {
      const subnets = interfaces.map((entry) => entry.network).join(', ');
      const message =
        named === undefined && gateway !== undefined
          ? `the gateway ${formatIpv4(gateway)} is on no network of this host`
          : `this host has no interface to ${network}`;
      reading.problem(
        (via ?? value).span,
        'no-route',
        message,
        `a gateway must be a neighbor: an address on ${subnets}`,
      );
      return [];
    }
    const own = interfaces.flatMap(({ addressing }) => (addressing.kind === 'static' ? addressing.address : []));
    if (gateway !== undefined && own.includes(gateway)) {
      const message = `the gateway ${formatIpv4(gateway)} is this host itself`;
      reading.problem((via ?? value).span, 'no-route', message, 'name the router beyond it');
    }
    const metric = numberOf(field(value, 'metric')) ?? DEFAULT_METRIC;
    const route: RouteDefinition = { prefix, gateway, network, metric, position: reading.position(key) };
    return [reading.mark(route, (via ?? value).span)];
  });
}

function networkOfGateway(
  directory: Directory,
  interfaces: readonly InterfaceDefinition[],
  gateway: Ipv4Address | undefined,
): string | undefined {
  if (gateway === undefined) return undefined;
  return interfaces.find(({ network }) => {
    const subnet = directory.networks.get(network)?.subnet;
    return subnet !== undefined && inPrefix(gateway, subnet.address, subnet.length);
  })?.network;
}

function readCapacity(reading: Reading, node: Maybe): CapacityDefinition {
  return {
    workers: numberOf(field(node, 'workers')) ?? Number.POSITIVE_INFINITY,
    serviceTime: finite(reading, field(node, 'service-time'), NONE),
    memory: reading.size(field(node, 'memory'), Number.POSITIVE_INFINITY),
    queue: numberOf(field(node, 'queue')) ?? Number.POSITIVE_INFINITY,
  };
}

function readTcp(reading: Reading, node: Maybe): TcpDefinition {
  type Draft<T> = { -readonly [Key in keyof T]?: T[Key] };
  const settings: Draft<TcpSettings> = {};
  const connection: Draft<TcpOptionsOfConnection> = {};
  for (const [key, { value }] of entriesOf(node)) {
    const flag = booleanOf(value);
    const count = numberOf(value);
    if (key === 'initial-rto') settings.initialRto = finite(reading, value, seconds(1));
    else if (key === 'min-rto') settings.minimumRto = finite(reading, value, seconds(1));
    else if (key === 'max-rto') settings.maximumRto = finite(reading, value, seconds(60));
    else if (key === 'delayed-ack') settings.delayedAck = finite(reading, value, NONE);
    else if (key === 'time-wait') settings.timeWait = finite(reading, value, minutes(1));
    else if (key === 'send-buffer') connection.sendBuffer = reading.size(value, 1);
    else if (key === 'receive-buffer') connection.receiveBuffer = reading.size(value, 1);
    else if (key === 'congestion') connection.congestionControl = wordOf(value, ['cubic', 'new-reno'], 'cubic');
    else if (key === 'syn-retries' && count !== undefined) settings.synRetries = count;
    else if (key === 'data-retries' && count !== undefined) settings.dataRetries = count;
    else if (key === 'syn-backlog' && count !== undefined) settings.synBacklog = count;
    else if (key === 'timestamps' && flag !== undefined) settings.timestamps = flag;
    else if (key === 'window-scaling' && flag !== undefined) settings.windowScaling = flag;
    else if (key === 'sack' && flag !== undefined) settings.selectiveAcknowledgment = flag;
    else if (key === 'no-delay' && flag !== undefined) connection.noDelay = flag;
  }
  for (const key of ['send-buffer', 'receive-buffer']) {
    const value = field(node, key);
    const bytes = key === 'send-buffer' ? connection.sendBuffer : connection.receiveBuffer;
    if (value !== undefined && bytes === 0) reading.problem(value.span, 'wrong-value', `${key} cannot be empty`);
  }
  return { settings, connection };
}

function readNat(
  reading: Reading,
  directory: Directory,
  interfaces: readonly InterfaceDefinition[],
  node: Maybe,
): NatDefinition | undefined {
  if (node === undefined) return undefined;
  const own = (item: Maybe): string | undefined => {
    const name = knownNetwork(reading, directory, item);
    if (name === undefined || item === undefined || interfaces.some((entry) => entry.network === name)) return name;
    const networks = interfaces.map((entry) => entry.network).join(', ');
    reading.problem(item.span, 'bad-nat', `this host has no interface to ${name}`, `its networks: ${networks}`);
    return undefined;
  };
  const insideNode = field(node, 'inside');
  const outsideNode = field(node, 'outside');
  const inside = oneOrMore(insideNode).flatMap((item) => own(item) ?? []);
  const outside = own(outsideNode);
  if (outside !== undefined && outsideNode !== undefined && inside.includes(outside)) {
    reading.problem(outsideNode.span, 'bad-nat', `${outside} cannot be inside and outside at once`);
    return undefined;
  }
  const portsNode = field(node, 'ports');
  const [first = 1024, last = 65_535] = textOf(portsNode)?.split('-').map(Number) ?? [];
  if (portsNode !== undefined && (first < 1 || last > 65_535 || first > last)) {
    const message = `"${textOf(portsNode)}" is not a range of ports`;
    reading.problem(portsNode.span, 'bad-unit', message, 'write the first and the last port, like 1024-65535');
  }
  const timeouts = field(node, 'timeouts');
  const behaviour = {
    mapping: wordOf(field(node, 'mapping'), NAT_BEHAVIOURS, 'endpoint-independent'),
    filtering: wordOf(field(node, 'filtering'), NAT_BEHAVIOURS, 'address-and-port-dependent'),
    ports: { first, last },
    timeouts: {
      udp: reading.duration(field(timeouts, 'udp'), minutes(5)),
      tcpEstablished: reading.duration(field(timeouts, 'tcp-established'), minutes(124)),
      tcpTransitory: reading.duration(field(timeouts, 'tcp-transitory'), minutes(4)),
      icmp: reading.duration(field(timeouts, 'icmp'), seconds(60)),
    },
  };
  return outside === undefined || inside.length === 0 ? undefined : { inside, outside, ...behaviour };
}

function readDhcpServer(
  reading: Reading,
  directory: Directory,
  interfaces: readonly InterfaceDefinition[],
  kind: 'host' | 'router',
  node: SourceNode,
): DhcpServerDefinition | undefined {
  const networkNode = field(node, 'network');
  const network = knownNetwork(reading, directory, networkNode);
  const range = reading.range(field(node, 'range'));
  const lease = reading.duration(field(node, 'lease'), hours(12));
  const dns = itemsOf(field(node, 'dns')).flatMap((item) => addressOrHost(reading, directory, interfaces, item) ?? []);
  const reservations = readReservations(reading, directory, field(node, 'reservations'));
  const at = interfaces.find((entry) => entry.network === network);
  if (network !== undefined && networkNode !== undefined && at?.addressing.kind !== 'static') {
    const message = `this host has no fixed address on ${network}, so it cannot serve it`;
    const served = interfaces.filter((entry) => entry.addressing.kind === 'static').map((entry) => entry.network);
    reading.problem(networkNode.span, 'dhcp-pool', message, `it could serve: ${served.join(', ')}`);
    return undefined;
  }
  const routerNode = field(node, 'router');
  let router: Ipv4Address | undefined;
  if (routerNode === undefined)
    router = kind === 'router' && at?.addressing.kind === 'static' ? at.addressing.address : undefined;
  else if (textOf(routerNode) !== 'none') router = addressOrHost(reading, directory, interfaces, routerNode);
  if (network === undefined || range === undefined) return undefined;
  const domain = textOf(field(node, 'domain'));
  const server: DhcpServerDefinition = { network, range, lease, dns, router, domain, reservations };
  return reading.mark(server, routerNode?.span ?? reading.placeOf(range));
}

function readReservations(reading: Reading, directory: Directory, node: Maybe): DhcpReservation[] {
  return entriesOf(node).flatMap(([name, { key, value }]) => {
    const linkAddress = parseLinkAddress(name);
    const address = reading.address(value);
    const keyNode: SourceNode = { kind: 'scalar', span: key, value: name };
    const host = linkAddress === undefined ? knownHost(reading, directory, keyNode) : undefined;
    if (address === undefined || (linkAddress === undefined && host === undefined)) return [];
    const client = linkAddress === undefined ? { host: host ?? '' } : { linkAddress };
    return [reading.mark({ client, address }, value.span)];
  });
}

function readDns(
  reading: Reading,
  directory: Directory,
  interfaces: readonly InterfaceDefinition[],
  node: Maybe,
): DnsDefinition | undefined {
  const modeNode = field(node, 'mode');
  const mode = textOf(modeNode);
  if (node === undefined || modeNode === undefined) return undefined;
  const upstreamNode = field(node, 'upstream');
  const hintsNode = field(node, 'hints');
  const answersPerSecond = numberOf(field(node, 'answers-per-second'));
  const upstream = itemsOf(upstreamNode).flatMap((item) => addressOrHost(reading, directory, interfaces, item) ?? []);
  const hints: NameServerReference[] = itemsOf(hintsNode).flatMap((item) => {
    const host = knownHost(reading, directory, item);
    const address = host === undefined ? undefined : fixedAddress(reading, directory, host, item.span);
    return host === undefined || address === undefined ? [] : [reading.mark({ host, address }, item.span)];
  });
  if (mode !== 'forwarder' && upstreamNode !== undefined) {
    reading.problem(upstreamNode.span, 'bad-combination', 'only a forwarder has an upstream', 'write mode: forwarder');
  }
  if (mode !== 'recursive' && hintsNode !== undefined) {
    reading.problem(hintsNode.span, 'bad-combination', 'only a recursive resolver has hints', 'write mode: recursive');
  }
  if (mode === 'forwarder') {
    if (upstreamNode === undefined) {
      reading.problem(modeNode.span, 'bad-dns', 'a forwarder needs someone to ask', 'add upstream: [RESOLVER]');
    }
    return { mode, upstream, answersPerSecond };
  }
  if (mode === 'recursive') {
    if (hintsNode === undefined) {
      const message = 'a recursive resolver needs to know where the root is';
      reading.problem(modeNode.span, 'bad-dns', message, 'add hints: [HOST], the primary of the zone "."');
    }
    return { mode, hints, answersPerSecond };
  }
  return mode === 'authoritative' ? { mode, answersPerSecond } : undefined;
}

function fixedAddresses({ hosts }: Directory, host: string): readonly Ipv4Address[] | undefined {
  return hosts
    .get(host)
    ?.flatMap(({ addressing, moreAddresses }) =>
      addressing.kind === 'static' ? [addressing.address, ...moreAddresses] : [],
    );
}

function readFirewall(
  reading: Reading,
  directory: Directory,
  interfaces: readonly InterfaceDefinition[],
  node: Maybe,
): FirewallDefinition | undefined {
  if (node === undefined) return undefined;
  const networks = interfaces.map((entry) => entry.network);
  const policy = field(node, 'policy');
  const rules: string[] = [];
  for (const item of itemsOf(field(node, 'rules'))) {
    const text = textOf(item);
    if (text === undefined) continue;
    const isLine = isFirewallLine(text);
    const written = isLine ? rulesOfLine(text, (host) => fixedAddresses(directory, host)) : [text];
    if ('message' in written) {
      reading.language(item, text, 'bad-rule', 'firewall rule', written);
      continue;
    }
    rules.push(...written);
    const [problem] = written.flatMap((rule) => reading.checks.firewallRule?.(rule, networks) ?? []);
    // A place in what was made of a line is none in the line.
    const found = problem !== undefined && isLine ? { ...problem, index: 0 } : problem;
    reading.language(item, text, 'bad-rule', 'firewall rule', found);
  }
  return {
    policy: {
      input: wordOf(field(policy, 'input'), POLICIES, 'accept'),
      forward: wordOf(field(policy, 'forward'), POLICIES, 'accept'),
      output: wordOf(field(policy, 'output'), POLICIES, 'accept'),
    },
    rules,
  };
}
