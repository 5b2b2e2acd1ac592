// A door that opens for one address: B obeys whatever comes from A, or seems to. How B makes sure is what differs.
//
//   nothing            A -> B: open the window
//   a number           A -> B: hello;  B -> A: number n;  A -> B: n open the window
//
// The second is what TCP does with the numbers of its handshake. Not here: who else sends orders.

import { utf8 } from '../../core/bytes.ts';
import type { Program } from '../../world/app/program.ts';
import type { Mail } from './stage.ts';
import { inTheClear, textIn, type Wrapping } from './wrapping.ts';

const ORDER_OF_A = 'open the window';
export const ORDER_OF_M = 'open the door';

/** The next number of the handshake; there is none where B asks for none. */
export type NextNumber = ((mail: Mail) => number) | undefined;

export function* a(mail: Mail, hasNumbers: boolean, { wrap }: Wrapping = inTheClear): Program<void> {
  if (!hasNumbers) return mail.send('B', wrap(utf8(ORDER_OF_A)));
  mail.send('B', 'hello');
  const answer = yield* mail.receive();
  if (answer !== undefined) mail.send('B', wrap(utf8(`${answer.text.replace('number', '').trim()} ${ORDER_OF_A}`)));
}

export function* b(mail: Mail, nextNumber: NextNumber, wrapping: Wrapping = inTheClear): Program<void> {
  const numbers = new Map<string, number>();
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    const { from, text } = letter;
    if (nextNumber !== undefined && text === 'hello') {
      const number = nextNumber(mail);
      numbers.set(from, number);
      mail.send(from, `number ${number}`);
    } else if (from === 'A') {
      const order = textIn(wrapping, letter.bytes);
      const proof = nextNumber === undefined ? '' : `${numbers.get(from)} `;
      if (order.startsWith(proof)) mail.note(order.slice(proof.length));
      numbers.delete(from);
    }
  }
}

/** What B did. */
export const obeyed = (notes: readonly string[]): { succeeded: boolean; evidence: string; honest: boolean } => ({
  succeeded: notes.includes(ORDER_OF_M),
  evidence: `B obeyed: ${notes.join(', ')}`,
  honest: notes.includes(ORDER_OF_A),
});

/** Nobody can guess it. */
export const randomNumber: NextNumber = ({ random }) => random.nextUint32();
