// Messages on disk, to oneself: encrypted alone; with a MAC; with a MAC over a version that is kept elsewhere.

import { bytesEqual, joinBytes } from '../../core/bytes.ts';
import { pack, type Stage } from './stage.ts';

const MAC_LENGTH = 32;

/** How bytes are written to a disk, and read again. */
export interface File {
  seal(text: Uint8Array): Uint8Array;
  /** Nothing where it is seen not to be what was written. */
  open(bytes: Uint8Array): Uint8Array | undefined;
}

export function plainFile(stage: Stage): File {
  const { E, D } = stage.names;
  const key = stage.key('of the disk');
  return { seal: (text) => E(key, text), open: (bytes) => D(key, bytes) };
}

/** The ciphertext and its MAC. `keepsVersion`: the MAC also covers how often the owner, who remembers it, has written. */
export function protectedFile(stage: Stage, keepsVersion = false): File {
  const { MAC } = stage.names;
  const plain = plainFile(stage);
  const macKey = stage.key('of the MAC');
  let version = 0; // not on the disk
  const mac = (ciphertext: Uint8Array): Uint8Array => MAC(macKey, pack(`${version}`, ciphertext));
  return {
    seal(text) {
      if (keepsVersion) version++;
      const ciphertext = plain.seal(text);
      return joinBytes([ciphertext, mac(ciphertext)]);
    },
    open(bytes) {
      const ciphertext = bytes.slice(0, -MAC_LENGTH);
      return bytesEqual(mac(ciphertext), bytes.slice(-MAC_LENGTH)) ? plain.open(ciphertext) : undefined;
    },
  };
}
