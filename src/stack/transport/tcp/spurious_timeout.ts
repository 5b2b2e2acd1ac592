// Was the retransmission timer too early? F-RTO (RFC 5682 §3, with SACK): after a timeout one segment goes again, and then
// new data instead of what is thought lost. If something arrives that was sent once and given up, nothing was lost: it was
// only late, and the window is what it was before.
//
//   Off --timeout--> Doubtful --an advance--> Testing (up to two new segments)
//                        | something given up arrives: spurious      | nothing but news behind gaps: it was lost
//
// Not here: what a controller does then (congestion/), and connections without SACK, which repair as if it was lost.

import type { Serial } from '../../../core/serial.ts';
import type { Rack } from './rack.ts';
import type { TcpConnection } from './tcp_connection.ts';

export type TimeoutDoubt = 'Off' | 'Doubtful' | 'Testing';

/** The timer has expired; `isFirst`: and had not before for what is out. */
export function doubtTimeout(connection: TcpConnection, rack: Rack, isFirst: boolean): void {
  rack.doubt = isFirst && connection.context.settings.fRto ? 'Doubtful' : 'Off';
  rack.hasOriginalArrived = false;
  rack.doubtFrom = connection.sndNxt;
}

/** An acknowledgment after a timeout; `isAdvance`: it moved `sndUna` on. Returns whether the timeout was spurious. */
export function judgeTimeout(connection: TcpConnection, rack: Rack, isAdvance: boolean): boolean {
  if (rack.doubt === 'Off') return false;
  if (rack.hasOriginalArrived) {
    rack.doubt = 'Off';
    return true;
  }
  // §3.1, step 2b, where there is something new to send; else, and in step 2a and 3a, recovery as usual.
  const mayTest = rack.doubt === 'Doubtful' && isAdvance && hasNews(connection);
  rack.doubt = mayTest ? 'Testing' : 'Off';
  return false;
}

/** Whether new data goes before what is thought lost. */
export const sendsNewFirst = (connection: TcpConnection, { doubt, doubtFrom }: Rack): boolean =>
  doubt === 'Testing' && ((connection.sndNxt - doubtFrom) | 0) < 2 * connection.mss && hasNews(connection);

const hasNews = ({ finSequence, sndNxt, sndUna, sndWnd }: TcpConnection): boolean =>
  distance(finSequence, sndNxt) > 0 && distance(sndNxt, sndUna) < sndWnd;

const distance = (a: Serial, b: Serial): number => (a - b) | 0;
