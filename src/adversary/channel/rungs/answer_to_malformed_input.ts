// B says whether what it decrypts is well formed. M changes one letter of A's message after the other, and reads the
// message off B's answers.

import { utf8 } from '../../../core/bytes.ts';
import { seconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import { type Inquiry, inquire } from '../../attack/inquiry.ts';
import type { Entry } from '../entry.ts';
import { E_NONCE_LENGTH } from '../names.ts';
import type { Mail } from '../stage.ts';
import { encrypted, textIn, type Wrapping, withMac } from '../wrapping.ts';

const SEPARATOR = ';';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789-';

// A -> B: E(key, "alice;...")
function* a(mail: Mail, password: string, { wrap }: Wrapping): Program<void> {
  mail.send('B', wrap(utf8(`alice${SEPARATOR}${password}`)));
  const answer = yield* mail.receive();
  if (answer !== undefined) mail.note(answer.text);
}

// B -> A: accepted, or: wrong password, or: malformed
function* b(mail: Mail, password: string, wrapping: Wrapping): Program<void> {
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    const fields = textIn(wrapping, letter.bytes).split(SEPARATOR);
    if (fields.length !== 2) mail.send('A', 'malformed');
    else mail.send('A', fields[1] === password ? 'accepted' : 'wrong password');
  }
}

// Is this letter an "a"? Then XOR with "a" XOR ";" makes a separator of it, and B finds three fields.
function* readLetters(m: Attacker, from: number): Inquiry {
  const ciphertext = m.latest('A', 'B')?.bytes ?? new Uint8Array(0);
  let found = '';
  for (let at = from; at < ciphertext.length; at++) {
    for (const letter of LETTERS) {
      const changed = ciphertext.slice();
      changed[at] = (changed[at] ?? 0) ^ letter.charCodeAt(0) ^ SEPARATOR.charCodeAt(0);
      const answer = String.fromCharCode(...(yield changed));
      if (answer !== 'malformed') continue;
      found += letter;
      break;
    }
  }
  m.knowledge.learn(utf8(found), "B's answers to changed messages");
}

export const answerToMalformedInput: Entry = {
  id: 'answer-to-malformed-input',
  items: [65],
  rung: 'encryption alone',
  curedBy: 'encrypt then MAC',
  claim: 'Without the key nothing is learned about the message.',
  position: 'on-path',
  budget: { messages: 1000 },
  breaks: 'confidential',
  explanation: [
    'M guesses a letter, changes the ciphertext so that this letter would become a separator, and sees by the answer of B whether it did.',
    'B decrypts whatever comes and says something about the result: each answer is a small piece of the message.',
    'Whoever processes what it has not authenticated works for the attacker, and an error message is enough for that.',
  ],
  cure: 'B looks at the MAC first, and gives the same answer to whatever was changed.',
  perform(stage, variant) {
    const { m } = stage;
    const password = stage.secret('password');
    const alone = encrypted(stage.names, stage.key('encryption'));
    const wrapping = variant === 'vulnerable' ? alone : withMac(stage.names, stage.key('authentication'), alone);
    stage.b.acts((mail) => b(mail, password.text, wrapping));
    stage.a.acts((mail) => a(mail, password.text, wrapping));
    const passwordAt = E_NONCE_LENGTH + 'alice;'.length;
    stage.at(seconds(1), () => inquire(m, { from: 'A', to: 'B' }, { from: 'B', to: 'A' }, readLetters(m, passwordAt)));
    return () => {
      const path = m.knowledge.pathTo(password);
      return {
        succeeded: path !== undefined,
        evidence: `M asked ${m.spent.messages} times and ${path === undefined ? 'learned nothing' : 'has the password'}`,
        honest: stage.a.believes('accepted'),
      };
    };
  },
};
