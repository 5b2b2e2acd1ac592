import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Arena, NO_SLOT } from '../../core/arena.ts';
import { DropReason, dropName, isDrop } from '../../core/drop_reason.ts';
import { after, type Instant, NEVER, START, seconds } from '../../core/time.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import { emitIpv4, type Ipv4Header, parseIpv4 } from '../../wire/ipv4.ts';
import { fragment } from './fragmentation.ts';
import { MAX_PARTIAL_PACKETS, MAX_REASSEMBLY_BYTES, Reassembly } from './reassembly.ts';

const HEADER: Ipv4Header = {
  headerLength: 20,
  totalLength: 20,
  identification: 1,
  dontFragment: false,
  moreFragments: false,
  fragmentOffset: 0,
  ttl: 64,
  protocol: 17,
  trafficClass: 0,
  source: 0x0a00_0001 as Ipv4Address,
  destination: 0x0a00_0002 as Ipv4Address,
};
const at = (count: number): Instant => after(START, seconds(count));

class Bench {
  readonly arena = new Arena();
  readonly reassembly = new Reassembly(this.arena);

  packet(length: number, fields: Partial<Ipv4Header> = {}, options = new Uint8Array(0)): number {
    const headerLength = 20 + options.length;
    const slot = this.arena.allocate(headerLength + length);
    const start = this.arena.start(slot);
    const header = { ...HEADER, ...fields, headerLength, totalLength: headerLength + length };
    emitIpv4(this.arena.view, start, header, options);
    for (let i = 0; i < length; i++) {
      this.arena.bytes[start + headerLength + i] = (header.fragmentOffset + i) * 7 + ((header.fragmentOffset + i) >> 8);
    }
    return slot;
  }

  /** `from` and `to` in units of eight bytes. */
  piece(from: number, to: number, isLast = false, identification = 1): number {
    const fields = { fragmentOffset: 8 * from, moreFragments: !isLast, identification };
    return this.reassembly.add(START, this.packet(8 * (to - from), fields));
  }

  /** What was given up, by name. */
  discarded(): string[] {
    const reasons: string[] = [];
    for (let gone = this.reassembly.pollDiscarded(); gone; gone = this.reassembly.pollDiscarded()) {
      this.arena.release(gone.slot);
      reasons.push(dropName(gone.reason));
    }
    return reasons;
  }

  header(slot: number): Ipv4Header {
    const header = parseIpv4(this.arena.view, this.arena.start(slot), this.arena.end(slot));
    assert.ok(!isDrop(header));
    return header;
  }

  close(): void {
    this.reassembly.clear();
    this.discarded();
    assert.equal(this.arena.slotsInUse, 0);
    assert.equal(this.reassembly.pollBackgroundTimeout(), NEVER);
  }
}

test('cut to any size and mixed in any order, doubled or not, a packet comes back as it was', () => {
  const sizes = fc.record({
    length: fc.integer({ min: 1, max: 6000 }),
    mtu: fc.integer({ min: 100, max: 1500 }),
    second: fc.integer({ min: 100, max: 1500 }),
    order: fc.array(fc.nat(), { minLength: 200, maxLength: 200 }),
    isDoubled: fc.boolean(),
  });
  fc.assert(
    fc.property(sizes, ({ length, mtu, second, order, isDoubled }) => {
      const bench = new Bench();
      const { arena } = bench;
      const original = bench.packet(length);
      const expected = arena.copyOut(original);
      // Twice, as over two links.
      const pieces = fragment(arena, original, mtu).flatMap((piece) => fragment(arena, piece, second));
      for (const piece of pieces) {
        assert.ok(arena.length(piece) <= Math.min(mtu, second));
        assert.equal(bench.header(piece).totalLength, arena.length(piece));
      }
      const mixed = pieces.map((piece, i) => ({ piece, key: order[i] ?? 0 })).sort((a, b) => a.key - b.key);
      const whole: number[] = [];
      for (const { piece } of mixed.slice(0, 128)) {
        for (const each of isDoubled ? [arena.duplicate(piece), piece] : [piece]) {
          const slot = bench.reassembly.add(START, each);
          if (slot !== NO_SLOT) whole.push(slot);
        }
      }
      for (const { piece } of mixed.slice(128)) arena.release(piece);
      for (const slot of whole) {
        assert.deepEqual(arena.copyOut(slot), expected);
        arena.release(slot);
      }
      if (pieces.length <= 100) assert.equal(whole.length, isDoubled && pieces.length === 1 ? 2 : 1);
      bench.close();
    }),
  );
});

test('options that are to be copied go into every fragment, others only into the first', () => {
  const bench = new Bench();
  const routerAlert = Uint8Array.of(148, 4, 0, 0); // its first bit says: copy
  const recordRoute = Uint8Array.of(7, 7, 4, 0, 0, 0, 0, 1); // its does not; the last byte is padding
  const packet = bench.packet(300, {}, Uint8Array.of(...recordRoute, ...routerAlert));
  const pieces = fragment(bench.arena, packet, 200);
  assert.deepEqual(
    pieces.map((piece) => bench.header(piece).headerLength),
    [32, 24],
  );
  for (const piece of pieces) bench.arena.release(piece);
  bench.close();
});

test('what overlaps condemns the whole packet, and what still comes of it', () => {
  const bench = new Bench();
  bench.piece(0, 4);
  bench.piece(8, 12);
  bench.piece(3, 5);
  assert.deepEqual(bench.discarded(), ['FragmentOverlap', 'FragmentOverlap', 'FragmentOverlap']);
  bench.piece(4, 8);
  assert.deepEqual(bench.discarded(), ['FragmentOverlap']);
  bench.piece(0, 4, false, 2); // another packet does not suffer
  assert.deepEqual(bench.discarded(), []);
  bench.close();
});

test('two ends, or something behind the end, is as bad', () => {
  const bench = new Bench();
  bench.piece(2, 4, true);
  bench.piece(4, 6);
  assert.equal(bench.discarded().length, 2);
  bench.piece(2, 4, true, 2);
  bench.piece(5, 6, true, 2);
  assert.equal(bench.discarded().length, 2);
  bench.piece(5, 6, false, 3);
  bench.piece(2, 4, true, 3);
  assert.equal(bench.discarded().length, 2);
  bench.close();
});

test('pieces that add up to more than a packet can be are refused', () => {
  const bench = new Bench();
  assert.equal(bench.piece(8188, 8191, true), NO_SLOT); // up to 65,528 and a header
  assert.deepEqual(bench.discarded(), ['BadLength']);
  const uneven = bench.packet(13, { moreFragments: true });
  assert.equal(bench.reassembly.add(START, uneven), NO_SLOT);
  const empty = bench.packet(0, { fragmentOffset: 8 });
  assert.equal(bench.reassembly.add(START, empty), NO_SLOT);
  assert.deepEqual(bench.discarded(), ['BadLength', 'BadLength']);
  bench.close();
});

test('after 30 s it is over; the first fragment, if there is one, comes out first', () => {
  const bench = new Bench();
  bench.piece(4, 8);
  bench.piece(0, 4);
  assert.equal(bench.reassembly.pollBackgroundTimeout(), at(30));
  bench.reassembly.handleTimeout(at(29));
  assert.equal(bench.reassembly.pollDiscarded(), undefined);
  bench.reassembly.handleTimeout(at(30));
  const first = bench.reassembly.pollDiscarded();
  assert.ok(first !== undefined);
  assert.equal(bench.header(first.slot).fragmentOffset, 0);
  assert.equal(first.reason, DropReason.ReassemblyTimeout);
  bench.arena.release(first.slot);
  bench.close();
});

test('a flood of first halves stays within its bounds', () => {
  const bench = new Bench();
  for (let i = 0; i < 5000; i++) {
    bench.piece(0, 180, false, i);
    bench.discarded();
    assert.ok(bench.arena.slotsInUse <= MAX_PARTIAL_PACKETS);
  }
  for (let i = 0; i < 5000; i++) {
    bench.piece(2 * (i % 4000), 2 * (i % 4000) + 1, false, 7);
    bench.discarded();
    assert.ok(bench.arena.slotsInUse * 256 <= MAX_REASSEMBLY_BYTES);
  }
  bench.close();
});
