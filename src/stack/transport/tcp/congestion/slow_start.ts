// What all controllers here have in common: the initial window, slow start (RFC 5681 §3.1), and a fresh start after a time
// of silence or a timeout. How the window grows above the threshold, and by how much it shrinks, is each one's own.

import type { Instant } from '../../../../core/time.ts';

const NO_THRESHOLD = 0x3fff_ffff; // RFC 5681 §3.1: arbitrarily high at first
const MAX_WINDOW = 0x3fff_ffff; // no window of TCP is larger (RFC 7323 §2.2)

export interface SlowStartSettings {
  /** Segments that may be in flight at first: 10 (RFC 6928 §2), at most 14,600 bytes unless two segments are more. */
  readonly initialWindow: number;
  /** By how many segments one acknowledgment may widen the window in slow start: 1, or 2 (RFC 3465 §2.3). */
  readonly slowStartLimit: number;
}

export abstract class SlowStart {
  cwnd: number;
  ssthresh: number = NO_THRESHOLD;
  protected mss: number;
  private readonly settings: SlowStartSettings;
  // Before the last timeout.
  private before: { readonly cwnd: number; readonly ssthresh: number } | undefined;

  constructor(mss: number, settings: SlowStartSettings) {
    this.mss = mss;
    this.settings = settings;
    this.cwnd = this.initialWindow();
  }

  onAcknowledged(now: Instant, count: number, flight: number, srtt: number): void {
    const { mss, cwnd } = this;
    if (cwnd >= this.ssthresh) {
      this.avoidCongestion(now, count, flight + mss >= cwnd, srtt);
      return;
    }
    // A window that is not used tells nothing about the path, so it does not grow (RFC 7661 §4).
    if (2 * flight < cwnd) return;
    const limit = this.settings.slowStartLimit * mss;
    this.grow(count < limit ? count : limit); // RFC 5681 §3.1, equation 2
  }

  onLoss(flight: number): void {
    this.ssthresh = Math.max(this.reduced(flight), 2 * this.mss); // RFC 5681 §3.1, equation 4
    this.cwnd = this.ssthresh;
  }

  onRecovered(flight: number): void {
    // RFC 6582 §3.2 step 3, full acknowledgments, option 1: no burst, though much may have been acknowledged at once.
    this.cwnd = Math.min(this.ssthresh, Math.max(flight, this.mss) + this.mss);
  }

  onTimeout(flight: number, attempt: number): void {
    // RFC 5681 §3.1: held constant when the segment has been sent again before.
    if (attempt === 0) {
      this.before = { cwnd: this.cwnd, ssthresh: this.ssthresh };
      this.onLoss(flight);
    }
    this.cwnd = this.mss;
  }

  onSpuriousTimeout(): void {
    const { before } = this;
    if (before === undefined) return;
    this.cwnd = Math.max(this.cwnd, before.cwnd);
    this.ssthresh = Math.max(this.ssthresh, before.ssthresh);
    this.before = undefined;
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

  /** Above the threshold; `isFull`: the window is what keeps the connection from sending. */
  protected abstract avoidCongestion(now: Instant, count: number, isFull: boolean, srtt: number): void;

  /** What is left of `flight` after a loss. */
  protected abstract reduced(flight: number): number;

  protected grow(bytes: number): void {
    this.cwnd = Math.min(this.cwnd + bytes, MAX_WINDOW);
  }

  private initialWindow(): number {
    const { mss } = this;
    const { initialWindow } = this.settings;
    return Math.min(initialWindow * mss, Math.max(2 * mss, 1460 * initialWindow)); // RFC 6928 §2
  }
}
