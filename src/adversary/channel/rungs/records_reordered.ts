// Records without numbers: M delivers an order before the one that came first, and drops the last.

import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import { countedEnd, type RecordEnd, uncountedEnd } from '../records.ts';
import type { Mail } from '../stage.ts';

const ORDERS = ['Good morning.', 'Open the gate.', 'Shut the gate.', 'Let nobody in.'];

// A -> B: AE(key, 'Good morning.')
// A -> B: AE(key, 'Open the gate.')
// A -> B: AE(key, 'Shut the gate.')
// A -> B: AE(key, 'Let nobody in.')
function a(mail: Mail, end: RecordEnd): void {
  for (const order of ORDERS) mail.send('B', end.write(order));
}

// What does not open in its place means that someone is at work: B does no more then.
function* b(mail: Mail, end: RecordEnd): Program<void> {
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const order = end.read(letter.bytes);
    mail.note(order ?? 'ends the connection');
    if (order === undefined) return;
  }
}

// M cannot read the records, but counts them.
function reorder(m: Attacker): void {
  m.intercepts(({ bytes }) => {
    const before = m.heard.at(-2);
    if (m.heard.length === 3 && before !== undefined) return [bytes, before.bytes];
    return m.heard.length === 1 ? 'pass' : 'drop';
  });
}

export const recordsReordered: Entry = {
  id: 'records-reordered',
  items: [131],
  rung: 'authenticated encryption',
  curedBy: 'authenticated encryption with a counter',
  claim: 'B does what A has written, since nobody can change it.',
  position: 'on-path',
  budget: { messages: 1 },
  breaks: 'authentic',
  explanation: [
    'M delivers "Shut the gate." before "Open the gate.", drops the last order, and the gate stays open.',
    'Each record is authentic by itself, and nothing says in which order or how many of them there are.',
    'What must be authentic is the conversation, and not only each message of it.',
  ],
  cure: 'Both ends count, and B ends the connection at the first record that does not open in its place.',
  perform(stage, variant) {
    const keys = { write: stage.key('A to B'), read: stage.key('A to B') };
    const end = (mail: Mail): RecordEnd =>
      variant === 'vulnerable' ? uncountedEnd(stage.crypto, keys, mail) : countedEnd(stage.crypto, keys);
    stage.b.acts((mail) => b(mail, end(mail)));
    stage.a.acts((mail) => a(mail, end(mail)));
    reorder(stage.m);
    return () => ({
      succeeded: stage.b.notes.at(-1) === 'Open the gate.',
      evidence: `B, in this order: "${stage.b.notes.join('", "')}"`,
      honest: stage.b.notes[0] === ORDERS[0],
    });
  },
};
