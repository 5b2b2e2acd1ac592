// Replaces texts in a stream, wherever it is cut: what may be the beginning of one waits for the bytes behind it.

import { joinBytes } from '../../core/bytes.ts';

export interface Replacement {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

export class StreamReplacer {
  /** Texts replaced. */
  hits = 0;
  private readonly replacements: readonly Replacement[];
  private held: Uint8Array = new Uint8Array(0);

  constructor(replacements: readonly Replacement[]) {
    if (replacements.some(({ from }) => from.length === 0)) throw new RangeError('nothing can stand for an empty text');
    this.replacements = replacements;
  }

  /** What may go on after `bytes` have come. */
  feed(bytes: Uint8Array): Uint8Array {
    const all = joinBytes([this.held, bytes]);
    const out: Uint8Array[] = [];
    let done = 0;
    let at = 0;
    while (at < all.length) {
      const found = this.replacements.find(({ from }) => startsWith(all, at, from));
      if (found !== undefined) {
        out.push(all.subarray(done, at), found.to);
        this.hits++;
        at += found.from.length;
        done = at;
      } else if (this.replacements.some(({ from }) => mayBegin(all, at, from))) break;
      else at++;
    }
    out.push(all.subarray(done, at));
    this.held = all.slice(at);
    return joinBytes(out);
  }

  /** What is left when nothing more comes. */
  end(): Uint8Array {
    const { held } = this;
    this.held = new Uint8Array(0);
    return held;
  }
}

const startsWith = (bytes: Uint8Array, at: number, text: Uint8Array): boolean =>
  at + text.length <= bytes.length && text.every((byte, i) => bytes[at + i] === byte);

// All that is there fits, and the text is longer.
const mayBegin = (bytes: Uint8Array, at: number, text: Uint8Array): boolean =>
  at + text.length > bytes.length && bytes.subarray(at).every((byte, i) => byte === text[i]);
