// Congestion avoidance of RFC 5681, which NewReno (RFC 6582) keeps: the reference controller.
//
//   cwnd += what was acknowledged, one segment at most    while cwnd < ssthresh    (slow_start.ts)
//   cwnd += one segment for each cwnd acknowledged        above it
//   loss: ssthresh = cwnd = flight / 2                    timeout: ssthresh = flight / 2, cwnd = one segment

import type { Instant } from '../../../../core/time.ts';
import type { CongestionController } from './congestion_controller.ts';
import { SlowStart } from './slow_start.ts';

export class NewReno extends SlowStart implements CongestionController {
  readonly name = 'new-reno';
  private acknowledged = 0;

  override onLoss(flight: number): void {
    super.onLoss(flight);
    this.acknowledged = 0;
  }

  protected override avoidCongestion(_now: Instant, count: number, isFull: boolean): void {
    if (!isFull) return;
    this.acknowledged += count;
    if (this.acknowledged < this.cwnd) return;
    this.acknowledged -= this.cwnd;
    this.grow(this.mss);
  }

  protected override reduced(flight: number): number {
    return flight >> 1;
  }
}
