// Congestion control as loss recovery sees it: how many bytes may be in flight, and what happens to that number.
// Which segments are lost, and what to send again, is not decided here (recovery.ts).

import type { Instant } from '../../../../core/time.ts';
import type { CongestionControlName } from '../tcp_settings.ts';
import { NewReno } from './new_reno.ts';

export interface CongestionController {
  readonly name: CongestionControlName;
  /** Congestion window: bytes that may be in flight. */
  readonly cwnd: number;
  /** Slow start threshold: below it the window grows by what is acknowledged, above it by a segment a round trip. */
  readonly ssthresh: number;
  /** `count` bytes of new data were acknowledged, `flight` bytes having been out before. */
  onAcknowledged(now: Instant, count: number, flight: number): void;
  /** A segment was lost, as duplicate acknowledgments tell. */
  onLoss(now: Instant, flight: number): void;
  /** All that was out at the time of the loss has been acknowledged. */
  onRecovered(flight: number): void;
  /** The retransmission timer expired, for the `attempt`-th time (from 0) for the same segment. */
  onTimeout(now: Instant, flight: number, attempt: number): void;
  /** Nothing was sent for longer than a retransmission timeout. */
  onIdle(): void;
  /** The handshake needed a retransmission. */
  onHandshakeLoss(): void;
  /** The largest payload of a segment, in bytes, has changed. */
  setSegmentSize(mss: number): void;
}

export function makeCongestionController(name: CongestionControlName, mss: number): CongestionController {
  switch (name) {
    case 'new-reno':
      return new NewReno(mss);
  }
}
