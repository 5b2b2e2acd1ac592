// The second program of docs/mailbox.md: letters and answers have numbers. It holds up to level 5, and fails at level 6.
//
//   netarium mailbox examples/mailbox/mended.ts --level 3

import type { Lab } from 'netarium/mailbox';

export function main({ alice, bob, letters, deliver, waitForAllTimeouts }: Lab): void {
  let current = 0;
  let timeout = 0;

  function sendCurrent(): void {
    const letter = letters[current];
    if (letter === undefined) return;
    alice.send(Uint8Array.of(current, ...letter));
    timeout = alice.setTimeout(100, sendCurrent);
  }

  alice.recvd = ([number]) => {
    if (number !== current) return;
    alice.clearTimeout(timeout);
    current++;
    sendCurrent();
  };

  let awaited = 0;

  bob.recvd = ([number = 0, ...letter]) => {
    if (number === awaited) {
      deliver(Uint8Array.from(letter));
      awaited++;
    }
    bob.send(Uint8Array.of(number));
  };

  sendCurrent();
  waitForAllTimeouts();
}
