// Puts handshake messages together from the records that carry them (RFC 8446 §5.1): one may lie in several, several in one.
// Not here: that none may lie on both sides of a change of keys; who changes them asks `isEmpty`.

import { failure, type TlsFailure } from './failure.ts';
import { HandshakeType } from './handshake_message.ts';
import { handshakeTypeName } from './names.ts';
import { UnitBuffer } from './unit_buffer.ts';

const HEADER_LENGTH = 4;

/** The longest ClientHello that can be written: each of its vectors as long as its length can tell. */
export const MAX_CLIENT_HELLO_LENGTH = 131_396;

/** A long chain of large certificates; OpenSSL takes 100 KiB. */
export const MAX_CERTIFICATE_MESSAGE_LENGTH: number = 2 ** 17;

/** All others. Longer tickets, and longer lists of authorities, can be written but are not made. */
export const MAX_MESSAGE_LENGTH: number = 2 ** 16;

const maxLength = (type: number): number => {
  switch (type) {
    case HandshakeType.ClientHello:
      return MAX_CLIENT_HELLO_LENGTH;
    case HandshakeType.Certificate:
      return MAX_CERTIFICATE_MESSAGE_LENGTH;
    default:
      return MAX_MESSAGE_LENGTH;
  }
};

function messageLength(bytes: Uint8Array, at: number): number | TlsFailure {
  const [type = 0, high = 0, middle = 0, low = 0] = bytes.subarray(at, at + HEADER_LENGTH);
  const length = HEADER_LENGTH + ((high << 16) | (middle << 8) | low);
  return length <= maxLength(type)
    ? length
    : failure('message-too-long', `a ${handshakeTypeName(type)} of ${length} bytes`);
}

export class HandshakeBuffer {
  private readonly units = new UnitBuffer(HEADER_LENGTH, messageLength);

  /** No message has begun. */
  get isEmpty(): boolean {
    return this.units.isEmpty;
  }

  /** What is in one record. Must not change before `next` has answered that there is nothing more. */
  add(fragment: Uint8Array): void {
    this.units.add(fragment);
  }

  /** The next message, its header included; undefined: it is not there whole. After a failure there is nothing but the same. */
  next(): Uint8Array | undefined | TlsFailure {
    return this.units.next();
  }
}
