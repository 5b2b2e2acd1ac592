// How a message is wrapped for the way: what a rung puts onto the network, and what it accepts from there.
//
//   inTheClear          message
//   encrypted           E(key, message)
//   withMac             message, MAC(key, message)            and around `encrypted`: encrypt then MAC
//   padded              message, 80 00 00 ...                 inside of any other
//
// Not here: wrappings that one rung alone has.

import { bytesEqual, joinBytes, textOf } from '../../core/bytes.ts';
import type { LectureNames } from './names.ts';

export const MAC_LENGTH = 32;

export interface Wrapping {
  readonly wrap: (message: Uint8Array) => Uint8Array;
  /** Nothing where it is refused. */
  readonly unwrap: (bytes: Uint8Array) => Uint8Array | undefined;
}

export const inTheClear: Wrapping = { wrap: (message) => message, unwrap: (bytes) => bytes };

export const encrypted = ({ E, D }: LectureNames, key: Uint8Array): Wrapping => ({
  wrap: (message) => E(key, message),
  unwrap: (bytes) => D(key, bytes),
});

/** The MAC of what `inner` gives stands behind it, and is looked at before anything else. */
export const withMac = ({ MAC }: LectureNames, key: Uint8Array, inner: Wrapping = inTheClear): Wrapping => ({
  wrap(message) {
    const wrapped = inner.wrap(message);
    return joinBytes([wrapped, MAC(key, wrapped)]);
  },
  unwrap(bytes) {
    const wrapped = bytes.slice(0, -MAC_LENGTH);
    return bytesEqual(MAC(key, wrapped), bytes.slice(-MAC_LENGTH)) ? inner.unwrap(wrapped) : undefined;
  },
});

/** All messages of less than `length` bytes become that long. */
export const padded = (length: number, inner: Wrapping): Wrapping => ({
  wrap(message) {
    const block = new Uint8Array(Math.max(length, message.length + 1));
    block.set(message);
    block[message.length] = 0x80;
    return inner.wrap(block);
  },
  unwrap(bytes) {
    const block = inner.unwrap(bytes);
    const end = block?.lastIndexOf(0x80) ?? -1;
    return end < 0 ? undefined : block?.slice(0, end);
  },
});

/** The message as text; empty where it is refused. */
export const textIn = ({ unwrap }: Wrapping, bytes: Uint8Array): string => textOf(unwrap(bytes) ?? new Uint8Array(0));
