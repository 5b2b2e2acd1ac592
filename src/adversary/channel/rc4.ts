// RC4, which nobody should use any more: its first bytes tell of its key. In two parts, so that it can be stopped in the
// middle of preparing the key.

export interface Rc4State {
  /** All bytes, in an order that the key decides. */
  readonly order: Uint8Array;
  readonly j: number;
}

const SORTED = Uint8Array.from({ length: 256 }, (_, i) => i);

/** Mixes the first `steps` bytes of the key (again and again where it is shorter) into the order: 256 make it whole. */
export function rc4Mix(key: Uint8Array, steps: number): Rc4State {
  const order = SORTED.slice();
  let j = 0;
  for (let i = 0; i < steps; i++) {
    j = (j + (order[i] ?? 0) + (key[i % key.length] ?? 0)) & 0xff;
    swap(order, i, j);
  }
  return { order, j };
}

/** XOR with the key stream. */
export function rc4(key: Uint8Array, message: Uint8Array): Uint8Array {
  const { order } = rc4Mix(key, 256);
  let i = 0;
  let j = 0;
  return message.map((byte) => {
    i = (i + 1) & 0xff;
    j = (j + (order[i] ?? 0)) & 0xff;
    swap(order, i, j);
    return byte ^ (order[((order[i] ?? 0) + (order[j] ?? 0)) & 0xff] ?? 0);
  });
}

function swap(order: Uint8Array, i: number, j: number): void {
  const held = order[i] ?? 0;
  order[i] = order[j] ?? 0;
  order[j] = held;
}
