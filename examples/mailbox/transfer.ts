// The first program of docs/mailbox.md: acknowledging and resending. It masters two levels, and fails at level 3.
//
//   netarium mailbox examples/mailbox/transfer.ts --level 3

import type { Lab } from 'netarium/mailbox';

export function main({ alice, bob, letters, deliver, waitForAllTimeouts }: Lab): void {
  let current = 0; // the letter that is on its way
  let timeout = 0;

  function sendCurrent(): void {
    const letter = letters[current];
    if (letter === undefined) return; // all of them are there
    alice.send(letter);
    timeout = alice.setTimeout(100, sendCurrent); // no answer after 100 ms: once more
  }

  alice.recvd = () => {
    alice.clearTimeout(timeout);
    current++;
    sendCurrent();
  };

  bob.recvd = (letter) => {
    deliver(letter);
    bob.send('got it');
  };

  sendCurrent();
  waitForAllTimeouts();
}
