// Firewall rules: a line each, tried in order, the first that fits decides; where none fits, the chain's policy does.
//
//   rule      = action chain { condition }
//   action    = "accept" | "drop" | "reject"
//   chain     = "input" | "forward" | "output"
//   condition = ("in" | "out") INTERFACE | ("src" | "dst") PREFIX | "tcp" | "udp" | "icmp"
//             | ("sport" | "dport") PORT { "," PORT } | "ct" STATE { "," STATE }
//
// A PORT may be a range, 8000-8099. docs/reference/firewall.md says it at length.

import { type Ipv4Prefix, inPrefix, networkOf, parseIpv4Address, parsePrefix } from '../../wire/address.ts';
import { ICMP_PROTOCOL } from '../../wire/icmp.ts';
import { TCP_PROTOCOL } from '../../wire/tcp.ts';
import { UDP_PROTOCOL } from '../../wire/udp.ts';
import type { Flow } from './flow.ts';

export type FirewallAction = 'accept' | 'drop' | 'reject';
export type FirewallChain = 'input' | 'forward' | 'output';
/** What connection tracking says of a packet. `related`: an ICMP error about a known connection. */
export type PacketState = 'new' | 'established' | 'related' | 'invalid';

interface PortRange {
  readonly first: number;
  readonly last: number;
}

export interface FirewallRule {
  readonly text: string;
  readonly action: FirewallAction;
  readonly chain: FirewallChain;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly source: Ipv4Prefix | undefined;
  readonly destination: Ipv4Prefix | undefined;
  readonly protocol: number | undefined;
  readonly sourcePorts: readonly PortRange[] | undefined;
  readonly destinationPorts: readonly PortRange[] | undefined;
  readonly states: readonly PacketState[] | undefined;
  /** Packets that it decided about. */
  hits: number;
}

export interface RuleProblem {
  /** Where in the rule's text, from 0. */
  readonly index: number;
  readonly message: string;
}

const ACTIONS: readonly string[] = ['accept', 'drop', 'reject'];
const CHAINS: readonly string[] = ['input', 'forward', 'output'];
const STATES: readonly string[] = ['new', 'established', 'related', 'invalid'];
const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['tcp', TCP_PROTOCOL],
  ['udp', UDP_PROTOCOL],
  ['icmp', ICMP_PROTOCOL],
]);

type Draft = { -readonly [Key in keyof FirewallRule]: FirewallRule[Key] };

/** A rule, or what is wrong with its text. */
export function parseRule(text: string): FirewallRule | RuleProblem {
  const words = [...text.matchAll(/\S+/g)].map((match) => ({ word: match[0], index: match.index }));
  const [action, chain] = words;
  if (action === undefined || !ACTIONS.includes(action.word)) {
    return { index: action?.index ?? 0, message: `a rule begins with accept, drop or reject${found(action?.word)}` };
  }
  if (chain === undefined || !CHAINS.includes(chain.word)) {
    return { index: chain?.index ?? text.length, message: `then comes input, forward or output${found(chain?.word)}` };
  }
  const rule: Draft = {
    text,
    action: action.word as FirewallAction,
    chain: chain.word as FirewallChain,
    from: undefined,
    to: undefined,
    source: undefined,
    destination: undefined,
    protocol: undefined,
    sourcePorts: undefined,
    destinationPorts: undefined,
    states: undefined,
    hits: 0,
  };
  for (let i = 2; i < words.length; i++) {
    const { word, index } = words[i] ?? { word: '', index: text.length };
    const protocol = PROTOCOLS.get(word);
    if (protocol !== undefined) {
      rule.protocol = protocol;
      continue;
    }
    const value = words[++i];
    const message = value === undefined ? valueMissing(word) : setCondition(rule, word, value.word);
    if (message !== undefined) return { index: isCondition(word) ? (value?.index ?? text.length) : index, message };
  }
  const needsPorts = rule.sourcePorts !== undefined || rule.destinationPorts !== undefined;
  if (needsPorts && rule.protocol !== TCP_PROTOCOL && rule.protocol !== UDP_PROTOCOL) {
    return { index: 0, message: 'ports go with tcp or udp: say which' };
  }
  if (rule.from !== undefined && rule.chain === 'output')
    return { index: 0, message: 'output has no "in": it comes from here' };
  if (rule.to !== undefined && rule.chain === 'input') return { index: 0, message: 'input has no "out": it ends here' };
  return rule;
}

export const isRuleProblem = (parsed: FirewallRule | RuleProblem): parsed is RuleProblem => 'message' in parsed;

const found = (word: string | undefined): string => (word === undefined ? '' : `, not "${word}"`);

const CONDITIONS = ['in', 'out', 'src', 'dst', 'sport', 'dport', 'ct'];
const isCondition = (word: string): boolean => CONDITIONS.includes(word);
const valueMissing = (word: string): string =>
  isCondition(word) ? `"${word}" needs something behind it` : unknownCondition(word);
const unknownCondition = (word: string): string =>
  `"${word}" is no condition: there are ${CONDITIONS.join(', ')}, tcp, udp and icmp`;

// Returns what is wrong, if anything.
function setCondition(rule: Draft, condition: string, value: string): string | undefined {
  switch (condition) {
    case 'in':
      rule.from = value;
      return undefined;
    case 'out':
      rule.to = value;
      return undefined;
    case 'src':
    case 'dst': {
      const address = parseIpv4Address(value);
      const prefix = address === undefined ? parsePrefix(value) : { address, length: 32 };
      if (prefix === undefined) return `"${value}" is no address or prefix such as 10.0.0.0/8`;
      rule[condition === 'src' ? 'source' : 'destination'] = prefix;
      return undefined;
    }
    case 'sport':
    case 'dport': {
      const ranges = value.split(',').map(portRange);
      if (ranges.includes(undefined)) return `"${value}" is no list of ports such as 53,80,8000-8099`;
      rule[condition === 'sport' ? 'sourcePorts' : 'destinationPorts'] = ranges.filter((range) => range !== undefined);
      return undefined;
    }
    case 'ct': {
      const states = value.split(',');
      const unknown = states.find((state) => !STATES.includes(state));
      if (unknown !== undefined) return `"${unknown}" is no state: there are ${STATES.join(', ')}`;
      rule.states = states as PacketState[];
      return undefined;
    }
    default:
      return unknownCondition(condition);
  }
}

function portRange(text: string): PortRange | undefined {
  const [, low, high] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const range = { first: Number(low), last: Number(high ?? low) };
  return range.first <= range.last && range.last <= 65_535 ? range : undefined;
}

/** Whether a rule fits a packet. Interfaces by name; '' where there is none. */
export function ruleFits(rule: FirewallRule, flow: Flow, state: PacketState, from: string, to: string): boolean {
  if (rule.from !== undefined && rule.from !== from) return false;
  if (rule.to !== undefined && rule.to !== to) return false;
  if (rule.protocol !== undefined && rule.protocol !== flow.protocol) return false;
  if (rule.states !== undefined && !rule.states.includes(state)) return false;
  if (rule.source !== undefined && !lies(rule.source, flow.source)) return false;
  if (rule.destination !== undefined && !lies(rule.destination, flow.destination)) return false;
  if (rule.sourcePorts !== undefined && !isIn(rule.sourcePorts, flow.sourcePort)) return false;
  return rule.destinationPorts === undefined || isIn(rule.destinationPorts, flow.destinationPort);
}

const lies = (prefix: Ipv4Prefix, address: Flow['source']): boolean =>
  inPrefix(address, networkOf(prefix.address, prefix.length), prefix.length);

function isIn(ranges: readonly PortRange[], port: number): boolean {
  for (const { first, last } of ranges) if (port >= first && port <= last) return true;
  return false;
}
