// Slow start and congestion avoidance of RFC 5681, which NewReno (RFC 6582) keeps: the reference controller.
//
//   cwnd += what was acknowledged, one segment at most    while cwnd < ssthresh
//   cwnd += one segment for each cwnd acknowledged        above it
//   loss: ssthresh = cwnd = flight / 2                    timeout: ssthresh = flight / 2, cwnd = one segment

import type { Instant } from '../../../../core/time.ts';
import type { CongestionController } from './congestion_controller.ts';

const INITIAL_SEGMENTS = 10; // RFC 6928 §2
const NO_THRESHOLD = 0x3fff_ffff; // RFC 5681 §3.1: arbitrarily high at first
const MAX_WINDOW = 0x3fff_ffff; // no window of TCP is larger (RFC 7323 §2.2)

export class NewReno implements CongestionController {
  readonly name = 'new-reno';
  cwnd: number;
  ssthresh: number = NO_THRESHOLD;
  private mss: number;
  private acknowledged = 0;

  constructor(mss: number) {
    this.mss = mss;
    this.cwnd = this.initialWindow();
  }

  onAcknowledged(_now: Instant, count: number, flight: number): void {
    const mss = this.mss;
    if (this.cwnd < this.ssthresh) {
      // A window that is not used tells nothing about the path, so it does not grow (RFC 7661 §4).
      if (2 * flight >= this.cwnd) this.grow(count < mss ? count : mss); // RFC 5681 §3.1, equation 2
      return;
    }
    if (flight + mss < this.cwnd) return;
    this.acknowledged += count;
    if (this.acknowledged < this.cwnd) return;
    this.acknowledged -= this.cwnd;
    this.grow(mss);
  }

  onLoss(_now: Instant, flight: number): void {
    this.ssthresh = this.halved(flight);
    this.cwnd = this.ssthresh;
    this.acknowledged = 0;
  }

  onRecovered(flight: number): void {
    // RFC 6582 §3.2 step 3, full acknowledgments, option 1: no burst, though much may have been acknowledged at once.
    this.cwnd = Math.min(this.ssthresh, Math.max(flight, this.mss) + this.mss);
  }

  onTimeout(_now: Instant, flight: number, attempt: number): void {
    // RFC 5681 §3.1: held constant when the segment has been sent again before.
    if (attempt === 0) this.ssthresh = this.halved(flight);
    this.cwnd = this.mss;
    this.acknowledged = 0;
  }

  onIdle(): void {
    this.cwnd = Math.min(this.cwnd, this.initialWindow()); // RFC 5681 §4.1
  }

  onHandshakeLoss(): void {
    this.cwnd = this.mss; // RFC 5681 §3.1
  }

  setSegmentSize(mss: number): void {
    // RFC 5681 §3.1: a window that has not grown is counted in segments of the new size.
    const isInitial = this.cwnd === this.initialWindow();
    const isOne = this.cwnd === this.mss;
    this.mss = mss;
    if (isInitial) this.cwnd = this.initialWindow();
    else if (isOne) this.cwnd = mss;
  }

  private initialWindow(): number {
    return Math.min(INITIAL_SEGMENTS * this.mss, Math.max(2 * this.mss, 14_600)); // RFC 6928 §2
  }

  private halved(flight: number): number {
    return Math.max(flight >> 1, 2 * this.mss); // RFC 5681 §3.1, equation 4
  }

  private grow(bytes: number): void {
    this.cwnd = Math.min(this.cwnd + bytes, MAX_WINDOW);
  }
}
