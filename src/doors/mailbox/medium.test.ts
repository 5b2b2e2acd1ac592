import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arena, NO_SLOT } from '../../core/arena.ts';
import { Random } from '../../core/random.ts';
import { type Instant, milliseconds } from '../../core/time.ts';
import { ETHERNET_HEADER_LENGTH, ETHERTYPE_ARP, ETHERTYPE_IPV4 } from '../../wire/ethernet.ts';
import type { Faults } from './levels.ts';
import { MessageMedium, PACKET_HEADERS } from './medium.ts';

const HEADERS = ETHERNET_HEADER_LENGTH + PACKET_HEADERS;
const NOW = 0 as Instant;
const EVERYTHING: Faults = { loss: 0.5, duplicate: 1, reorder: 1, reorderDelay: 50, jitter: 400, corrupt: 0.5 };

const make = (faults: Faults): MessageMedium => new MessageMedium(faults, Random.fromSeed(7));

function frameOf(arena: Arena, type: number, messageLength: number): number {
  const slot = arena.allocateFrom(new Uint8Array(HEADERS + messageLength));
  arena.view.setUint16(arena.start(slot) + 12, type);
  return slot;
}

test('damage is one bit, inside the message, and the fate says in which byte', () => {
  const arena = new Arena();
  const medium = make({ corrupt: 1 });
  const bytesHit = new Set<number>();
  for (let i = 0; i < 200; i++) {
    const slot = frameOf(arena, ETHERTYPE_IPV4, 4);
    const { damaged, isIntact } = medium.cross(NOW, arena, slot);
    const [before, after] = [arena.copyOut(slot), arena.copyOut(damaged)];
    const changed = [...before.keys()].filter((at) => before[at] !== after[at]);
    assert.equal(changed.length, 1);
    const [at = -1] = changed;
    const bits = ((before[at] ?? 0) ^ (after[at] ?? 0)).toString(2).replaceAll('0', '');
    assert.equal(bits, '1');
    assert.equal(medium.latest?.damagedByte, at - HEADERS);
    assert.equal(isIntact, true, 'the check sequence does not show it');
    bytesHit.add(at - HEADERS);
    arena.release(slot);
    arena.release(damaged);
  }
  assert.deepEqual([...bytesHit].sort(), [0, 1, 2, 3]);
  assert.equal(arena.slotsInUse, 0);
});

test('an empty message has nothing that could be damaged: it arrives', () => {
  const arena = new Arena();
  const medium = make({ corrupt: 1 });
  const slot = frameOf(arena, ETHERTYPE_IPV4, 0);
  const { damaged, fate } = medium.cross(NOW, arena, slot);
  assert.deepEqual([damaged, fate, medium.latest?.kind], [NO_SLOT, 'sent', 'arrives']);
  assert.equal(arena.slotsInUse, 1);
});

test('ARP crosses unharmed, whatever the medium does to messages', () => {
  const arena = new Arena();
  const medium = make(EVERYTHING);
  for (let i = 0; i < 100; i++) {
    const slot = frameOf(arena, ETHERTYPE_ARP, 28);
    assert.deepEqual(medium.cross(NOW, arena, slot), { fate: 'sent', extraDelay: 0, damaged: NO_SLOT, isIntact: true });
    arena.release(slot);
  }
  assert.equal(medium.latest, undefined);
});

test('each kind of fate happens, and what is lost is not late', () => {
  const arena = new Arena();
  const medium = make(EVERYTHING);
  const seen = new Set<string | undefined>();
  for (let i = 0; i < 200; i++) {
    const slot = frameOf(arena, ETHERTYPE_IPV4, 4);
    const { damaged } = medium.cross(NOW, arena, slot);
    const { latest } = medium;
    seen.add(latest?.kind);
    if (latest?.kind === 'lost') assert.equal(latest.extraDelay, 0);
    else assert.ok((latest?.extraDelay ?? 0) >= milliseconds(50));
    if (damaged !== NO_SLOT) arena.release(damaged);
    arena.release(slot);
  }
  assert.deepEqual([...seen].sort(), ['damaged', 'lost', 'twice']);
});

test('a probability that is none is refused', () => {
  assert.throws(() => make({ loss: 1.5 }), RangeError);
});
