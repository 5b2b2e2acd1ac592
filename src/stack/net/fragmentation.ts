// Cuts an IPv4 packet into fragments that fit a link (RFC 791 §3.2). Putting them together again: reassembly.ts.

import type { Arena } from '../../core/arena.ts';
import { checksumOf, sumBytes } from '../../wire/checksum.ts';
import {
  IPV4_MIN_HEADER_LENGTH,
  IPV4_MORE_FRAGMENTS,
  ipv4FragmentField,
  ipv4HeaderLength,
  setIpv4Checksum,
  setIpv4FragmentField,
  setIpv4TotalLength,
} from '../../wire/ipv4.ts';
import { copiedIpv4Options } from '../../wire/ipv4_options.ts';

/**
 * The packet in `slot` (its reference is taken over) in pieces of at most `mtu` bytes, in order. What is a fragment
 * already is cut further, and keeps its place in the whole.
 *
 * @param mtu at least 68, which every link carries (RFC 791 §3.2)
 */
export function fragment(arena: Arena, slot: number, mtu: number): number[] {
  const at = arena.start(slot);
  const headerLength = ipv4HeaderLength(arena.view, at);
  const field = ipv4FragmentField(arena.view, at);
  const payloadLength = arena.length(slot) - headerLength;
  const room = (mtu - headerLength) & ~7;
  // RFC 791 §3.1: only some options go into every fragment.
  const copied = copiedIpv4Options(arena.view, at + IPV4_MIN_HEADER_LENGTH, at + headerLength);
  const pieces: number[] = [];
  for (let offset = 0; offset < payloadLength; offset += room) {
    const length = Math.min(room, payloadLength - offset);
    const pieceHeader = offset === 0 ? headerLength : IPV4_MIN_HEADER_LENGTH + copied.length;
    const piece = arena.allocate(pieceHeader + length);
    const from = arena.start(slot);
    const to = arena.start(piece);
    arena.bytes.copyWithin(to, from, from + (offset === 0 ? headerLength : IPV4_MIN_HEADER_LENGTH));
    if (offset > 0) arena.bytes.set(copied, to + IPV4_MIN_HEADER_LENGTH);
    arena.bytes.copyWithin(to + pieceHeader, from + headerLength + offset, from + headerLength + offset + length);
    const isLast = offset + length === payloadLength;
    const pieceField = (field + (offset >>> 3)) | (isLast ? field & IPV4_MORE_FRAGMENTS : IPV4_MORE_FRAGMENTS);
    const { view } = arena;
    view.setUint8(to, 0x40 | (pieceHeader >>> 2));
    setIpv4TotalLength(view, to, pieceHeader + length);
    setIpv4FragmentField(view, to, pieceField);
    setIpv4Checksum(view, to, 0);
    setIpv4Checksum(view, to, checksumOf(sumBytes(view, to, pieceHeader)));
    pieces.push(piece);
  }
  arena.release(slot);
  return pieces;
}
