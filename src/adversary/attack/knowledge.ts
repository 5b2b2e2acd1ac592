// What an attacker knows: all bytes that it saw or worked out, and all that these stand for. Whether a secret has leaked is
// asked of this, and not of the packets: what is compressed, encoded or encrypted with a key that the attacker holds is
// known just as well.
//
//   heard --> decoders, one after the other, a few deep --> is the secret among it?

import { DECODERS, type Decoder } from './decoders.ts';
import type { Secret } from './secret.ts';

/** An encoding of an encoding of an encoding. */
const MAX_DEPTH = 4;
/** Pieces that one thing heard may fall into; more is given up, and said. */
const MAX_PIECES = 50_000;

interface Known {
  readonly bytes: Uint8Array;
  /** Where from: `A to B`. */
  readonly origin: string;
}

export class Knowledge {
  private readonly known: Known[] = [];
  private readonly decoders: Decoder[] = [...DECODERS];

  /** Something was heard, found or worked out. */
  learn(bytes: Uint8Array, origin: string): void {
    this.known.push({ bytes, origin });
  }

  /** A key, for instance: from now on all that was and will be heard is tried with it. */
  learnToDecode(decoder: Decoder): void {
    this.decoders.push(decoder);
  }

  /** How the attacker comes to know the secret, as `A to B, base64`; nothing where it does not. */
  pathTo(secret: Secret): string | undefined {
    for (const { bytes, origin } of this.known) {
      let pieces = 0;
      let layer: Known[] = [{ bytes, origin }];
      for (let depth = 0; depth <= MAX_DEPTH && layer.length > 0; depth++) {
        const next: Known[] = [];
        for (const piece of layer) {
          if (++pieces > MAX_PIECES) throw new Error(`what was heard from ${origin} falls into too many pieces`);
          if (contains(piece.bytes, secret.bytes)) return piece.origin;
          if (depth === MAX_DEPTH) continue;
          for (const { name, decode } of this.decoders) {
            for (const meaning of decode(piece.bytes)) {
              if (meaning.length >= secret.bytes.length)
                next.push({ bytes: meaning, origin: `${piece.origin}, ${name}` });
            }
          }
        }
        layer = next;
      }
    }
    return undefined;
  }

  knows(secret: Secret): boolean {
    return this.pathTo(secret) !== undefined;
  }
}

function contains(bytes: Uint8Array, wanted: Uint8Array): boolean {
  const [first] = wanted;
  if (first === undefined) return true;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let i = 1;
    while (i < wanted.length && bytes[at + i] === wanted[i]) i++;
    if (i === wanted.length) return true;
  }
  return false;
}
