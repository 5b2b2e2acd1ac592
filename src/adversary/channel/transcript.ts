// What was said, in the notation of the lecture and of the field: `A -> B: text`; `M(A) -> B` is M in A's name, and
// `A -> M(B)` a message to B that M keeps.

import { hexOf, textOf } from '../../core/bytes.ts';
import { formatInstant, type Instant } from '../../core/time.ts';

/** Lines that are kept; an oracle that is asked ten thousand times is told of by its first questions. */
const MAX_LINES = 400;
const MAX_TEXT = 100;
const SHOWN_BYTES = 8;

export class Transcript {
  private readonly kept: string[] = [];
  private count = 0;

  add(now: Instant, from: string, to: string, bytes: Uint8Array): void {
    this.count++;
    if (this.kept.length < MAX_LINES) this.kept.push(`${formatInstant(now)}  ${from} -> ${to}: ${readable(bytes)}`);
  }

  get lines(): readonly string[] {
    const left = this.count - this.kept.length;
    return left === 0 ? this.kept : [...this.kept, `... and ${left} more messages`];
  }
}

/** Text as it is; else the stretches of text that it has, and how many bytes lie between them. */
export function readable(bytes: Uint8Array): string {
  const parts: string[] = [];
  let run: number[] = [];
  let opaque: number[] = [];
  const flushOpaque = (): void => {
    if (opaque.length === 0) return;
    const more = opaque.length > SHOWN_BYTES ? '..' : '';
    parts.push(`[${opaque.length}: ${hexOf(Uint8Array.from(opaque.slice(0, SHOWN_BYTES)))}${more}]`);
    opaque = [];
  };
  const flushRun = (): void => {
    // A few letters among ciphertext are chance.
    if (run.length < 4 && run.length !== bytes.length) opaque.push(...run);
    else if (run.length > 0) {
      flushOpaque();
      parts.push(textOf(Uint8Array.from(run)));
    }
    run = [];
  };
  for (const byte of bytes) {
    if (byte >= 0x20 && byte < 0x7f) run.push(byte);
    else {
      flushRun();
      opaque.push(byte);
    }
  }
  flushRun();
  flushOpaque();
  const text = parts.join(' ');
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 2)}..`;
}
