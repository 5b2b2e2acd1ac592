// CUBIC (RFC 9438): after a loss the window comes back to where it was along a cubic curve of time, slowly near the old
// place, faster away from it, and however long the round trip is. Where Reno would be faster, it goes as Reno does.
//
//   bytes |                              .
//    wMax |- - - - - -.-----------'- - - - - -      W_cubic(t) = C (t - K)^3 + wMax
//         |     .
//         |  .                                      K = cube root of ((wMax - start) / C)
//         +-------------|------------------- t
//                       K
//
// Numbers are whole where a window depends on them; the times of the curve are milliseconds.

import { elapsed, type Instant } from '../../../../core/time.ts';
import type { CongestionController } from './congestion_controller.ts';
import { cubeRoot } from './cube_root.ts';
import { SlowStart } from './slow_start.ts';

const MILLISECOND = 1e6;
const BETA_TENTHS = 7; // RFC 9438 §4.6: multiplicative decrease, 0.7
const FASTER_BETA = 17; // RFC 9438 §4.7: (1 + 0.7) / 2, in twentieths
const C_INVERSE = 2.5; // RFC 9438 §5: C is 0.4 segments per cubic second
const CUBIC_SECOND = 1e9; // in cubic milliseconds
const ALPHA_NUMERATOR = 9; // RFC 9438 §4.3: 3 (1 - beta) / (1 + beta), which is 9/17
const ALPHA_DENOMINATOR = 17;
const LONGEST_TIME = 200_000; // milliseconds from K: the cube stays exact, and no window is left by then

/** One stretch of congestion avoidance. */
interface Epoch {
  /** When it began, moved on by the time in which the window was not used. */
  start: Instant;
  lastAt: Instant;
  /** Milliseconds until the curve is at `wMax`. */
  readonly k: number;
  readonly wMax: number;
  /** Where Reno would be (W_est). */
  estimate: number;
  /** Bytes times `cwnd` by which the window is to grow still: what division left over. */
  rest: number;
}

export class Cubic extends SlowStart implements CongestionController {
  readonly name = 'cubic';
  private epoch: Epoch | undefined;
  /** The window before the last loss (cwnd_prior), and the one to come back to; 0: none, or not after a timeout. */
  private prior = 0;
  private wMax = 0;

  override onLoss(flight: number): void {
    this.epoch = undefined;
    this.prior = this.cwnd;
    // RFC 9438 §4.7, fast convergence: who has less than before leaves room for others.
    this.wMax = this.cwnd < this.wMax ? Math.floor((this.cwnd * FASTER_BETA) / 20) : this.cwnd;
    super.onLoss(flight);
  }

  override onTimeout(flight: number, attempt: number): void {
    super.onTimeout(flight, attempt);
    this.epoch = undefined;
    this.wMax = 0; // RFC 9438 §4.8: the next curve begins at its plateau
  }

  override onIdle(): void {
    super.onIdle();
    this.epoch = undefined;
  }

  protected override avoidCongestion(now: Instant, count: number, isFull: boolean, srtt: number): void {
    this.epoch ??= this.begin(now);
    const { epoch, cwnd, mss } = this;
    // RFC 9438 §5.8: time in which the window was not used does not count.
    if (!isFull) {
      epoch.start = (epoch.start + elapsed(epoch.lastAt, now)) as Instant;
      epoch.lastAt = now;
      return;
    }
    epoch.lastAt = now;
    // RFC 9438 §4.3
    const [up, down] = epoch.estimate < this.prior ? [ALPHA_NUMERATOR, ALPHA_DENOMINATOR] : [1, 1];
    epoch.estimate += (up * count * mss) / (down * cwnd);
    const time = Math.floor(elapsed(epoch.start, now) / MILLISECOND);
    if (this.curve(epoch, time) < epoch.estimate) {
      if (epoch.estimate > cwnd) this.grow(Math.floor(epoch.estimate) - cwnd);
      return;
    }
    // RFC 9438 §4.4, §4.5: towards where the curve is a round trip from now, at most half as much again.
    const target = this.curve(epoch, time + Math.floor(Math.max(srtt, 0) / 1000));
    const gain = Math.min(target, cwnd + (cwnd >> 1)) - cwnd;
    if (gain <= 0) return;
    epoch.rest += gain * count;
    const bytes = Math.floor(epoch.rest / cwnd);
    epoch.rest -= bytes * cwnd;
    this.grow(bytes);
  }

  protected override reduced(flight: number): number {
    return Math.floor((flight * BETA_TENTHS) / 10);
  }

  private begin(now: Instant): Epoch {
    const { cwnd, mss } = this;
    const wMax = Math.max(this.wMax, cwnd);
    const k = cubeRoot(Math.floor(((wMax - cwnd) * C_INVERSE * CUBIC_SECOND) / mss));
    return { start: now, lastAt: now, k, wMax, estimate: cwnd, rest: 0 };
  }

  // RFC 9438 §4.2, figure 1, in bytes.
  private curve({ k, wMax }: Epoch, time: number): number {
    const distance = Math.min(time - k, LONGEST_TIME);
    return wMax + Math.floor((distance * distance * distance * this.mss) / (C_INVERSE * CUBIC_SECOND));
  }
}
