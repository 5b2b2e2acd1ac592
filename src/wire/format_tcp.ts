// A TCP segment as tcpdump prints it, from `Flags` on: options in the order in which they stand, padding included.

import type { Serial } from '../core/serial.ts';
import { addSums, sumBytes, VALID_SUM } from './checksum.ts';
import {
  TCP_HEADER_LENGTH,
  TcpFlag,
  tcpAcknowledgment,
  tcpFlags,
  tcpHeaderLength,
  tcpSequence,
  tcpUrgentPointer,
  tcpWindow,
} from './tcp.ts';

/** What counts as zero: the initial sequence numbers of a connection, from this sender's side. */
export interface TcpOrigin {
  readonly sequence: Serial;
  readonly acknowledgment: Serial;
}

const ABSOLUTE: TcpOrigin = { sequence: 0, acknowledgment: 0 };

// In tcpdump's order.
const FLAG_LETTERS: readonly (readonly [number, string])[] = [
  [TcpFlag.Fin, 'F'],
  [TcpFlag.Syn, 'S'],
  [TcpFlag.Rst, 'R'],
  [TcpFlag.Psh, 'P'],
  [TcpFlag.Ack, '.'],
  [TcpFlag.Urg, 'U'],
  [TcpFlag.Ece, 'E'],
  [TcpFlag.Cwr, 'W'],
];

const NUMBERED = TcpFlag.Syn | TcpFlag.Fin | TcpFlag.Rst;

/** `S.`, `P.`, or `none`. */
export function formatTcpFlags(flags: number): string {
  const letters = FLAG_LETTERS.filter(([bit]) => (flags & bit) !== 0).map(([, letter]) => letter);
  return letters.length === 0 ? 'none' : letters.join('');
}

/**
 * The segment in `[at, end)`, which has its fixed twenty bytes.
 *
 * @param pseudoSum the pseudo-header's sum without the length; undefined where the checksum cannot be judged
 */
export function formatTcp(
  view: DataView,
  at: number,
  end: number,
  pseudoSum: number | undefined,
  origin: TcpOrigin = ABSOLUTE,
): string {
  const headerLength = tcpHeaderLength(view, at);
  const flags = tcpFlags(view, at);
  const parts = [`Flags [${formatTcpFlags(flags)}]`];
  if (headerLength < TCP_HEADER_LENGTH) return `${parts[0]} [bad hdr length ${headerLength}]`;
  if (headerLength > end - at) return `${parts[0]} [|tcp]`;
  const length = end - at - headerLength;
  if (length > 0 || (flags & NUMBERED) !== 0) {
    const first = tcpSequence(view, at) - origin.sequence;
    parts.push(`seq ${first >>> 0}${length > 0 ? `:${(first + length) >>> 0}` : ''}`);
  }
  if (flags & TcpFlag.Ack) parts.push(`ack ${(tcpAcknowledgment(view, at) - origin.acknowledgment) >>> 0}`);
  parts.push(`win ${tcpWindow(view, at)}`);
  if (flags & TcpFlag.Urg) parts.push(`urg ${tcpUrgentPointer(view, at)}`);
  if (headerLength > TCP_HEADER_LENGTH) {
    parts.push(`options [${formatOptions(view, at + TCP_HEADER_LENGTH, at + headerLength, origin)}]`);
  }
  parts.push(`length ${length}`);
  const isDamaged =
    pseudoSum !== undefined && addSums(pseudoSum + end - at, sumBytes(view, at, end - at)) !== VALID_SUM;
  return parts.join(', ') + (isDamaged ? ' [bad tcp cksum]' : '');
}

function formatOptions(view: DataView, at: number, end: number, origin: TcpOrigin): string {
  const texts: string[] = [];
  let i = at;
  while (i < end) {
    const kind = view.getUint8(i);
    if (kind === 0) {
      texts.push('eol');
      break;
    }
    if (kind === 1) {
      texts.push('nop');
      i++;
      continue;
    }
    const length = i + 1 < end ? view.getUint8(i + 1) : 0;
    if (length < 2 || i + length > end) {
      texts.push('[bad opt]');
      break;
    }
    texts.push(formatOption(view, i, kind, length, origin));
    i += length;
  }
  return texts.join(',');
}

function formatOption(view: DataView, at: number, kind: number, length: number, origin: TcpOrigin): string {
  if (kind === 2 && length === 4) return `mss ${view.getUint16(at + 2)}`;
  if (kind === 3 && length === 3) return `wscale ${view.getUint8(at + 2)}`;
  if (kind === 4 && length === 2) return 'sackOK';
  if (kind === 5 && length % 8 === 2) {
    let blocks = '';
    // They acknowledge the other end's bytes, so they count from its origin.
    for (let i = at + 2; i < at + length; i += 8) {
      const [left, right] = [i, i + 4].map((place) => (view.getInt32(place) - origin.acknowledgment) >>> 0);
      blocks += `{${left}:${right}}`;
    }
    return `sack ${(length - 2) / 8} ${blocks}`;
  }
  if (kind === 8 && length === 10) return `TS val ${view.getUint32(at + 2)} ecr ${view.getUint32(at + 6)}`;
  return `unknown-${kind}`;
}
