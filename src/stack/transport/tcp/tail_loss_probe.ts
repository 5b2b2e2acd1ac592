// Tail loss probes (RFC 8985 §7): when the last segments of a flight are lost, nothing behind them tells. After about two
// round trips without an acknowledgment one more segment goes, new or the last one again; what comes back shows the loss
// without waiting for the retransmission timer.
//
// Not here: when the probe's time comes is set in deadlines.ts; it leaves in output.ts.

import type { Serial } from '../../../core/serial.ts';
import type { Rack } from './rack.ts';
import type { TcpConnection } from './tcp_connection.ts';

/** A probe has left (RFC 8985 §7.3). */
export function probeLeft(connection: TcpConnection, rack: Rack, isRetransmission: boolean): void {
  rack.isProbing = true;
  if (connection.recovery === 'Open') connection.recovery = 'Disorder';
  rack.tlpEndSeq = connection.sndNxt;
  rack.tlpIsRetransmission = isRetransmission;
}

/**
 * An acknowledgment has come while a probe is out (RFC 8985 §7.4). Returns whether the probe has repaired a loss, of which
 * congestion control must hear: nothing else would show it.
 *
 * @param isAdvance it acknowledges something new
 * @param hasDuplicate it reports a D-SACK
 */
export function probeIsAnswered(
  rack: Rack,
  ack: Serial,
  isAdvance: boolean,
  hasDuplicate: boolean,
  hasBlocks: boolean,
): boolean {
  const ahead = (ack - rack.tlpEndSeq) | 0;
  if (ahead < 0) return false;
  // §7.4.1: new data arrived, so nothing before it was lost. §7.4.2: what was sent again had arrived before, as the peer
  // says with a D-SACK or, when it knows none, by repeating its acknowledgment.
  const wasNeedless = !rack.tlpIsRetransmission || hasDuplicate || (ahead === 0 && !isAdvance && !hasBlocks);
  if (wasNeedless || ahead > 0) rack.isProbing = false;
  return !wasNeedless && ahead > 0;
}
