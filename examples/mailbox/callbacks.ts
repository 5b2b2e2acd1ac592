// What a program of the lab is made of: it says which of its functions is called when, and what the mailbox refuses.
//
//   netarium mailbox examples/mailbox/callbacks.ts --seed 1

import type { Lab } from 'netarium/mailbox';

export function main({ alice, bob, letters, deliver, maxMessage, waitForAllTimeouts }: Lab): void {
  const say = (what: string): void => console.log(`${alice.now} ms: ${what}`);

  bob.recvd = (letter) => {
    say(`bob.recvd, ${letter.length} bytes`);
    deliver(letter);
  };

  say(`send, ${maxMessage} bytes and one: ${alice.send(new Uint8Array(maxMessage + 1))}`);
  say(`setTimeout in the past: ${alice.setTimeout(-1, () => say('never called'))}`);
  const pending: number[] = [];
  for (let timeout = 1; timeout > 0; ) {
    timeout = alice.setTimeout(1000, () => say('not called either, since it is cleared'));
    if (timeout > 0) pending.push(timeout);
    else say(`setTimeout with ${pending.length} pending: ${timeout}`);
  }
  const cleared = pending.filter((timeout) => alice.clearTimeout(timeout)).length;
  say(`clearTimeout: ${cleared} were pending, and the second time ${alice.clearTimeout(pending[0] ?? 0)}`);

  // The later one is set first.
  alice.setTimeout(200, () => say('the callback that was due at 200'));
  alice.setTimeout(100, () => {
    say('the callback that was due at 100');
    for (const letter of letters) alice.send(letter);
    say('all letters are sent');
  });

  say('waitForAllTimeouts begins');
  waitForAllTimeouts();
  say('waitForAllTimeouts ends: nothing is left to happen');
}
