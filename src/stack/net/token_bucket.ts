// So many a second, and a few at once: how many ICMP errors a machine sends (RFC 1812 §4.3.2.8), how many equal answers a name
// server gives.

import type { Instant } from '../../core/time.ts';

export class TokenBucket {
  /** How often it said no. */
  refused = 0;
  private readonly perSecond: number;
  private readonly burst: number;
  // In nanoseconds of waiting, so that nothing is lost to rounding: one token is 1e9 / perSecond of them.
  private credit: number;
  private filledAt: Instant;

  /** Starts full. */
  constructor(now: Instant, perSecond: number, burst: number) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.credit = (burst * 1e9) / perSecond;
    this.filledAt = now;
  }

  /** Takes a token, if there is one. */
  take(now: Instant): boolean {
    const price = 1e9 / this.perSecond;
    this.credit = Math.min(this.burst * price, this.credit + (now - this.filledAt));
    this.filledAt = now;
    if (this.credit < price) {
      this.refused++;
      return false;
    }
    this.credit -= price;
    return true;
  }
}
