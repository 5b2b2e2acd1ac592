// A YAML text as a tree of maps, lists and scalars that remember where they stand, and the patches of variants on it.
// Not here: what keys and values mean.
//
// YAML 1.2, core schema, one document. Aliases are followed; what they expand to is bounded.

import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Diagnostic, DiagnosticCode, Severity } from './diagnostic.ts';

/** Characters of a file; a longer one is refused. */
const MAX_TEXT = 4_000_000;
/** Nodes of a tree with its aliases expanded; beyond it the file is refused. */
const MAX_NODES = 500_000;
const MAX_DEPTH = 64;
/** Each is looked up by a walk over the file. */
const MAX_ALIASES = 1000;

/** A piece of a text; offsets in UTF-16 units. */
export interface Span {
  readonly source: SourceText;
  readonly start: number;
  readonly end: number;
}

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly span: Span;
  readonly value: string | number | boolean | null;
}

export interface ListNode {
  readonly kind: 'list';
  readonly span: Span;
  readonly items: readonly SourceNode[];
}

export interface MapNode {
  readonly kind: 'map';
  readonly span: Span;
  readonly entries: ReadonlyMap<string, MapEntry>;
}

export interface MapEntry {
  readonly key: Span;
  readonly value: SourceNode;
}

export type SourceNode = ScalarNode | ListNode | MapNode;

/** A named text that turns offsets into lines and columns. */
export class SourceText {
  readonly name: string;
  readonly text: string;
  private readonly lines = new LineCounter();

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
    this.lines.addNewLine(0);
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.lines.addNewLine(at + 1);
  }

  positionOf(offset: number): { readonly line: number; readonly column: number } {
    const { line, col } = this.lines.linePos(Math.max(0, Math.min(offset, this.text.length)));
    return { line, column: col };
  }

  lineText(line: number): string {
    const start = this.lines.lineStarts[line - 1] ?? 0;
    const end = this.text.indexOf('\n', start);
    return this.text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '');
  }
}

/** A diagnostic at a piece of text; what reaches beyond its line is marked to the line's end. */
export function diagnosticAt(
  span: Span,
  severity: Severity,
  code: DiagnosticCode,
  message: string,
  suggestion?: string,
): Diagnostic {
  const { line, column } = span.source.positionOf(span.start);
  const sourceLine = span.source.lineText(line);
  const length = Math.max(1, Math.min(span.end - span.start, sourceLine.trimEnd().length - column + 1));
  return {
    file: span.source.name,
    line,
    column,
    length,
    severity,
    code,
    message,
    ...(suggestion === undefined ? {} : { suggestion }),
    sourceLine,
  };
}

/** Never throws. No tree where the text is no YAML. Read is what `text` has in the source's place, offset by offset. */
export function readTree(
  source: SourceText,
  text: string = source.text,
): { root: SourceNode | undefined; diagnostics: Diagnostic[] } {
  const whole: Span = { source, start: 0, end: 1 };
  if (source.text.length > MAX_TEXT) {
    const message = `the file is too long: ${source.text.length} characters, ${MAX_TEXT} at most`;
    return { root: undefined, diagnostics: [diagnosticAt(whole, 'error', 'syntax', message)] };
  }
  const diagnostics: Diagnostic[] = [];
  try {
    const document = parseDocument(text, { version: '1.2', schema: 'core', prettyErrors: false });
    for (const error of document.errors) {
      const [start, end] = error.pos;
      diagnostics.push(diagnosticAt({ source, start, end }, 'error', 'syntax', sentence(error.code, error.message)));
    }
    if (diagnostics.length > 0) return { root: undefined, diagnostics };
    if (document.contents === null) {
      return { root: undefined, diagnostics: [diagnosticAt(whole, 'error', 'syntax', 'the file is empty')] };
    }
    const grower = new TreeGrower(
      source,
      (node) => (isAlias(node) ? node.resolve(document) : node) as Node | undefined,
    );
    const root = grower.grow(document.contents, 0, undefined);
    return { root, diagnostics: grower.diagnostics };
  } catch (error) {
    // The parser recurses: text that is only brackets, 100,000 deep, overflows its stack.
    const why = error instanceof Error ? error.message : String(error);
    return {
      root: undefined,
      diagnostics: [diagnosticAt(whole, 'error', 'syntax', `cannot be read as YAML: ${why}`)],
    };
  }
}

/** Plain values, as a schema validator takes them. Maps without a prototype: `__proto__` is a key like any other. */
export function plainValue(node: SourceNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plainValue);
  const value: Record<string, unknown> = Object.create(null);
  for (const [key, entry] of node.entries) value[key] = plainValue(entry.value);
  return value;
}

/** The node a JSON pointer leads to, the key it stands under, and the names on the way. */
export function resolvePointer(
  root: SourceNode,
  pointer: string,
): { readonly node: SourceNode; readonly key: Span | undefined; readonly path: string } {
  let node = root;
  let key: Span | undefined;
  let path = '';
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (node.kind === 'map') {
      const entry = node.entries.get(name);
      if (entry === undefined) break;
      ({ key, value: node } = entry);
      path += path === '' ? name : `.${name}`;
    } else if (node.kind === 'list') {
      const item = node.items[Number(name)];
      if (item === undefined) break;
      node = item;
      key = undefined;
      path += `[${Number(name) + 1}]`;
    } else break;
  }
  return { node, key, path };
}

class TreeGrower {
  readonly diagnostics: Diagnostic[] = [];
  private readonly source: SourceText;
  private readonly follow: (node: Node) => Node | undefined;
  private count = 0;
  private aliases = 0;

  constructor(source: SourceText, follow: (node: Node) => Node | undefined) {
    this.source = source;
    this.follow = follow;
  }

  /** `place` stands for nodes that have no text of their own: the empty value after a colon. */
  grow(written: Node | null, depth: number, place: Span | undefined): SourceNode {
    const span = this.spanOf(written, place);
    const empty: ScalarNode = { kind: 'scalar', span, value: null };
    if (written === null) return empty;
    if (++this.count > MAX_NODES || depth > MAX_DEPTH) {
      if (this.count <= MAX_NODES + 1) this.refuse(span, `is too large: ${MAX_NODES} values, ${MAX_DEPTH} levels deep`);
      this.count = MAX_NODES + 1;
      return empty;
    }
    if (isAlias(written) && ++this.aliases > MAX_ALIASES) {
      if (this.aliases === MAX_ALIASES + 1) this.refuse(span, `has more than ${MAX_ALIASES} aliases`);
      return empty;
    }
    const node = this.follow(written);
    if (isScalar(node)) return { kind: 'scalar', span, value: this.scalar(node.value, span) };
    if (isSeq<Node | null>(node)) {
      return { kind: 'list', span, items: node.items.map((item) => this.grow(item, depth + 1, span)) };
    }
    if (!isMap<Node, Node | null>(node)) return empty;
    const entries = new Map<string, MapEntry>();
    for (const pair of node.items) {
      const key = this.spanOf(pair.key, span);
      if (!isScalar(pair.key)) {
        this.refuse(key, 'has a key that is not a plain word');
        continue;
      }
      const value = this.grow(pair.value, depth + 1, { source: this.source, start: key.start, end: key.end });
      // A number or a boolean as a key is a name too: the zone `10`, the path `80`.
      const name = typeof pair.key.value === 'string' ? pair.key.value : (pair.key.source ?? String(pair.key.value));
      entries.set(name, { key, value });
    }
    return { kind: 'map', span, entries };
  }

  private scalar(value: unknown, span: Span): string | number | boolean | null {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
    if (value !== null && value !== undefined) this.refuse(span, 'has a value that is no text, number or boolean');
    return null;
  }

  private spanOf(node: Node | null, place: Span | undefined): Span {
    const range = node?.range;
    if (range === null || range === undefined) return place ?? { source: this.source, start: 0, end: 1 };
    return { source: this.source, start: range[0], end: Math.max(range[0] + 1, range[1]) };
  }

  private refuse(span: Span, what: string): void {
    this.diagnostics.push(diagnosticAt(span, 'error', 'syntax', `the file ${what}`));
  }
}

function sentence(code: string, message: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return 'this key stands here twice';
    case 'MULTIPLE_DOCS':
      return 'a scenario is one document: remove the line "---"';
    case 'TAB_AS_INDENT':
      return 'indent with spaces, not with tabs';
    default:
      return `not valid YAML: ${message.replace(/\.$/, '')}`;
  }
}
