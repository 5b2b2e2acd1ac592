// Early data can be sent again by whoever recorded it (RFC 8446 §8). Two defences together: each hello is taken once within a
// window (§8.2), and a hello from outside the window is not taken at all (§8.3).

export interface ReplayDefence {
  /**
   * Whether early data of this hello may be taken; remembers it if so.
   * @param binder of the PSK: another one for every hello
   * @param expectedArrival when the hello should come, by the ticket's age, in milliseconds since 1970
   */
  admit(binder: Uint8Array, expectedArrival: number, now: number): boolean;
}
export class SingleUseWindow implements ReplayDefence {
  private readonly seen = new Set<string>();
  admit(binder: Uint8Array, expectedArrival: number, now: number): boolean {
    if (Math.abs(expectedArrival - now) > 10_000 || this.seen.has(binder.join())) return false;
    this.seen.add(binder.join());
    return true;
  }
}
