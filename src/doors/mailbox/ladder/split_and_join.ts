// The seventh rung: what is longer than a message goes in pieces, and each says whether it is the last one of its letter.
//
//   piece: checksum (2 bytes), number (1 byte), is last (1 byte), text        answer: checksum (2 bytes), number (1 byte)

import type { Lab } from '../lab.ts';

const PATIENCE = 200;
const NUMBERS = 256;
const HEADER = 4;

export function main({ alice, bob, letters, maxMessage, deliver, waitForAllTimeouts }: Lab): void {
  const pieces = letters.flatMap((letter) => piecesOf(letter, maxMessage - HEADER));
  let current = 0;
  let timeout = 0;

  function sendCurrent(): void {
    const piece = pieces[current];
    if (piece === undefined) return;
    alice.send(sealed([current % NUMBERS, ...piece]));
    timeout = alice.setTimeout(PATIENCE, sendCurrent);
  }

  alice.recvd = (message) => {
    const [number] = opened(message) ?? [];
    if (number !== current % NUMBERS) return;
    alice.clearTimeout(timeout);
    current++;
    sendCurrent();
  };

  let awaited = 0;
  let letter: number[] = [];

  bob.recvd = (message) => {
    const [number, isLast, ...text] = opened(message) ?? [];
    if (number === undefined) return;
    if (number === awaited % NUMBERS) {
      awaited++;
      letter.push(...text);
      if (isLast === 1) {
        deliver(Uint8Array.from(letter));
        letter = [];
      }
    }
    bob.send(sealed([number]));
  };

  sendCurrent();
  waitForAllTimeouts();
}

/** Each begins with whether it is the last one. An empty letter is one empty piece. */
function piecesOf(letter: Uint8Array, size: number): readonly number[][] {
  const count = Math.max(1, Math.ceil(letter.length / size));
  return Array.from({ length: count }, (_, i) => [i === count - 1 ? 1 : 0, ...letter.slice(i * size, (i + 1) * size)]);
}

// Two sums: of the bytes, and of the sums so far, so that the place of a byte counts too.
function checksumOf(bytes: readonly number[]): readonly [number, number] {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 251;
    b = (b + a) % 251;
  }
  return [a, b];
}

const sealed = (content: readonly number[]): Uint8Array => Uint8Array.of(...checksumOf(content), ...content);

function opened([a, b, ...content]: Uint8Array): readonly number[] | undefined {
  const [rightA, rightB] = checksumOf(content);
  return a === rightA && b === rightB ? content : undefined;
}
