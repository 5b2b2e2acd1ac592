// A text and its writer's signature over it: the slides' `A -> B: text [signature by A]`. Not here: what the text must say
// so that it cannot be used again (the rungs).

import { textOf, utf8 } from '../../core/bytes.ts';
import { pack, type Stage, unpack } from './stage.ts';

/** One who signs, and whose public key all others have. */
export interface Writer {
  readonly publicKey: Uint8Array;
  readonly sign: (text: string) => Uint8Array;
  /** The text; nothing where the signature over it is not this writer's. */
  readonly verify: (bytes: Uint8Array) => string | undefined;
}

export function writer(stage: Pick<Stage, 'names' | 'random'>, name: string): Writer {
  const { S, V, signingKeys } = stage.names;
  const { publicKey, privateKey } = signingKeys(stage.random(`signing keys of ${name}`));
  return {
    publicKey,
    sign: (text) => pack(text, S(privateKey, utf8(text))),
    verify(bytes) {
      const [text, signature] = unpack(bytes, 2) ?? [];
      if (text === undefined || signature === undefined) return undefined;
      return V(publicKey, text, signature) ? textOf(text) : undefined;
    },
  };
}
