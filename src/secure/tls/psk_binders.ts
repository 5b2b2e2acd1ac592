// The end of a ClientHello that offers PSKs: the binders, which prove knowledge of the keys over all that stands before them
// (RFC 8446 §4.2.11.2). Not here: how a binder is computed.

import type { OfferedPsks } from './handshake_message.ts';

/** Bytes at the end of the message that no binder covers: the list of the binders, its length included. */
export const bindersLength = ({ binders }: Pick<OfferedPsks, 'binders'>): number =>
  2 + binders.reduce((length, binder) => length + 1 + binder.length, 0);

/**
 * The same message with these binders in place of those at its end.
 *
 * @throws RangeError if they are not as long as those
 */
export function withBinders(hello: Uint8Array, binders: readonly Uint8Array[]): Uint8Array {
  const length = bindersLength({ binders });
  let at = hello.length - length;
  const isFitting = at >= 0 && hello[at] === (length - 2) >>> 8 && hello[at + 1] === ((length - 2) & 0xff);
  if (!isFitting) throw new RangeError('binders must be as long as those that the hello was written with');
  const filled = hello.slice();
  at += 2;
  for (const binder of binders) {
    filled[at] = binder.length;
    filled.set(binder, at + 1);
    at += 1 + binder.length;
  }
  return filled;
}
