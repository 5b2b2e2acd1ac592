// Congestion control as loss recovery sees it: how many bytes may be in flight, and what happens to that number.
// Which segments are lost, and what to send again, is not decided here (sack_recovery.ts, new_reno_recovery.ts).

import type { Instant } from '../../../../core/time.ts';
import type { CongestionControlName } from '../tcp_settings.ts';
import { Cubic } from './cubic.ts';
import { NewReno } from './new_reno.ts';
import type { SlowStartSettings } from './slow_start.ts';

export interface CongestionController {
  readonly name: CongestionControlName;
  /** Congestion window: bytes that may be in flight. */
  readonly cwnd: number;
  /** Slow start threshold: below it the window grows by what is acknowledged, above it in the controller's own way. */
  readonly ssthresh: number;
  /**
   * `count` bytes of new data were acknowledged, `flight` bytes having been out before.
   *
   * @param srtt the smoothed round trip in microseconds; -1 before the first measurement
   */
  onAcknowledged(now: Instant, count: number, flight: number, srtt: number): void;
  /** A segment was lost, as acknowledgments tell. */
  onLoss(flight: number): void;
  /** All that was out at the time of the loss has been acknowledged. */
  onRecovered(flight: number): void;
  /** The retransmission timer expired, for the `attempt`-th time (from 0) for the same segment. */
  onTimeout(flight: number, attempt: number): void;
  /** The last timeout was needless: it is as if it had not been. */
  onSpuriousTimeout(): void;
  /** Nothing was sent for longer than a retransmission timeout. */
  onIdle(): void;
  /** The handshake needed a retransmission. */
  onHandshakeLoss(): void;
  /** The largest payload of a segment, in bytes, has changed. */
  setSegmentSize(mss: number): void;
}

export function makeCongestionController(
  name: CongestionControlName,
  mss: number,
  settings: SlowStartSettings,
): CongestionController {
  switch (name) {
    case 'cubic':
      return new Cubic(mss, settings);
    case 'new-reno':
      return new NewReno(mss, settings);
  }
}
