// The first rung: send everything, and hope.
//
//   Alice: letter, letter, letter ...          Bob: hands over what comes

import type { Lab } from '../lab.ts';

export function main({ alice, bob, letters, deliver, waitForAllTimeouts }: Lab): void {
  bob.recvd = deliver;
  for (const letter of letters) alice.send(letter);
  waitForAllTimeouts();
}
