// Networks and the interfaces on them: the ground on which every name of a scenario stands.

import { type Duration, milliseconds, seconds } from '../../../core/time.ts';
import { type Ipv4Address, parseIpv4Address, UNSPECIFIED_IPV4 } from '../../../wire/address.ts';
import {
  booleanOf,
  entriesOf,
  field,
  finite,
  itemsOf,
  keySpan,
  type Maybe,
  numberOf,
  type Reading,
  textOf,
  wordOf,
} from './reading.ts';
import type { SourceNode, Span } from './source_tree.ts';
import { suggestFrom } from './suggestion.ts';
import type { Addressing, InterfaceDefinition, LinkConditions, NetworkDefinition } from './types.ts';

const NONE = 0 as Duration;
const DEFAULT_REORDER_DELAY = milliseconds(10);
const DEFAULT_QUEUE = 256 * 1024;
const DEFAULT_MTU = 1500;
const DEFAULT_AGEING = seconds(300);

/** What names stand for: networks, and the machines with their interfaces. */
export interface Directory {
  readonly networks: ReadonlyMap<string, NetworkDefinition>;
  readonly hosts: ReadonlyMap<string, readonly InterfaceDefinition[]>;
  readonly attackers: ReadonlyMap<string, readonly InterfaceDefinition[]>;
}

export function readDirectory(reading: Reading, root: SourceNode): Directory {
  const networks = new Map<string, NetworkDefinition>();
  for (const [name, { value }] of entriesOf(field(root, 'networks'))) {
    const network = readNetwork(reading, name, value);
    if (network !== undefined) networks.set(name, network);
  }
  const machines = (key: string): Map<string, readonly InterfaceDefinition[]> =>
    new Map(
      entriesOf(field(root, key)).map(([name, { value }]) => [
        name,
        readInterfaces(reading, networks, field(root, 'networks'), field(value, 'interfaces')),
      ]),
    );
  const hosts = machines('hosts');
  const attackers = machines('attackers');
  for (const [name, { key }] of entriesOf(field(root, 'attackers'))) {
    if (hosts.has(name)) reading.problem(key, 'duplicate-name', `"${name}" is the name of a host already`);
  }
  const directory = { networks, hosts, attackers };
  for (const [, { value }] of entriesOf(field(root, 'networks'))) {
    const trusted = itemsOf(field(field(value, 'arp-inspection'), 'trusted'));
    for (const item of trusted) knownHost(reading, directory, item);
  }
  return directory;
}

/** The name of a host that exists. */
export function knownHost(reading: Reading, directory: Directory, node: Maybe): string | undefined {
  return knownName(reading, 'host', directory.hosts, node);
}

/** The name of a network that exists. */
export function knownNetwork(reading: Reading, directory: Directory, node: Maybe): string | undefined {
  return knownName(reading, 'network', directory.networks, node);
}

/** The name of something that exists; what does not is reported. */
export function knownName(
  reading: Reading,
  what: string,
  known: ReadonlyMap<string, unknown>,
  node: Maybe,
): string | undefined {
  const name = textOf(node);
  if (node === undefined || name === undefined) return undefined;
  if (known.has(name)) return name;
  reading.unknown(node.span, what, name, known.keys());
  return undefined;
}

/** An address, or that of a host: on a network that the asking machine shares with it, else its first fixed one. */
export function addressOrHost(
  reading: Reading,
  directory: Directory,
  asking: readonly InterfaceDefinition[],
  node: Maybe,
): Ipv4Address | undefined {
  const text = textOf(node);
  if (node === undefined || text === undefined) return undefined;
  if (/^[0-9.]+$/.test(text)) return reading.address(node);
  const name = knownHost(reading, directory, node);
  if (name === undefined) return undefined;
  const shared = new Set(asking.map((entry) => entry.network));
  return fixedAddress(reading, directory, name, node.span, shared);
}

/** A host's fixed address, on one of the preferred networks if it has one there. */
export function fixedAddress(
  reading: Reading,
  directory: Directory,
  host: string,
  span: Span,
  preferred: ReadonlySet<string> = new Set(),
): Ipv4Address | undefined {
  let found: Ipv4Address | undefined;
  for (const { network, addressing } of directory.hosts.get(host) ?? []) {
    if (addressing.kind !== 'static') continue;
    if (preferred.has(network)) return addressing.address;
    found ??= addressing.address;
  }
  if (found === undefined) {
    const message = `"${host}" has no fixed address`;
    reading.problem(span, 'bad-address', message, 'give it an address in its interfaces, or write an address here');
  }
  return found;
}

/** What a step may change, or a network's whole conditions: only what is written. */
export function readConditions(reading: Reading, node: Maybe): Partial<LinkConditions> {
  const has = (key: string): boolean => field(node, key) !== undefined;
  const spread = (key: string): SourceNode | undefined => {
    const value = field(node, key);
    return value?.kind === 'map' ? field(value, 'probability') : value;
  };
  const reorder = field(node, 'reorder');
  const corrupt = field(node, 'corrupt');
  return {
    ...(has('delay') ? { delay: finite(reading, field(node, 'delay'), NONE) } : {}),
    ...(has('jitter') ? { jitter: finite(reading, field(node, 'jitter'), NONE) } : {}),
    ...(has('rate') ? { rate: reading.rate(field(node, 'rate'), Number.POSITIVE_INFINITY) } : {}),
    ...(has('queue') ? { queueBytes: reading.size(field(node, 'queue'), DEFAULT_QUEUE) } : {}),
    ...(has('loss') ? { loss: reading.percentage(field(node, 'loss'), 0) } : {}),
    ...(has('duplicate') ? { duplicate: reading.percentage(field(node, 'duplicate'), 0) } : {}),
    ...(has('reorder')
      ? {
          reorder: reading.percentage(spread('reorder'), 0),
          reorderDelay: finite(reading, field(reorder, 'by'), DEFAULT_REORDER_DELAY),
        }
      : {}),
    ...(has('corrupt')
      ? {
          corrupt: reading.percentage(spread('corrupt'), 0),
          corruptKind: wordOf(field(corrupt, 'kind'), ['wire', 'beyond-fcs'], 'wire'),
        }
      : {}),
  };
}

function readNetwork(reading: Reading, name: string, node: SourceNode): NetworkDefinition | undefined {
  const subnet = reading.subnet(field(node, 'subnet'));
  const trusted = field(node, 'arp-inspection');
  const conditions = readConditions(reading, node);
  const ageing = reading.duration(field(node, 'ageing'), DEFAULT_AGEING);
  if (trusted !== undefined && textOf(field(node, 'medium')) === 'cable') {
    const message = `nothing on the cable ${name} could inspect ARP`;
    reading.problem(keySpan(node, 'arp-inspection'), 'bad-combination', message, 'take medium: ethernet or wifi');
  }
  if (subnet === undefined) return undefined;
  const network: NetworkDefinition = {
    name,
    position: reading.position(node.span),
    subnet,
    medium: wordOf(field(node, 'medium'), ['ethernet', 'wifi', 'cable'], 'ethernet'),
    conditions: {
      delay: NONE,
      jitter: NONE,
      rate: Number.POSITIVE_INFINITY,
      queueBytes: DEFAULT_QUEUE,
      loss: 0,
      duplicate: 0,
      reorder: 0,
      reorderDelay: DEFAULT_REORDER_DELAY,
      corrupt: 0,
      corruptKind: 'wire',
      ...conditions,
    },
    mtu: numberOf(field(node, 'mtu')) ?? DEFAULT_MTU,
    ageing,
    arpInspection:
      trusted === undefined
        ? undefined
        : { trusted: itemsOf(field(trusted, 'trusted')).flatMap((item) => textOf(item) ?? []) },
  };
  return reading.mark(network, node.span);
}

function readInterfaces(
  reading: Reading,
  networks: ReadonlyMap<string, NetworkDefinition>,
  declared: Maybe,
  node: Maybe,
): InterfaceDefinition[] {
  const interfaces: InterfaceDefinition[] = [];
  for (const [network, { key, value }] of entriesOf(node)) {
    const addressing = readAddressing(reading, network, value);
    const more = itemsOf(field(value, 'addresses')).flatMap((item) => reading.address(item) ?? []);
    const linkAddress = reading.linkAddress(field(value, 'mac'));
    if (!networks.has(network)) {
      // A network whose own definition is wrong has been told of already.
      if (field(declared, network) === undefined) reading.unknown(key, 'network', network, networks.keys());
      continue;
    }
    const place = field(value, 'address') ?? value;
    interfaces.push(
      reading.mark(
        { network, position: reading.position(key), addressing, moreAddresses: more, linkAddress },
        place.kind === 'map' ? key : place.span,
      ),
    );
  }
  return interfaces;
}

function readAddressing(reading: Reading, network: string, node: SourceNode): Addressing {
  const unusable: Addressing = { kind: 'static', address: UNSPECIFIED_IPV4 };
  if (node.kind === 'map') {
    const ways = ['address', 'dhcp', 'link-local'].filter((key) => node.entries.has(key));
    if (ways.length !== 1) {
      const message =
        ways.length === 0 ? `the interface to ${network} has no address` : `${ways.join(' and ')} exclude each other`;
      reading.problem(
        keySpan(node, ways[1] ?? ''),
        'bad-combination',
        message,
        'give one of address, dhcp: true, link-local: true',
      );
      return unusable;
    }
    if (booleanOf(field(node, 'dhcp')) === true) return { kind: 'dhcp' };
    if (booleanOf(field(node, 'link-local')) === true) return { kind: 'link-local' };
    return { kind: 'static', address: reading.address(field(node, 'address')) ?? UNSPECIFIED_IPV4 };
  }
  const text = textOf(node);
  if (text === undefined) return unusable;
  if (text === 'dhcp') return { kind: 'dhcp' };
  if (text === 'link-local') return { kind: 'link-local' };
  const address = parseIpv4Address(text);
  if (address !== undefined) return { kind: 'static', address };
  const words = suggestFrom(text, ['dhcp', 'link-local']);
  const isWord = /^[a-z-]+$/i.test(text);
  const suggestion = isWord ? words : 'write an IPv4 address without its prefix length, dhcp, or link-local';
  reading.problem(node.span, 'bad-address', `"${text}" is not an address`, suggestion);
  return unusable;
}
