// Changes of a tree by path: the patches of variants, and values set from a command line. A path has dots between its
// parts; names that have dots themselves are found too (`zones.foo.test.ttl`), and items of lists by their id or name
// (`timeline.load.run`) or their number from 0.

import type { ListNode, MapEntry, MapNode, SourceNode, Span } from './source_tree.ts';
import { suggestFrom } from './suggestion.ts';

export interface PatchProblem {
  readonly message: string;
  readonly suggestion: string | undefined;
}

/** The tree with `value` at the path, `null` taking away what is there; nothing of the old tree is changed. */
export function patchTree(
  root: SourceNode,
  path: string,
  key: Span,
  value: SourceNode,
): { readonly root: SourceNode } | PatchProblem {
  const parts = path.split('.');
  if (parts.some((part) => part === ''))
    return { message: `"${path}" is not a path`, suggestion: 'write it like hosts.alice.trust' };
  return patched(root, parts, 0, key, value);
}

function patched(
  node: SourceNode,
  parts: readonly string[],
  depth: number,
  key: Span,
  value: SourceNode,
): { readonly root: SourceNode } | PatchProblem {
  if (parts.length === 0) return { root: value };
  if (node.kind === 'list') return patchedList(node, parts, depth, key, value);
  if (node.kind === 'scalar' && node.value !== null) {
    return {
      message: `there is nothing to change under "${parts.join('.')}"`,
      suggestion: 'the path leads into a plain value',
    };
  }
  const map: MapNode = node.kind === 'map' ? node : { kind: 'map', span: node.span, entries: new Map() };
  for (let count = parts.length; count > 0; count--) {
    const name = parts.slice(0, count).join('.');
    const entry = map.entries.get(name);
    if (entry === undefined) continue;
    const rest = parts.slice(count);
    if (rest.length === 0) return { root: withEntry(map, name, isNull(value) ? undefined : { key, value }) };
    const inner = patched(entry.value, rest, depth + 1, key, value);
    return 'root' in inner ? { root: withEntry(map, name, { key: entry.key, value: inner.root }) } : inner;
  }
  const [first = '', ...rest] = parts;
  // A new name among the names of the file is a slip more often than a wish, unless its whole content is given.
  if (isNull(value) || (depth === 1 && rest.length > 0)) {
    return { message: `there is no "${first}" to change`, suggestion: suggestFrom(first, [...map.entries.keys()]) };
  }
  const empty: MapNode = { kind: 'map', span: key, entries: new Map() };
  const inner = patched(empty, rest, depth + 1, key, value);
  return 'root' in inner ? { root: withEntry(map, first, { key, value: inner.root }) } : inner;
}

function patchedList(
  list: ListNode,
  parts: readonly string[],
  depth: number,
  key: Span,
  value: SourceNode,
): { readonly root: SourceNode } | PatchProblem {
  const [first = '', ...rest] = parts;
  const isNumber = /^[0-9]{1,6}$/.test(first);
  const index = isNumber ? Number(first) : list.items.findIndex((item) => nameOf(item) === first);
  const item = list.items[index];
  if (item === undefined) {
    const names = list.items.flatMap((one) => nameOf(one) ?? []);
    return { message: `there is no "${first}" to change`, suggestion: suggestFrom(first, names) };
  }
  if (rest.length === 0) {
    const items = isNull(value) ? list.items.toSpliced(index, 1) : list.items.with(index, value);
    return { root: { ...list, items } };
  }
  const inner = patched(item, rest, depth + 1, key, value);
  return 'root' in inner ? { root: { ...list, items: list.items.with(index, inner.root) } } : inner;
}

const isNull = (node: SourceNode): boolean => node.kind === 'scalar' && node.value === null;

function nameOf(item: SourceNode): string | undefined {
  if (item.kind !== 'map') return undefined;
  const name = item.entries.get('id')?.value ?? item.entries.get('name')?.value;
  return name?.kind === 'scalar' && typeof name.value === 'string' ? name.value : undefined;
}

function withEntry(map: MapNode, name: string, entry: MapEntry | undefined): MapNode {
  const entries = new Map(map.entries);
  if (entry === undefined) entries.delete(name);
  else entries.set(name, entry);
  return { ...map, entries };
}
