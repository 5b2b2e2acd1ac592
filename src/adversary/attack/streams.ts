// What crossed a network, as whoever listened puts it together: fragments and datagrams whole, TCP's streams in their order,
// however the pieces came. Gaps stay gaps: what lies behind one is a piece of its own.

import { formatIpv4 } from '../../wire/address.ts';
import { ipv4Destination, ipv4Source } from '../../wire/ipv4.ts';
import { tcpDestinationPort, tcpSequence, tcpSourcePort } from '../../wire/tcp.ts';
import { udpDestinationPort, udpSourcePort } from '../../wire/udp.ts';
import type { CapturedFrame } from '../../world/view/captured_frame.ts';
import { dissect } from '../../world/view/dissection.ts';
import { joined, type Piece } from './pieces.ts';
import { wholePackets } from './whole_packets.ts';

export interface Heard {
  readonly bytes: Uint8Array;
  /** `10.0.0.1:80 to 10.0.0.2:50000`. */
  readonly origin: string;
}

interface Stream {
  readonly first: number;
  readonly pieces: Piece[];
}

/** All that was carried, in the order in which it began. */
export function heardIn(frames: readonly CapturedFrame[]): Heard[] {
  const heard: Heard[] = [];
  const streams = new Map<string, Stream>();
  for (const frame of wholePackets(frames)) {
    const { view, ip, tcp, udp, payload } = dissect(frame);
    if (ip === undefined || payload === undefined || payload.end <= payload.at) continue;
    const bytes = frame.bytes.subarray(payload.at, payload.end);
    const source = formatIpv4(ipv4Source(view, ip.at));
    const destination = formatIpv4(ipv4Destination(view, ip.at));
    if (udp !== undefined) {
      const ports = [udpSourcePort(view, udp.at), udpDestinationPort(view, udp.at)];
      heard.push({ bytes, origin: `${source}:${ports[0]} to ${destination}:${ports[1]}` });
    } else if (tcp !== undefined) {
      const origin = `${source}:${tcpSourcePort(view, tcp.at)} to ${destination}:${tcpDestinationPort(view, tcp.at)}`;
      const sequence = tcpSequence(view, tcp.at);
      const stream = streams.get(origin) ?? { first: sequence, pieces: [] };
      streams.set(origin, stream);
      stream.pieces.push({ at: (sequence - stream.first) | 0, bytes });
    }
  }
  for (const [origin, { pieces }] of streams) for (const { bytes } of joined(pieces)) heard.push({ bytes, origin });
  return heard;
}
