// The sixth rung: what does not match its checksum is as good as lost, letters and answers alike.
//
//   letter: checksum (2 bytes), number (1 byte), text        answer: checksum (2 bytes), number (1 byte)

import type { Lab } from '../lab.ts';

const PATIENCE = 200;
const NUMBERS = 256;

export function main({ alice, bob, letters, deliver, waitForAllTimeouts }: Lab): void {
  let current = 0;
  let timeout = 0;

  function sendCurrent(): void {
    const letter = letters[current];
    if (letter === undefined || alice.send(sealed([current % NUMBERS, ...letter])) < 0) return;
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

  bob.recvd = (message) => {
    const [number, ...letter] = opened(message) ?? [];
    if (number === undefined) return;
    if (number === awaited % NUMBERS) {
      deliver(Uint8Array.from(letter));
      awaited++;
    }
    bob.send(sealed([number]));
  };

  sendCurrent();
  waitForAllTimeouts();
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
