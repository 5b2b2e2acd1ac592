// What a program of the lab sees: two mailboxes, the letters that one has for the other, and the loop that waits for all
// of it. A program is one function, `main(lab)`; the rest are its callbacks. Not here: how it is done (mailbox.ts, run.ts).

/** Bytes, or text that goes as UTF-8. */
export type Message = Uint8Array | string;

/** `setTimeout` could not: so many are pending already. */
export const TOO_MANY_TIMEOUTS = -1;
/** `setTimeout` could not: that time has passed. */
export const IN_THE_PAST = -2;
/** `send` could not: the message is longer than `maxMessage`, and nothing was sent. */
export const TOO_LONG = -3;

/** Timeouts that one mailbox holds at a time; `setTimeout` refuses a further one. */
export const MAX_TIMEOUTS = 32;

/** One end. Whatever `send` puts in here may come out at the other end: as it was, or not, or later, or twice. */
export interface Mailbox {
  /** `alice` or `bob`. */
  readonly name: string;
  /** Virtual milliseconds since the beginning. */
  readonly now: number;
  /** Sends a message to the other end. Returns 0, or `TOO_LONG`. */
  send(message: Message): number;
  /** Yours: called for each message that arrives. */
  recvd: (bytes: Uint8Array) => void;
  /**
   * Has `callback` called once, `delay` virtual milliseconds from now. Returns what `clearTimeout` takes, 1 or more; or
   * `TOO_MANY_TIMEOUTS`, or `IN_THE_PAST`.
   */
  setTimeout(delay: number, callback: () => void): number;
  /** Returns whether it was still pending. */
  clearTimeout(timeout: number): boolean;
}

export interface Lab {
  readonly alice: Mailbox;
  readonly bob: Mailbox;
  /** What Alice has for Bob, in this order. A copy, to be used up as you like. */
  readonly letters: Uint8Array[];
  /** Bytes of the longest message that the medium takes. */
  readonly maxMessage: number;
  /** Bob's program hands over a letter. All of them, whole, once each and in their order: that is an exact transfer. */
  readonly deliver: (letter: Message) => void;
  /**
   * While there are more messages or timeouts: finds the next one, and calls `recvd` or the callback. For `main` alone.
   * It also ends with the first letter that is delivered wrong, and after `TIME_LIMIT`.
   */
  readonly waitForAllTimeouts: () => void;
}

/** What the student writes. */
export type Main = (lab: Lab) => void;
