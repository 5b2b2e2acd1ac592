// IPv4 packets that crossed in fragments, put together by whoever listened (RFC 791 §3.2). Unlike a receiver, a listener
// gives nothing up: what is there of a packet is read, even where a part of it never came.
//
// Not here: streams (streams.ts).

import { joinBytes, viewOf } from '../../core/bytes.ts';
import { isDrop } from '../../core/drop_reason.ts';
import { ETHERTYPE_IPV4, parseEthernet } from '../../wire/ethernet.ts';
import {
  IPV4_MAX_LENGTH,
  ipv4Destination,
  ipv4FragmentOffset,
  ipv4HasMoreFragments,
  ipv4Identification,
  ipv4IsFragment,
  ipv4Protocol,
  ipv4Source,
  parseIpv4,
  setIpv4FragmentField,
  setIpv4TotalLength,
} from '../../wire/ipv4.ts';
import type { CapturedFrame } from '../../world/view/captured_frame.ts';
import { joined, type Piece } from './pieces.ts';

interface Partial {
  /** One of its fragments, for the headers. */
  readonly frame: CapturedFrame;
  readonly headerEnd: number;
  readonly ipAt: number;
  readonly pieces: Piece[];
  /** Of the whole payload; -1 until the last fragment was seen. */
  length: number;
}

/** The frames that carry no fragment, and one for each packet that was seen in fragments, made up from them. */
export function wholePackets(frames: readonly CapturedFrame[]): CapturedFrame[] {
  const whole: CapturedFrame[] = [];
  const partial = new Map<string, Partial>();
  for (const frame of frames) {
    const fragment = readFragment(frame);
    if (fragment === undefined) {
      whole.push(frame);
      continue;
    }
    const { key, made, piece, isLast } = fragment;
    const packet = partial.get(key) ?? made;
    partial.set(key, packet);
    packet.pieces.push(piece);
    if (isLast) packet.length = piece.at + piece.bytes.length;
    const [first] = joined(packet.pieces);
    if (packet.length < 0 || first?.at !== 0 || first.bytes.length < packet.length) continue;
    whole.push(...framesOf(packet));
    partial.delete(key); // the identification may be used again
  }
  for (const packet of partial.values()) whole.push(...framesOf(packet));
  return whole;
}

function readFragment(frame: CapturedFrame): { key: string; made: Partial; piece: Piece; isLast: boolean } | undefined {
  const view = viewOf(frame.bytes);
  const ethernet = parseEthernet(view, 0, view.byteLength);
  if (isDrop(ethernet) || ethernet.etherType !== ETHERTYPE_IPV4) return undefined;
  const ipAt = ethernet.headerLength;
  const header = parseIpv4(view, ipAt, view.byteLength);
  if (isDrop(header) || !ipv4IsFragment(view, ipAt)) return undefined;
  const headerEnd = ipAt + header.headerLength;
  const numbers = [
    ipv4Source(view, ipAt),
    ipv4Destination(view, ipAt),
    ipv4Protocol(view, ipAt),
    ipv4Identification(view, ipAt),
  ];
  return {
    key: numbers.join(' '),
    made: { frame, headerEnd, ipAt, pieces: [], length: -1 },
    piece: { at: ipv4FragmentOffset(view, ipAt), bytes: frame.bytes.subarray(headerEnd, ipAt + header.totalLength) },
    isLast: !ipv4HasMoreFragments(view, ipAt),
  };
}

// A run from the beginning has the transport's header in front. One from further behind has none, and is a packet as it is.
function framesOf({ frame, headerEnd, ipAt, pieces }: Partial): CapturedFrame[] {
  return joined(pieces).flatMap(({ at, bytes }) => {
    const length = headerEnd - ipAt + bytes.length;
    if (length > IPV4_MAX_LENGTH) return [];
    const made = joinBytes([frame.bytes.subarray(0, headerEnd), bytes]);
    const view = viewOf(made);
    setIpv4TotalLength(view, ipAt, length);
    setIpv4FragmentField(view, ipAt, at >>> 3);
    return [{ ...frame, bytes: made }];
  });
}
