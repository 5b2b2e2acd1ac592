// What follows a handshake: records under authenticated encryption, from one end to the other. Whether an end counts them,
// and whether it has a key for each direction, is what the rungs differ in.

import { textOf, utf8 } from '../../core/bytes.ts';
import type { CryptoProvider } from '../../secure/crypto/provider.ts';
import { type Mail, pack, unpack } from './stage.ts';

export interface RecordEnd {
  write(text: string): Uint8Array;
  /** Nothing where it does not open, or does not belong here. */
  read(record: Uint8Array): string | undefined;
}

interface EndKeys {
  readonly write: Uint8Array;
  readonly read: Uint8Array;
}

const NOTHING = new Uint8Array(0);

function nonceOf(count: number): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(8, count);
  return nonce;
}

/** The nonce is the number of the record, and is not sent: a record opens in its own place alone. */
export function countedEnd(crypto: CryptoProvider, keys: EndKeys): RecordEnd {
  const writing = crypto.prepareAead('chacha20-poly1305', keys.write);
  const reading = crypto.prepareAead('chacha20-poly1305', keys.read);
  let written = 0;
  let read = 0;
  return {
    write: (text) => writing.seal(nonceOf(written++), NOTHING, utf8(text)),
    read(record) {
      const text = reading.open(nonceOf(read), NOTHING, record);
      if (text === undefined) return undefined;
      read++;
      return textOf(text);
    },
  };
}

/** The nonce is random and comes along: a record opens anywhere. */
export function uncountedEnd(crypto: CryptoProvider, keys: EndKeys, { random }: Mail): RecordEnd {
  const writing = crypto.prepareAead('chacha20-poly1305', keys.write);
  const reading = crypto.prepareAead('chacha20-poly1305', keys.read);
  return {
    write(text) {
      const nonce = new Uint8Array(12);
      random.fill(nonce);
      return pack(nonce, writing.seal(nonce, NOTHING, utf8(text)));
    },
    read(record) {
      const [nonce, sealed] = unpack(record, 2) ?? [];
      if (nonce?.length !== 12 || sealed === undefined) return undefined;
      const text = reading.open(nonce, NOTHING, sealed);
      return text === undefined ? undefined : textOf(text);
    },
  };
}
