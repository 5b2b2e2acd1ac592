import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Ipv4Address } from '../../../wire/address.ts';
import { ConnectionTable, type TableEntry } from './connection_table.ts';

const entry = fc.record({
  localAddress: fc.constantFrom(1, 2) as fc.Arbitrary<Ipv4Address>,
  localPort: fc.nat(3),
  remoteAddress: fc.constantFrom(-1, 7, 8) as fc.Arbitrary<Ipv4Address>,
  remotePort: fc.nat(7),
});
const key = (e: TableEntry): string => `${e.localAddress} ${e.localPort} ${e.remoteAddress} ${e.remotePort}`;

test('behaves as a Map with text keys does', () => {
  const action = fc.record({ kind: fc.constantFrom('set', 'set', 'delete'), entry });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 150 }), fc.integer(), (actions, seed) => {
      const table = new ConnectionTable<TableEntry>([seed, 0, 0, 0]);
      const model = new Map<string, TableEntry>();
      for (const act of actions) {
        const held = model.get(key(act.entry));
        if (act.kind === 'set') {
          table.set(act.entry);
          model.set(key(act.entry), act.entry);
        } else if (held !== undefined) {
          table.delete(held);
          model.delete(key(act.entry));
        } else {
          table.delete(act.entry);
        }
        assert.equal(table.size, model.size);
      }
      for (const act of actions) {
        const { localAddress, localPort, remoteAddress, remotePort } = act.entry;
        assert.equal(table.find(localAddress, localPort, remoteAddress, remotePort), model.get(key(act.entry)));
      }
      assert.deepEqual(table.list().map(key).sort(), [...model.keys()].sort());
    }),
  );
});

test('an entry that has taken the place of another is not removed with it', () => {
  const table = new ConnectionTable<TableEntry>([1, 0, 0, 0]);
  const address = 1 as Ipv4Address;
  const first = { localAddress: address, localPort: 1, remoteAddress: address, remotePort: 1 };
  const second = { ...first };
  table.set(first);
  table.set(second);
  table.delete(first);
  assert.equal(table.find(address, 1, address, 1), second);
});
