// M does not know the password. It asks B for it in A's name, and gives it to A in B's name.

import { utf8 } from '../../../core/bytes.ts';
import { seconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import { says } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { Mail, Stage } from '../stage.ts';
import { encrypted, inTheClear, textIn, type Wrapping } from '../wrapping.ts';

const QUESTION = "What's the password?";

// A -> B: What's the password?
// B -> A: It's '...'.
// A -> B: That's right! Here's my confidential information.
function* a(mail: Mail, password: string, information: string, wrapping: Wrapping): Program<void> {
  yield* mail.sleep(seconds(1));
  mail.send('B', wrapping.wrap(utf8(QUESTION)));
  const answer = yield* mail.receive();
  if (answer === undefined || textIn(wrapping, answer.bytes) !== `It's '${password}'.`) return;
  mail.note('this is B');
  mail.send('B', wrapping.wrap(utf8(`That's right! Here's my confidential information: ${information}`)));
}

function* b(mail: Mail, password: string, wrapping: Wrapping): Program<void> {
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    const text = textIn(wrapping, letter.bytes);
    if (text === QUESTION) mail.send('A', wrapping.wrap(utf8(`It's '${password}'.`)));
    if (text.startsWith("That's right!")) mail.note(text);
  }
}

// M -> B: What's the password?          as A
// B -> A: It's '...'.                   M keeps it
// A -> B: What's the password?          M keeps it
// M -> A: It's '...'.                   as B
// A -> B: That's right! ...             M keeps it
function pretend(stage: Stage): void {
  const { m } = stage;
  let password: Uint8Array | undefined;
  m.intercepts((message) => {
    const text = says(message);
    if (message.from === 'B' && text.startsWith("It's '")) {
      password = message.bytes;
      return 'drop';
    }
    if (message.from !== 'A' || password === undefined) return 'pass';
    if (text === QUESTION) m.sends('B', 'A', password);
    return 'drop';
  });
  stage.at(seconds(0), () => m.sends('A', 'B', utf8(QUESTION)));
}

export const passwordOnRequestRelayed: Entry = {
  id: 'password-on-request-relayed',
  items: [53],
  rung: 'password on request',
  curedBy: 'encryption alone',
  claim: 'Whoever says the password is B, since nobody else knows it.',
  position: 'on-path',
  budget: { messages: 2 },
  breaks: 'bound to the right principals',
  explanation: [
    'M asks B for the password in the name of A, repeats the answer to A in the name of B, and keeps the information.',
    'B tells the password to whoever asks, and A believes whoever repeats it.',
    'A password that is sent proves no more than that somebody has heard it.',
  ],
  cure: 'The shared secret becomes a key: M can neither write a question that B understands nor read what A answers.',
  perform(stage, variant) {
    const password = stage.secret('password');
    const information = stage.secret('information');
    const wrapping = variant === 'vulnerable' ? inTheClear : encrypted(stage.names, stage.key('of A and B'));
    stage.b.acts((mail) => b(mail, password.text, wrapping));
    stage.a.acts((mail) => a(mail, password.text, information.text, wrapping));
    pretend(stage);
    return () => {
      const bHasIt = stage.b.notes.some((note) => note.includes(information.text));
      const succeeded = stage.a.believes('this is B') && !bHasIt && stage.m.knowledge.knows(information);
      return {
        succeeded,
        evidence: succeeded ? 'A takes M for B, and M alone has the information' : 'M heard only what it cannot read',
        honest: succeeded || bHasIt,
      };
    };
  },
};
