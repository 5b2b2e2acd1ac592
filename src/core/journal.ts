// The journal: each change of anything that can be looked at, with its time and its cause. A table that nobody watches
// costs one test of a bit.

import type { Instant } from './time.ts';

/** One bit a table. */
export const JournalTable = {
  Neighbor: 0x1,
  Route: 0x2,
  Nat: 0x4,
  Conntrack: 0x8,
  DnsCache: 0x10,
  Lease: 0x20,
  Socket: 0x40,
  Tcp: 0x80,
  Drop: 0x100,
  Switch: 0x200,
  Step: 0x400,
  Certificate: 0x800,
  Tls: 0x1000,
} as const;
export type JournalTable = (typeof JournalTable)[keyof typeof JournalTable];

export type JournalChange = 'added' | 'changed' | 'removed';
export type JournalValue = string | number | boolean;

export interface JournalEntry {
  readonly table: JournalTable;
  readonly time: Instant;
  /** The machine on which it happened. */
  readonly host: string;
  readonly change: JournalChange;
  /** Which row: `10.0.0.2`, `tcp 10.0.0.1:80`. */
  readonly key: string;
  /** Why, as a reader would say it: `answered our question`, `idle for 300 s`. */
  readonly cause: string;
  /** The row after the change; before it, when removed. */
  readonly row: Readonly<Record<string, JournalValue>>;
}

export class Journal {
  private watched = 0;
  private readonly watchers: { readonly table: JournalTable; readonly watcher: (entry: JournalEntry) => void }[] = [];

  /** Ask this before making an entry. */
  watches(table: JournalTable): boolean {
    return (this.watched & table) !== 0;
  }

  /** Watchers are told in the order in which they came, and must change nothing in the world. */
  watch(table: JournalTable, watcher: (entry: JournalEntry) => void): void {
    this.watchers.push({ table, watcher });
    this.watched |= table;
  }

  record(entry: JournalEntry): void {
    for (const { table, watcher } of this.watchers) if (table === entry.table) watcher(entry);
  }
}
