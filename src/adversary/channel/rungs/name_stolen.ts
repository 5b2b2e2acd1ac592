// A asks a name server where the bank is, and takes the first answer that bears the number of its question. M does not see
// the question; it has A ask for a name of M's own first, and so learns which number comes next.

import { textOf, utf8 } from '../../../core/bytes.ts';
import { milliseconds, seconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Entry } from '../entry.ts';
import type { Mail, Stage } from '../stage.ts';

const TRUE_ANSWER = 'bank is at C';
const FALSE_ANSWER = 'bank is at M';
/** How far the name server is. */
const WAY = milliseconds(40);

type NextId = () => number;

// A -> M: id, where is a name of M's?
// A -> B: id, where is bank?      B -> A: id, bank is at C
function* a(mail: Mail, nextId: NextId): Program<void> {
  mail.send('M', `${nextId()} where is shop?`);
  yield* mail.receive(seconds(1));
  const id = nextId();
  mail.send('B', `${id} where is bank?`);
  for (let answer = yield* mail.receive(); answer !== undefined; answer = yield* mail.receive()) {
    if (answer.from !== 'B' || !answer.text.startsWith(`${id} `)) continue; // not an answer to this question
    mail.note(answer.text.slice(`${id} `.length));
    return;
  }
}

// The name server is farther away than M.
function* b(mail: Mail): Program<void> {
  const question = yield* mail.receive();
  yield* mail.sleep(WAY);
  const id = question?.text.split(' ')[0];
  mail.send('A', `${id} ${TRUE_ANSWER}`);
}

// M answers for itself, and at once in the name of B: with the numbers behind the one it was asked with.
function* answerFirst(mail: Mail, m: Stage['m']): Program<void> {
  const question = yield* mail.receive();
  const seen = Number.parseInt(textOf(question?.bytes ?? new Uint8Array(0)), 10);
  mail.send('A', `${seen} shop is at M`);
  yield* mail.sleep(milliseconds(5));
  for (let id = seen + 1; m.sends('B', 'A', utf8(`${id} ${FALSE_ANSWER}`)); id++);
}

export const nameStolen: Entry = {
  id: 'name-stolen',
  items: [44, 45],
  rung: 'a name server whose questions are counted',
  curedBy: 'a name server whose questions have random numbers',
  claim: 'An answer with the number of the question comes from the server that was asked.',
  position: 'off-path',
  budget: { messages: 100 },
  breaks: 'authentic',
  explanation: [
    'M answers faster than the name server, in its name and with the right number, and A goes to M where it means the bank.',
    'A number that follows the last one can be told by who was asked last, and an answer says of itself where it comes from.',
    'A name is whose answer is believed; random numbers make guessing hard, and only a signature makes it useless.',
  ],
  cure: 'Each question bears 32 random bits, as a random identifier and source port together do.',
  perform(stage, variant) {
    let count = 7000;
    const random = stage.random('identifiers');
    const nextId = variant === 'vulnerable' ? () => ++count : () => random.nextUint32();
    stage.a.acts((mail) => a(mail, nextId));
    stage.b.acts(b);
    stage.mallory.acts((mail) => answerFirst(mail, stage.m));
    return () => ({
      succeeded: stage.a.believes(FALSE_ANSWER),
      evidence: `A was told that the ${stage.a.notes.join()}`,
      honest: stage.a.notes.length === 1,
    });
  },
};
