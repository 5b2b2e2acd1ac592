// The conversation about the repair man: A asks B three questions, B answers, all is signed. What differs from rung to rung
// is what stands beside questions and answers so that they belong together. And M, who answers with what B said before.

import type { Random } from '../../core/random.ts';
import type { Program } from '../../world/app/program.ts';
import { type Attacker, says } from '../attack/attacker.ts';
import type { Judgement } from './entry.ts';
import type { Writer } from './signed_text.ts';
import type { Mail, Stage } from './stage.ts';

export const LUNCH = 'Did you order lunch?';
export const DOOR = "There's a guy at the door, says he's here to repair the AC. Should I let him in?";
const ANSWERS = new Map([
  [LUNCH, 'Yes.'],
  ['Vegetarian?', 'No, not this time.'],
  [DOOR, 'No.'],
]);

/** What stands beside the texts. */
export interface Labels {
  /** The number of A's next question, `#1`, which B repeats; empty where there are none. */
  number(random: Random): string;
  /** The question with its number. */
  ask(number: string, question: string): string;
  /** A takes only an answer that is labelled as it must be. */
  readonly areChecked: boolean;
  /** B also writes who answers whom, and what was asked. */
  readonly sayWho: boolean;
}

export const UNLABELLED: Labels = {
  number: () => '',
  ask: (_number, question) => question,
  areChecked: true,
  sayWho: false,
};

/** #1 Did you order lunch? */
export function counted(labels: Partial<Labels> = {}): Labels {
  let count = 0;
  return {
    ...UNLABELLED,
    number: () => `#${++count}`,
    ask: (number, question) => `${number} ${question}`,
    ...labels,
  };
}

/** Did you order lunch? [next number #90382] */
export function challenged(bits: number, labels: Partial<Labels> = {}): Labels {
  return {
    ...UNLABELLED,
    number: (random) => `#${random.below(2 ** bits)}`,
    ask: (number, question) => `${question} [next number ${number}]`,
    ...labels,
  };
}

const label = (labels: Labels, number: string, asker: string, question: string): string =>
  (labels.sayWho ? `B answers ${asker}, who asked "${question}": ` : '') + (number === '' ? '' : `${number} `);

// A -> B: Did you order lunch? [signature 1 by A]
// A -> B: Vegetarian? [signature 2 by A]
// A -> B: There's a guy at the door, says he's here to repair the AC. Should I let him in? [signature by A]
export function* a(
  mail: Mail,
  own: Writer,
  b: Writer,
  labels: Labels,
  questions: readonly string[] = [...ANSWERS.keys()],
): Program<void> {
  for (const question of questions) {
    const number = labels.number(mail.random);
    mail.send('B', own.sign(labels.ask(number, question)));
    for (;;) {
      const letter = yield* mail.receive();
      if (letter === undefined) break;
      const text = b.verify(letter.bytes);
      const expected = label(labels, number, 'A', question);
      if (text === undefined || (labels.areChecked && !text.startsWith(expected))) continue;
      mail.note(`${question} ${labels.areChecked ? text.slice(expected.length) : text.replace(/^#\d+ /, '')}`);
      break;
    }
  }
}

// B -> A: Yes. [signature 1 by B]
// B -> A: No, not this time. [signature 2 by B]
export function* b(mail: Mail, own: Writer, others: ReadonlyMap<string, Writer>, labels: Labels): Program<void> {
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    const text = others.get(letter.from)?.verify(letter.bytes) ?? '';
    const [, counter, question = '', challenge] = /^(?:(#\d+) )?(.*?)(?: \[next number (#\d+)\])?$/.exec(text) ?? [];
    const answer = ANSWERS.get(question);
    if (answer === undefined) continue;
    mail.send(letter.from, own.sign(label(labels, counter ?? challenge ?? '', letter.from, question) + answer));
  }
}

// As an attacker, I can copy/paste B's earlier message! It keeps its signature, so it can be verified.
export function answerWithAnEarlierYes(m: Attacker): void {
  const earlier: Uint8Array[] = [];
  let isAtTheDoor = false;
  m.intercepts((message) => {
    if (message.from === 'A' && says(message).includes('at the door')) isAtTheDoor = true;
    if (message.from !== 'B') return 'pass';
    if (says(message).includes('Yes.')) earlier.push(message.bytes);
    return isAtTheDoor && message.to === 'A' ? [...earlier, message.bytes] : 'pass';
  });
}

/** Was he let in, though B never said so? */
export function judgeTheDoor(stage: Stage): Judgement {
  const isIn = stage.a.believes(`${DOOR} Yes.`);
  return {
    succeeded: isIn,
    evidence: isIn
      ? 'A lets the repair man in, on an answer that B gave to another question'
      : `A: "${stage.a.notes.at(-1)}"`,
    honest: stage.a.notes.length >= 3,
  };
}
