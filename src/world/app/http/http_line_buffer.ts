// Bytes of a stream that were not taken yet, by lines or by length. Lines end with CR LF and nothing else: a lone LF,
// which RFC 9112 §2.2 lets a reader take for an end, is how two readers come to see two different messages.

const LF = 0x0a;
const CR = 0x0d;

/** `partial`: its end has not come. `too-long`: its end is farther away than it may be. `bad`: a lone LF. */
export type HttpLine = { readonly text: string } | 'partial' | 'too-long' | 'bad';

export class HttpLineBuffer {
  private bytes: Uint8Array = new Uint8Array(0);
  private start = 0;
  private end = 0;
  // No LF lies between `start` and here: so that a line that comes byte by byte is searched once.
  private scanned = 0;

  get length(): number {
    return this.end - this.start;
  }

  push(data: Uint8Array): void {
    if (this.start === this.end) this.start = this.end = this.scanned = 0;
    if (this.end + data.length > this.bytes.length) this.makeRoom(data.length);
    this.bytes.set(data, this.end);
    this.end += data.length;
  }

  /** A line without its end, each byte as one character. @param limit bytes that it may have */
  takeLine(limit: number): HttpLine {
    const found = this.bytes.subarray(0, this.end).indexOf(LF, this.scanned);
    // Where no LF has come yet, the last byte may be its CR.
    const lineEnd = (found === -1 ? this.end : found) - 1;
    if (lineEnd - this.start > limit) return 'too-long';
    if (found === -1) {
      this.scanned = this.end;
      return 'partial';
    }
    if (lineEnd < this.start || this.bytes[lineEnd] !== CR) return 'bad';
    const text = latin1(this.bytes.subarray(this.start, lineEnd));
    this.start = this.scanned = found + 1;
    return { text };
  }

  /** A copy of what is there, at most `limit` bytes. */
  take(limit: number): Uint8Array {
    const data = this.bytes.slice(this.start, Math.min(this.end, this.start + limit));
    this.start += data.length;
    this.scanned = Math.max(this.scanned, this.start);
    return data;
  }

  private makeRoom(more: number): void {
    const capacity = Math.max(2 * this.length, this.length + more, 1024);
    const bytes = capacity > this.bytes.length ? new Uint8Array(capacity) : this.bytes;
    bytes.set(this.bytes.subarray(this.start, this.end));
    this.bytes = bytes;
    this.scanned -= this.start;
    this.end -= this.start;
    this.start = 0;
  }
}

/** Each byte as the character of its number: exact, and never fails. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** The inverse; characters above 255 lose their upper bits. */
export const latin1Bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
