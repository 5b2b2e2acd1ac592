// The second rung: the next letter goes when Bob has said that he has this one. With one letter under way, none can
// overtake another.
//
//   Alice: letter -->        <-- "got it" :Bob

import type { Lab } from '../lab.ts';

export function main({ alice, bob, letters, deliver, waitForAllTimeouts }: Lab): void {
  let current = 0;

  function sendCurrent(): void {
    const letter = letters[current];
    if (letter !== undefined) alice.send(letter);
  }

  alice.recvd = () => {
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
