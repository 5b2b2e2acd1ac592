// The fourth rung: Bob answers a letter that he has had before, and does not hand it over again. But he knows it by what it
// says, and two letters may say the same.
//
//   Alice: letter -->        ✗-- "got it" :Bob        timeout: letter -->        <-- "got it" :Bob, who knows it already

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

  const known = new Set<string>();

  bob.recvd = (letter) => {
    const content = letter.join();
    if (!known.has(content)) deliver(letter);
    known.add(content);
    bob.send('got it');
  };

  sendCurrent();
  waitForAllTimeouts();
}
