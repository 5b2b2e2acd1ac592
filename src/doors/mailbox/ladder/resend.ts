// The third rung: where no answer comes in time, the letter goes again. Alice cannot know whether the letter was lost or the
// answer: if it was the answer, Bob gets the letter twice.
//
//   Alice: letter --✗        timeout: letter -->        <-- "got it" :Bob

import type { Lab } from '../lab.ts';

const PATIENCE = 200;

export function main({ alice, bob, letters, deliver, waitForAllTimeouts }: Lab): void {
  let current = 0;
  let timeout = 0;

  function sendCurrent(): void {
    const letter = letters[current];
    if (letter === undefined || alice.send(letter) < 0) return;
    timeout = alice.setTimeout(PATIENCE, sendCurrent);
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
