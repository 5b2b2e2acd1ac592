// A list that nearly always has one item: then it is that item, without an array around it. Of ten thousand machines
// each has one interface, one address, one neighbor, and an array of one takes 56 bytes more.
//
//   none: undefined      one: the item      many: an array of them
//
// A change returns the list as it is now, and whoever keeps the old one keeps nothing of use. Not here: numbers, and
// items that are arrays themselves.

/** None is `undefined`. */
export type OneOrMany<Item extends object> = Item | Item[] | undefined;

// Up to so many an array is made anew with each change, and has no slack.
const FEW = 8;
const NONE: readonly never[] = [];

const isMany = <Item extends object>(list: OneOrMany<Item>): list is Item[] => Array.isArray(list);

export const countOf = <Item extends object>(list: OneOrMany<Item>): number =>
  isMany(list) ? list.length : list === undefined ? 0 : 1;

export const itemAt = <Item extends object>(list: OneOrMany<Item>, at: number): Item | undefined =>
  isMany(list) ? list[at] : at === 0 ? list : undefined;

/** To be read, not kept: the next change may change it. */
export const arrayOf = <Item extends object>(list: OneOrMany<Item>): readonly Item[] =>
  isMany(list) ? list : list === undefined ? NONE : [list];

/** With one more item at place `at`, 0 to the number of items; those behind it move on. */
export function withItem<Item extends object>(list: OneOrMany<Item>, at: number, item: Item): OneOrMany<Item> {
  if (list === undefined) return item;
  if (!isMany(list)) return at === 0 ? [item, list] : [list, item];
  if (list.length < FEW) return list.toSpliced(at, 0, item);
  list.splice(at, 0, item);
  return list;
}

/** Without the item at place `at`, which must be there. */
export function withoutItem<Item extends object>(list: OneOrMany<Item>, at: number): OneOrMany<Item> {
  if (!isMany(list)) return undefined;
  if (list.length === 2) return list[1 - at];
  if (list.length <= FEW) return list.toSpliced(at, 1);
  list.splice(at, 1);
  return list;
}
