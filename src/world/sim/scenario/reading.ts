// How values are taken out of a tree. A value of the wrong kind is passed over in silence, since the schema has already
// told of it; a value that has the right kind and the wrong content is reported here, where it stands.

import type { Duration, Instant } from '../../../core/time.ts';
import {
  formatPrefix,
  type Ipv4Address,
  type Ipv4Prefix,
  type LinkAddress,
  networkOf,
  parseIpv4Address,
  parseLinkAddress,
  parsePrefix,
} from '../../../wire/address.ts';
import type { Diagnostic, DiagnosticCode } from './diagnostic.ts';
import { diagnosticAt, type MapEntry, type SourceNode, type Span } from './source_tree.ts';
import { suggestFrom } from './suggestion.ts';
import type { Ipv4Range, SourcePosition } from './types.ts';
import {
  isIndividual,
  parseDuration,
  parsePercentage,
  parseRange,
  parseRate,
  parseSignedDuration,
  parseSize,
  parseSubnet,
  UNIT_FORMS,
  type Unit,
} from './units.ts';

/** A value or key of the file, where it may be missing. */
export type Maybe = SourceNode | undefined;

/** Checks of languages that belong to other rooms; without one, its texts pass. */
export interface LanguageChecks {
  /** What is wrong with a command line of a machine, without running it. */
  readonly commandLine?: ((text: string) => LanguageProblem | undefined) | undefined;
  /** What is wrong with a packet filter, and at which character. */
  readonly packetFilter?: ((text: string) => LanguageProblem | undefined) | undefined;
  /** What is wrong with a firewall rule; interfaces are named by their networks. */
  readonly firewallRule?: ((text: string, networks: readonly string[]) => LanguageProblem | undefined) | undefined;
}

export interface LanguageProblem {
  /** UTF-16 units from the beginning of the text. */
  readonly index: number;
  /** UTF-16 units that are meant, 1 unless it says otherwise. */
  readonly length?: number;
  readonly message: string;
  readonly suggestion?: string;
}

export class Reading {
  readonly diagnostics: Diagnostic[] = [];
  readonly checks: LanguageChecks;
  private readonly places = new Map<object, Span>();

  constructor(checks: LanguageChecks) {
    this.checks = checks;
  }

  problem(span: Span, code: DiagnosticCode, message: string, suggestion?: string): void {
    this.diagnostics.push(diagnosticAt(span, 'error', code, message, suggestion));
  }

  warning(span: Span, code: DiagnosticCode, message: string, suggestion?: string): void {
    this.diagnostics.push(diagnosticAt(span, 'warning', code, message, suggestion));
  }

  /** What the format knows and the simulator cannot run yet. */
  notBuilt(span: Span, message: string): void {
    this.diagnostics.push(diagnosticAt(span, 'not-built', 'not-built', message));
  }

  /** `unknown host "alcie"`, with the nearest known one. */
  unknown(span: Span, what: string, name: string, known: Iterable<string>): void {
    this.problem(span, 'unknown-name', `unknown ${what} "${name}"`, suggestFrom(name, [...known]));
  }

  /** Remembers where a definition was written, for checks that come later. */
  mark<T extends object>(definition: T, span: Span): T {
    this.places.set(definition, span);
    return definition;
  }

  placeOf(definition: object): Span {
    const span = this.places.get(definition);
    if (span === undefined) throw new RangeError('this definition was not read from a file');
    return span;
  }

  position(span: Span): SourcePosition {
    return span.source.positionOf(span.start);
  }

  duration(node: Maybe, fallback: Duration): Duration {
    return this.unit(node, 'duration', parseDuration) ?? fallback;
  }

  signedDuration(node: Maybe, fallback: Duration): Duration {
    return this.unit(node, 'signed duration', parseSignedDuration) ?? fallback;
  }

  /** A duration since the start of the world. */
  instant(node: Maybe, fallback: Instant): Instant {
    return (this.unit(node, 'duration', parseDuration) as Instant | undefined) ?? fallback;
  }

  rate(node: Maybe, fallback: number): number {
    return this.unit(node, 'rate', parseRate) ?? fallback;
  }

  size(node: Maybe, fallback: number): number {
    return this.unit(node, 'size', parseSize) ?? fallback;
  }

  percentage(node: Maybe, fallback: number): number {
    return this.unit(node, 'percentage', parsePercentage) ?? fallback;
  }

  address(node: Maybe): Ipv4Address | undefined {
    return this.unit(node, 'IPv4 address', parseIpv4Address);
  }

  linkAddress(node: Maybe): LinkAddress | undefined {
    const address = this.unit(node, 'link address', parseLinkAddress);
    if (address === undefined || node === undefined || isIndividual(address)) return address;
    const message = `${textOf(node)} is not the address of one interface`;
    this.problem(
      node.span,
      'bad-address',
      message,
      'the second digit of such an address is even, as in 02:00:00:00:00:01',
    );
    return undefined;
  }

  range(node: Maybe): Ipv4Range | undefined {
    const range = this.unit(node, 'range of addresses', parseRange);
    return range === undefined || node === undefined ? undefined : this.mark(range, node.span);
  }

  subnet(node: Maybe): Ipv4Prefix | undefined {
    const text = textOf(node);
    if (node === undefined || text === undefined) return undefined;
    const subnet = parseSubnet(text);
    if (subnet !== undefined) return this.mark(subnet, node.span);
    const written = parsePrefix(text);
    const isHostBits = written !== undefined;
    const message = isHostBits ? `${text} is not a subnet: its host bits are not zero` : `"${text}" is not a subnet`;
    this.problem(node.span, 'bad-unit', message, isHostBits ? networkText(written) : UNIT_FORMS.subnet);
    return undefined;
  }

  /** A text in a unit's form. */
  unit<T>(node: Maybe, unit: Unit, parse: (text: string) => T | undefined): T | undefined {
    const text = textOf(node);
    if (node === undefined || text === undefined) return undefined;
    const value = parse(text);
    if (value === undefined) this.problem(node.span, 'bad-unit', `"${text}" is not ${article(unit)}`, UNIT_FORMS[unit]);
    return value;
  }

  /** A text in another room's language; the problem is marked at its character where the text is written plainly. */
  language(
    node: SourceNode,
    text: string,
    code: DiagnosticCode,
    what: string | undefined,
    found: LanguageProblem | undefined,
  ): void {
    if (found === undefined) return;
    const { source, start, end } = node.span;
    const written = source.text.slice(start, end);
    const at = written.indexOf(text);
    const from = at === -1 ? start : Math.min(start + at + Math.max(0, found.index), Math.max(start, end - 1));
    this.problem(
      { source, start: from, end: at === -1 ? end : Math.min(from + (found.length ?? 1), end) },
      code,
      what === undefined ? found.message : `${what}: ${found.message}`,
      found.suggestion,
    );
  }
}

/** The value under a key. */
export const field = (node: Maybe, key: string): SourceNode | undefined =>
  node?.kind === 'map' ? node.entries.get(key)?.value : undefined;

/** Where a key stands; the whole node where it is missing. */
export const keySpan = (node: SourceNode, key: string): Span =>
  (node.kind === 'map' ? node.entries.get(key)?.key : undefined) ?? node.span;

export const entriesOf = (node: Maybe): readonly (readonly [string, MapEntry])[] =>
  node?.kind === 'map' ? [...node.entries] : [];

export const itemsOf = (node: Maybe): readonly SourceNode[] => (node?.kind === 'list' ? node.items : []);

/** A list's items, or the one value that stands in its place. */
export const oneOrMore = (node: Maybe): readonly SourceNode[] =>
  node === undefined ? [] : node.kind === 'list' ? node.items : [node];

export const textOf = (node: Maybe): string | undefined =>
  node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;

export const numberOf = (node: Maybe): number | undefined =>
  node?.kind === 'scalar' && typeof node.value === 'number' ? node.value : undefined;

export const booleanOf = (node: Maybe): boolean | undefined =>
  node?.kind === 'scalar' && typeof node.value === 'boolean' ? node.value : undefined;

/** One of a few words; the fallback for what is none of them. */
export function wordOf<Word extends string>(node: Maybe, words: readonly Word[], fallback: Word): Word {
  const text = textOf(node);
  return words.find((word) => word === text) ?? fallback;
}

/** A duration that must have an end. */
export function finite(reading: Reading, node: Maybe, fallback: Duration): Duration {
  const duration = reading.duration(node, fallback);
  if (Number.isFinite(duration) || node === undefined) return duration;
  reading.problem(
    node.span,
    'bad-unit',
    'this cannot last forever',
    'write a number with its unit, like 20ms or 2m30s',
  );
  return fallback;
}

function article(unit: Unit): string {
  return `${/^[aeiouI]/.test(unit) ? 'an' : 'a'} ${unit}`;
}

const networkText = ({ address, length }: Ipv4Prefix): string =>
  `write ${formatPrefix({ address: networkOf(address, length), length })}`;
