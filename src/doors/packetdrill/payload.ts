// The bytes of streams: which byte stands where follows from its place alone, so that each can be checked wherever it ends
// up, whatever came twice or in another order.

// A prime: pieces of a usual size that land in the wrong place do not look right.
const PERIOD = 251;

/** `length` bytes of a stream, from its byte `position` on; before its beginning too (keepalive probes). */
export function payloadFrom(position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = byteAt(position + i);
  return bytes;
}

/** Where the first byte stands that is not the stream's; -1 when all are. */
export function firstWrong(bytes: Uint8Array, position: number): number {
  return bytes.findIndex((byte, i) => byte !== byteAt(position + i));
}

const byteAt = (position: number): number => ((position % PERIOD) + PERIOD) % PERIOD;
