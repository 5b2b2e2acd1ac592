// B proves that it is B by the password that it shares with A, and A answers with what is confidential. E reads both.

import { textOf, utf8 } from '../../../core/bytes.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Entry } from '../entry.ts';
import type { Mail } from '../stage.ts';

/** What goes onto the wire, and what comes off it. */
interface Wrapping {
  readonly wrap: (text: string) => Uint8Array;
  readonly unwrap: (bytes: Uint8Array) => string;
}

// A -> B: What's the password?
// B -> A: It's '...'.
// A -> B: That's right! Here's my confidential information.
function* a(mail: Mail, password: string, information: string, { wrap, unwrap }: Wrapping): Program<void> {
  mail.send('B', wrap("What's the password?"));
  const answer = yield* mail.receive();
  if (answer === undefined || unwrap(answer.bytes) !== `It's '${password}'.`) return;
  mail.send('B', wrap(`That's right! Here's my confidential information: ${information}`));
}

function* b(mail: Mail, password: string, { wrap, unwrap }: Wrapping): Program<void> {
  const question = yield* mail.receive();
  if (question === undefined || unwrap(question.bytes) !== "What's the password?") return;
  mail.send('A', wrap(`It's '${password}'.`));
  const last = yield* mail.receive();
  if (last !== undefined) mail.note(unwrap(last.bytes));
}

export const passwordOnRequestRead: Entry = {
  id: 'password-on-request-read',
  items: [53],
  rung: 'password on request',
  curedBy: 'encryption alone',
  claim: 'Only B gets the information, since only B knows the password.',
  position: 'tap',
  budget: {},
  breaks: 'confidential',
  explanation: [
    'E sits where all messages pass, and reads the password and then the information.',
    'A secret that is said aloud is no secret any more: whoever hears it has it as well as B.',
    'A shared secret must be used without being sent.',
  ],
  cure: 'The shared secret becomes a key: what crosses the network is E(key, message).',
  perform(stage, variant) {
    const password = stage.secret('password');
    const information = stage.secret('information');
    const { E, D } = stage.names;
    const key = stage.key('of A and B');
    const inTheClear: Wrapping = { wrap: utf8, unwrap: textOf };
    const encrypted: Wrapping = {
      wrap: (text) => E(key, utf8(text)),
      unwrap: (bytes) => textOf(D(key, bytes) ?? new Uint8Array(0)),
    };
    const wrapping = variant === 'vulnerable' ? inTheClear : encrypted;
    stage.b.acts((mail) => b(mail, password.text, wrapping));
    stage.a.acts((mail) => a(mail, password.text, information.text, wrapping));
    return () => {
      const path = stage.m.knowledge.pathTo(information);
      return {
        succeeded: path !== undefined && stage.m.knowledge.knows(password),
        evidence: path === undefined ? 'E heard only what it cannot read' : `E has the information (${path})`,
        honest: stage.b.notes.some((note) => note.includes(information.text)),
      };
    };
  },
};
