// Firewall rules as a person writes them on a slide, put into the language of firewall_rules.ts.
//
//   line     = ( "ALLOW" | "BLOCK" ) [ protocol ] [ "port" PORT [ "(" REMARK ")" ] ] [ "FROM" who ] [ "TO" who ]
//   who      = "everyone" [ "else" ] | [ "address" ] PREFIX | [ "my" ] HOST [ "'s IP address" ]
//
// Such a line is about what comes in: to the machine itself and through it. So each becomes a rule of `input` and one of
// `forward`. FROM and TO may be written small. Not here: what a rule means, and which hosts there are.

import { formatIpv4, type Ipv4Address } from '../../wire/address.ts';
import type { RuleProblem } from './firewall_rules.ts';

/** A host's addresses; none where it has no fixed one; `undefined` where there is no such host. */
export type AddressesOf = (host: string) => readonly Ipv4Address[] | undefined;

const ACTIONS: ReadonlyMap<string, string> = new Map([
  ['ALLOW', 'accept'],
  ['BLOCK', 'drop'],
]);
const CHAINS: readonly string[] = ['input', 'forward'];
const PROTOCOLS: readonly string[] = ['tcp', 'udp', 'icmp'];

interface Word {
  readonly text: string;
  readonly index: number;
}

/** Whether a text is of this form, right or wrong. */
export const isFirewallLine = (text: string): boolean => ACTIONS.has(/\S+/.exec(text)?.[0] ?? '');

/** The rules that a line stands for, in the language of `parseRule`; or what is wrong with it. */
export function rulesOfLine(text: string, addressesOf: AddressesOf): readonly string[] | RuleProblem {
  // A remark is one word, with whatever stands in it.
  const words = [...text.matchAll(/\([^)]*\)|\S+/g)].map((match): Word => ({ text: match[0], index: match.index }));
  const action = ACTIONS.get(words.shift()?.text ?? '');
  if (action === undefined) return { index: 0, message: 'such a line begins with ALLOW or BLOCK' };
  const protocol = PROTOCOLS.includes(words[0]?.text ?? '') ? words.shift()?.text : undefined;
  let port: string | undefined;
  if (words[0]?.text === 'port') {
    const [written] = words.splice(0, 1);
    port = words.shift()?.text;
    if (port === undefined) return { index: text.length, message: 'behind "port" stands its number' };
    if (protocol === undefined) return { index: written?.index ?? 0, message: 'ports go with tcp or udp: say which' };
    if (words[0]?.text.startsWith('(')) words.shift();
  }
  const ends: Record<'src' | 'dst', readonly string[]> = { src: [''], dst: [''] };
  while (words.length > 0) {
    const word = words.shift() ?? { text: '', index: text.length };
    const end = word.text.toUpperCase() === 'FROM' ? 'src' : word.text.toUpperCase() === 'TO' ? 'dst' : undefined;
    if (end === undefined)
      return { index: word.index, message: `"${word.text}" makes no sense here: FROM or TO, and who` };
    const limit = words.findIndex((each) => /^(?:from|to)$/i.test(each.text));
    const who = prefixesOf(words.splice(0, limit === -1 ? words.length : limit), addressesOf, text.length);
    if ('message' in who) return who;
    ends[end] = who.map((prefix) => (prefix === '' ? '' : ` ${end} ${prefix}`));
  }
  const what = `${protocol === undefined ? '' : ` ${protocol}`}${port === undefined ? '' : ` dport ${port}`}`;
  return CHAINS.flatMap((chain) =>
    ends.src.flatMap((source) => ends.dst.map((target) => `${action} ${chain}${source}${target}${what}`)),
  );
}

/** Prefixes as rules write them; an empty one is everyone. */
function prefixesOf(words: readonly Word[], addressesOf: AddressesOf, end: number): readonly string[] | RuleProblem {
  const [first] = words;
  const text = words.map((word) => word.text).join(' ');
  if (first === undefined) return { index: end, message: 'who is missing: everyone, an address or a host' };
  if (/^everyone(?: else)?$/.test(text)) return [''];
  const address = /^(?:address )?([0-9][0-9./]*)$/.exec(text)?.[1];
  if (address !== undefined) return [address];
  const host = /^(?:my )?([\w-]+)(?:['’]s IP address)?$/.exec(text)?.[1];
  const addresses = host === undefined ? undefined : addressesOf(host);
  if (addresses === undefined) return { index: first.index, message: `"${text}" is no host, address or everyone` };
  if (addresses.length === 0) return { index: first.index, message: `${host} has no fixed address` };
  return addresses.map(formatIpv4);
}
