// Records that are encrypted, authenticated and counted. M drops the last of them, and no number is missing.

import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import { drop } from '../../attack/building_blocks.ts';
import type { Entry } from '../entry.ts';
import { countedEnd, type RecordEnd } from '../records.ts';
import type { Mail } from '../stage.ts';

const ORDERS = ['Give C the car', 'if C brings back the boat.'];
const END = '(end)';

// A -> B: AE(key, #0, 'Give C the car')
// A -> B: AE(key, #1, 'if C brings back the boat.')
function a(mail: Mail, end: RecordEnd, saysWhenItEnds: boolean): void {
  for (const order of ORDERS) mail.send('B', end.write(order));
  if (saysWhenItEnds) mail.send('B', end.write(END));
}

// When nothing more comes, B does what it has read so far; or, if it awaits the end, nothing.
function* b(mail: Mail, end: RecordEnd, awaitsTheEnd: boolean): Program<void> {
  const read: string[] = [];
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const text = end.read(letter.bytes);
    if (text === END) return mail.note(`does: ${read.join(' ')}`);
    if (text !== undefined) read.push(text);
  }
  mail.note(awaitsTheEnd ? 'was cut off, does nothing' : `does: ${read.join(' ')}`);
}

function cut(m: Attacker): void {
  m.intercepts(drop(() => m.heard.length > 1));
}

export const conversationCutShort: Entry = {
  id: 'conversation-cut-short',
  items: [63, 131],
  rung: 'authenticated encryption with a counter',
  curedBy: 'authenticated encryption with a counter and an end',
  claim: 'Whatever M drops, B sees by the number that is missing.',
  position: 'on-path',
  budget: {},
  breaks: 'authentic',
  disturbs: true,
  explanation: [
    'M lets "Give C the car" pass and drops "if C brings back the boat.", and B gives C the car.',
    'A counter shows a gap when something comes after it, and after the last record nothing comes.',
    'The end of a conversation is a message too, and must be authentic like the others.',
  ],
  cure: 'A ends with a record that says so, and B does nothing before it has come.',
  perform(stage, variant) {
    const keys = { write: stage.key('A to B'), read: stage.key('A to B') };
    const hasEnd = variant === 'cured';
    stage.b.acts((mail) => b(mail, countedEnd(stage.crypto, keys), hasEnd));
    stage.a.acts((mail) => a(mail, countedEnd(stage.crypto, keys), hasEnd));
    cut(stage.m);
    return () => ({
      succeeded: stage.b.believes(`does: ${ORDERS[0]}`),
      evidence: `B ${stage.b.notes.join()}`,
      honest: stage.b.believes(`does: ${ORDERS.join(' ')}`),
    });
  },
};
