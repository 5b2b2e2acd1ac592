// The packet filter: a part of Wireshark's display filter language, with the same meaning (docs/reference/filter.md).
//
//   ip.src == 192.168.0.0/16 && tcp.flags.syn == 1        !(arp || dns)        tcp.port in {80, 8000..8099}
//
// Parsed once into a tree of closures, then asked about each frame. Not here: which fields there are.

import {
  type Ipv4Address,
  inPrefix,
  networkOf,
  parseIpv4Address,
  parseLinkAddress,
  parsePrefix,
} from '../../wire/address.ts';
import type { Dissection } from './dissection.ts';
import { FILTER_FIELDS, type FilterField } from './filter_fields.ts';

export interface FilterProblem {
  /** Where in the filter's text, from 0. */
  readonly index: number;
  /** A sentence. */
  readonly message: string;
}

/** Given what a `FrameReader` found it knows what came before; given what `dissect` found, the frame is judged by itself. */
export type PacketFilter = (dissection: Dissection) => boolean;

/** What one value of a field is compared with. */
type Match = (value: number | string) => boolean;
type Operator = '==' | '!=' | '>' | '<' | '>=' | '<=' | 'contains' | '&';

const WORDS: Readonly<Record<string, string>> = {
  eq: '==',
  ne: '!=',
  gt: '>',
  lt: '<',
  ge: '>=',
  le: '<=',
  and: '&&',
  or: '||',
  not: '!',
};

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|(&&|\|\||==|!=|>=|<=|\.\.|[!<>(){},&])|([^\s"&|=!<>(){},]+))/y;

interface Token {
  readonly text: string;
  readonly index: number;
  readonly kind: 'string' | 'sign' | 'word' | 'end';
}

/** How deep parentheses and `!` may nest: more is refused, so that no filter can exhaust the stack. */
const MAX_DEPTH = 100;

class FilterError extends Error {
  readonly index: number;
  constructor(index: number, message: string) {
    super(message);
    this.index = index;
  }
}

/** A filter, or what is wrong with its text. The empty filter lets everything through. */
export function parseFilter(text: string): PacketFilter | FilterProblem {
  try {
    return new Parser(tokensOf(text)).parse();
  } catch (error) {
    if (error instanceof FilterError) return { index: error.index, message: error.message };
    throw error;
  }
}

/** What is wrong with a filter's text, if anything. */
export function checkFilter(text: string): FilterProblem | undefined {
  const parsed = parseFilter(text);
  return typeof parsed === 'function' ? undefined : parsed;
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (/\s/.test(text[at] ?? '')) at++;
    if (at >= text.length) break;
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (found === null) throw new FilterError(at, `"${text[at]}" does not belong here`);
    const [, string, sign, word] = found;
    if (string !== undefined) tokens.push({ kind: 'string', text: unquoted(string), index: at });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, index: at });
    else if (word !== undefined) {
      const alias = WORDS[word];
      tokens.push({ kind: alias === undefined ? 'word' : 'sign', text: alias ?? word, index: at });
    }
    at = TOKEN.lastIndex;
  }
  tokens.push({ kind: 'end', text: 'the end', index: text.length });
  return tokens;
}

const unquoted = (text: string): string => text.slice(1, -1).replace(/\\(.)/g, '$1');

class Parser {
  private readonly tokens: readonly Token[];
  private at = 0;
  private depth = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  parse(): PacketFilter {
    if (this.isAtEnd) return () => true;
    const test = this.or();
    if (!this.isAtEnd) throw this.unexpected('&&, || or the end');
    return test;
  }

  private or(): PacketFilter {
    let left = this.and();
    while (this.take('||')) {
      const [a, b] = [left, this.and()];
      left = (d) => a(d) || b(d);
    }
    return left;
  }

  private and(): PacketFilter {
    let left = this.not();
    while (this.take('&&')) {
      const [a, b] = [left, this.not()];
      left = (d) => a(d) && b(d);
    }
    return left;
  }

  private not(): PacketFilter {
    if (++this.depth > MAX_DEPTH)
      throw new FilterError(this.next.index, `more than ${MAX_DEPTH} levels are nested here`);
    try {
      if (this.take('!')) {
        const test = this.not();
        return (d) => !test(d);
      }
      if (!this.take('(')) return this.comparison();
      const test = this.or();
      if (!this.take(')')) throw this.unexpected(')');
      return test;
    } finally {
      this.depth--;
    }
  }

  private comparison(): PacketFilter {
    const token = this.next;
    if (token.kind !== 'word') throw this.unexpected('a field such as ip.src');
    const found = FILTER_FIELDS.get(token.text);
    if (found === undefined) throw new FilterError(token.index, unknownField(token.text));
    this.at++;
    const operator = this.operator();
    if (operator === undefined) return (d) => valuesOf(found, d).length > 0;
    if (found.kind === 'protocol') {
      throw new FilterError(token.index, `${token.text} is a protocol: it is there or not, and cannot be compared`);
    }
    if (operator === 'in') return this.membership(found);
    if (operator === '&') return this.mask(found);
    const match = this.match(found, operator);
    // Wireshark 4: `!=` holds when no value is equal; the other comparisons when any value fits.
    if (operator === '!=') return (d) => valuesOf(found, d).length > 0 && !valuesOf(found, d).some(match);
    return (d) => valuesOf(found, d).some(match);
  }

  private operator(): Operator | 'in' | undefined {
    const { kind, text } = this.next;
    const isOperator =
      (kind === 'sign' && ['==', '!=', '>', '<', '>=', '<=', '&'].includes(text)) ||
      (kind === 'word' && ['in', 'contains'].includes(text));
    if (!isOperator) return undefined;
    this.at++;
    return text as Operator | 'in';
  }

  // {80, 443, 8000..8099}
  private membership(field: FilterField): PacketFilter {
    if (!this.take('{')) throw this.unexpected('{');
    const matches: Match[] = [];
    do {
      const token = this.next;
      const [first, last] = token.text.split('..');
      if (token.kind === 'word' && field.kind === 'number' && first !== undefined && last !== undefined) {
        const [low, high] = [Number(first), Number(last)];
        if (!(low <= high)) throw new FilterError(token.index, `${token.text} is not a range such as 1..3`);
        this.at++;
        matches.push((value) => Number(value) >= low && Number(value) <= high);
      } else matches.push(this.match(field, '=='));
    } while (this.take(','));
    if (!this.take('}')) throw this.unexpected(', or }');
    return (d) => valuesOf(field, d).some((value) => matches.some((match) => match(value)));
  }

  // tcp.flags & 0x12
  private mask(field: FilterField): PacketFilter {
    if (field.kind !== 'number') throw new FilterError(this.next.index, '& goes with numbers');
    const bits = this.number();
    return (d) => valuesOf(field, d).some((value) => (Number(value) & bits) !== 0);
  }

  private match(field: FilterField, operator: Exclude<Operator, '&'>): Match {
    const { index } = this.next;
    if (operator === 'contains' && field.kind !== 'text') throw new FilterError(index, 'contains goes with text');
    switch (field.kind) {
      case 'ipv4':
        return this.addressMatch(operator);
      case 'link': {
        const link = parseLinkAddress(this.next.text);
        if (link === undefined)
          throw new FilterError(index, `${this.next.text} is no link address such as 02:00:00:00:00:01`);
        this.at++;
        return compare(operator, link);
      }
      case 'boolean': {
        const { text } = this.next;
        const value = { true: 1, '1': 1, false: 0, '0': 0 }[text.toLowerCase()];
        if (value === undefined) throw new FilterError(index, `${text} is neither 1 nor 0`);
        this.at++;
        return compare(operator, value);
      }
      case 'text': {
        const { kind, text } = this.next;
        if (kind !== 'string') throw new FilterError(index, `text stands in double quotes: "${text}"`);
        this.at++;
        if (operator === 'contains') return (value) => String(value).includes(text);
        return compare(operator, text);
      }
      default:
        return compare(operator, this.number());
    }
  }

  private addressMatch(operator: Operator): Match {
    const { text, index } = this.next;
    const address = parseIpv4Address(text);
    const prefix = address === undefined ? parsePrefix(text) : undefined;
    if (address === undefined && prefix === undefined) {
      throw new FilterError(index, `${text} is no IPv4 address or prefix such as 10.0.0.0/8`);
    }
    this.at++;
    if (prefix !== undefined) {
      if (operator !== '==' && operator !== '!=') throw new FilterError(index, 'a prefix goes with == and !=');
      const network = networkOf(prefix.address, prefix.length);
      return (value) => inPrefix(value as Ipv4Address, network, prefix.length);
    }
    const wanted = (address ?? 0) >>> 0;
    const match = compare(operator, wanted);
    return (value) => match(Number(value) >>> 0);
  }

  private number(): number {
    const { text, index, kind } = this.next;
    const value = kind === 'word' && /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value)) throw new FilterError(index, `${text} is no number`);
    this.at++;
    return value;
  }

  private get isAtEnd(): boolean {
    return this.next.kind === 'end';
  }

  private get next(): Token {
    return this.tokens[Math.min(this.at, this.tokens.length - 1)] ?? { kind: 'end', text: 'the end', index: 0 };
  }

  private take(sign: string): boolean {
    if (this.next.kind !== 'sign' || this.next.text !== sign) return false;
    this.at++;
    return true;
  }

  private unexpected(wanted: string): FilterError {
    const { kind, text, index } = this.next;
    return new FilterError(index, `expected ${wanted}, found ${kind === 'end' ? 'the end' : `"${text}"`}`);
  }
}

// What an ICMP error quotes counts as part of it, as in Wireshark.
function valuesOf(field: FilterField, dissection: Dissection): readonly (number | string)[] {
  const own = field.values(dissection);
  return dissection.quoted === undefined ? own : [...own, ...valuesOf(field, dissection.quoted)];
}

// For `!=` the match says which value is equal: the caller turns it round over all values.
function compare(operator: Operator, wanted: number | string): Match {
  switch (operator) {
    case '>':
      return (value) => value > wanted;
    case '<':
      return (value) => value < wanted;
    case '>=':
      return (value) => value >= wanted;
    case '<=':
      return (value) => value <= wanted;
    default:
      return (value) => value === wanted;
  }
}

function unknownField(name: string): string {
  const near = [...FILTER_FIELDS.keys()]
    .map((field) => ({ field, distance: editDistance(name, field) }))
    .filter(({ distance }) => distance <= 3)
    .sort((a, b) => a.distance - b.distance || (a.field < b.field ? -1 : 1));
  const [best] = near;
  return best === undefined ? `there is no field ${name}` : `there is no field ${name}: did you mean ${best.field}?`;
}

// Levenshtein (1965): insertions, deletions, substitutions.
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
