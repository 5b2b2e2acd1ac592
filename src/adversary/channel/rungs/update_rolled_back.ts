// A maker A signs its program. M offers a new machine the old version, which has a hole and is rightly signed.

import { type Duration, formatDuration, minutes, seconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import { type Writer, writer } from '../signed_text.ts';
import type { Mail } from '../stage.ts';

/** The first version is replaced after a while; the maker says of each answer how long it may be believed. */
const REPLACED = seconds(30);
const VALID = seconds(20);
const QUESTION = 'Which version is the newest?';

// B -> A: Which version is the newest?
// A -> B: version 1, until ... [signature by A]
function* maker(mail: Mail, own: Writer): Program<void> {
  for (;;) {
    const letter = yield* mail.receive(minutes(2));
    if (letter === undefined) return;
    const version = mail.now < REPLACED ? 1 : 2;
    if (letter.text === QUESTION) mail.send(letter.from, own.sign(`version ${version}, until ${mail.now + VALID}`));
  }
}

// A machine without any version installs what it is offered, if the maker has signed it.
function* machine(mail: Mail, from: Writer, checksTime: boolean): Program<void> {
  mail.send('A', QUESTION);
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const [, version, until] = /^version (\d+), until (\d+)$/.exec(from.verify(letter.bytes) ?? '') ?? [];
    if (version === undefined) continue;
    if (checksTime && Number(until) < mail.now) {
      mail.note(
        `refuses version ${version}, which was to be believed for the first ${formatDuration(Number(until) as Duration)}`,
      );
      continue;
    }
    mail.note(`installs version ${version}`);
    return;
  }
}

function offerTheOldOne(m: Attacker): void {
  m.intercepts(({ from, to, bytes }) => {
    const old = m.latest('A', 'B');
    return from === 'A' && to === 'C' && old !== undefined ? [old.bytes, bytes] : 'pass';
  });
}

export const updateRolledBack: Entry = {
  id: 'update-rolled-back',
  items: [83, 102],
  rung: 'a signed update',
  curedBy: 'a signed update that expires',
  claim: 'Only what the maker has signed is installed.',
  position: 'on-path',
  budget: { messages: 1 },
  breaks: 'fresh',
  explanation: [
    'M keeps the version that B was given, and gives it to C a minute later, when the maker has replaced it because of a hole.',
    'The signature on the old version is as good as ever, and C has nothing to see from that there is a newer one.',
    'A signature on a program must say until when it may be believed, since the maker cannot take it back.',
  ],
  cure: 'What is signed names the time until which this is the newest version, and C compares it with its clock.',
  perform(stage, variant) {
    const own = writer(stage, 'A');
    const checksTime = variant === 'cured';
    stage.a.acts((mail) => maker(mail, own));
    stage.b.acts((mail) => machine(mail, own, checksTime));
    stage.c.acts(function* (mail) {
      yield* mail.sleep(minutes(1));
      yield* machine(mail, own, checksTime);
    });
    offerTheOldOne(stage.m);
    return () => ({
      succeeded: stage.c.believes('installs version 1'),
      evidence: `C ${stage.c.notes.join(', and ')}`,
      honest: stage.b.believes('installs version 1') && stage.c.notes.at(-1)?.startsWith('installs') === true,
    });
  },
};
