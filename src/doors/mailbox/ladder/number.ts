// The fifth rung: each letter has a number, and the answer says which one it is for. Now a copy is known for a copy, and a
// late answer for one that is late.
//
//   letter: number (1 byte), text              answer: number (1 byte)

import type { Lab } from '../lab.ts';

const PATIENCE = 200;
const NUMBERS = 256;

export function main({ alice, bob, letters, deliver, waitForAllTimeouts }: Lab): void {
  let current = 0;
  let timeout = 0;

  function sendCurrent(): void {
    const letter = letters[current];
    if (letter === undefined || alice.send(Uint8Array.of(current % NUMBERS, ...letter)) < 0) return;
    timeout = alice.setTimeout(PATIENCE, sendCurrent);
  }

  alice.recvd = ([number]) => {
    if (number !== current % NUMBERS) return;
    alice.clearTimeout(timeout);
    current++;
    sendCurrent();
  };

  let awaited = 0;

  bob.recvd = ([number, ...letter]) => {
    if (number === undefined) return;
    if (number === awaited % NUMBERS) {
      deliver(Uint8Array.from(letter));
      awaited++;
    }
    bob.send(Uint8Array.of(number)); // a copy too: the answer to the first one may be lost
  };

  sendCurrent();
  waitForAllTimeouts();
}
