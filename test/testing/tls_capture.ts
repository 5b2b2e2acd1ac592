// A TLS conversation as somebody captures it: in TCP segments, between port 4000 of 10.0.0.1 and port 443 of 10.0.0.2.

import type { Instant } from '../../src/core/time.ts';
import { TcpFlag } from '../../src/wire/tcp.ts';
import type { CapturedFrame } from '../../src/world/view/captured_frame.ts';
import { type Segment, tcpFrame } from './frames.ts';
import type { Piece } from './tls_wiretap.ts';

const CLIENT_FIRST = 0x7fff_fff0; // the numbers run over soon
const SERVER_FIRST = -5;

export interface CaptureShape {
  /** Bytes of data in a segment. */
  readonly size?: number;
  readonly network?: string;
}

/** One segment a microsecond, from SYN to the last byte. */
export function capturedTls(
  pieces: readonly Piece[],
  { size = 1460, network = 'lan' }: CaptureShape = {},
): CapturedFrame[] {
  const next = { client: CLIENT_FIRST, server: SERVER_FIRST };
  const segments: Segment[] = [];
  const send = (from: Piece['from'], flags: number, payload: Uint8Array): void => {
    const isFromB = from === 'server';
    const acknowledgment = next[isFromB ? 'client' : 'server'];
    segments.push({ isFromB, serverPort: 443, sequence: next[from], acknowledgment, flags, window: 65_535, payload });
    next[from] = (next[from] + payload.length + ((flags & TcpFlag.Syn) === 0 ? 0 : 1)) | 0;
  };
  send('client', TcpFlag.Syn, new Uint8Array(0));
  send('server', TcpFlag.Syn | TcpFlag.Ack, new Uint8Array(0));
  for (const { from, bytes } of pieces) {
    for (let at = 0; at < bytes.length; at += size) {
      send(from, TcpFlag.Ack | TcpFlag.Psh, bytes.subarray(at, at + size));
    }
  }
  return segments.map((segment, i) => frameOf(segment, i, network));
}

const frameOf = (segment: Segment, i: number, network: string): CapturedFrame => {
  return { number: i + 1, time: (1000 * i) as Instant, network, bytes: tcpFrame(segment) };
};
