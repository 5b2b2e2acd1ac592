// B fetches a program from its maker A, with its hash beside it. M puts another program in its place, and another hash.

import { hexOf, textOf, utf8 } from '../../../core/bytes.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Entry } from '../entry.ts';
import type { LectureNames } from '../names.ts';
import { type Writer, writer } from '../signed_text.ts';
import { type Mail, pack, unpack } from '../stage.ts';

const QUESTION = 'Is there a newer version?';
const GOOD = 'version 2: open files, print them';
const BAD = 'version 2: open files, send them to M';

/** The program as it is sent, and as it is read; nothing where it does not pass. */
interface Packaging {
  readonly wrap: (program: string) => Uint8Array;
  readonly open: (bytes: Uint8Array) => string | undefined;
}

// A -> B: program, hash(program)
const withHash = ({ hash }: LectureNames): Packaging => ({
  wrap: (program) => pack(program, hexOf(hash(utf8(program)))),
  open(bytes) {
    const [program, sum] = unpack(bytes, 2) ?? [];
    if (program === undefined || sum === undefined) return undefined;
    return hexOf(hash(program)) === textOf(sum) ? textOf(program) : undefined;
  },
});

// A -> B: program [signature by A]        B came with A's public key
const withSignature = (maker: Writer): Packaging => ({ wrap: maker.sign, open: maker.verify });

// B -> A: Is there a newer version?
function* b(mail: Mail, { open }: Packaging): Program<void> {
  mail.send('A', QUESTION);
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const program = open(letter.bytes);
    if (program === undefined) mail.note('refuses what came');
    else {
      mail.note(`runs ${program}`);
      return;
    }
  }
}

function* a(mail: Mail, { wrap }: Packaging): Program<void> {
  const letter = yield* mail.receive();
  if (letter?.text === QUESTION) mail.send(letter.from, wrap(GOOD));
}

export const updateReplaced: Entry = {
  id: 'update-replaced',
  items: [102],
  rung: 'an update with its hash beside it',
  curedBy: 'a signed update',
  claim: 'A program whose hash is right is the one that the maker offers.',
  position: 'on-path',
  budget: { messages: 1 },
  breaks: 'authentic',
  explanation: [
    'M answers with a program of its own in front of the true one, and with the hash of its own program beside it.',
    'Anybody can compute a hash: beside a program it tells of accidents, and of nobody who meant it.',
    'What is to be installed must come with what its maker alone can make, and the key to check it must be there before.',
  ],
  cure: "The maker signs the program, and machines come with the maker's public key.",
  perform(stage, variant) {
    const { names } = stage;
    const packaging = variant === 'vulnerable' ? withHash(names) : withSignature(writer(stage, 'A'));
    stage.a.acts((mail) => a(mail, packaging));
    stage.b.acts((mail) => b(mail, packaging));
    // M wraps its program as anybody can; who has no key signs with one of its own.
    const ownPackaging = variant === 'vulnerable' ? packaging : withSignature(writer(stage, 'M'));
    stage.m.intercepts(({ from, bytes }) => (from === 'A' ? [ownPackaging.wrap(BAD), bytes] : 'pass'));
    return () => {
      const succeeded = stage.b.believes(`runs ${BAD}`);
      const evidence = `B ${stage.b.notes.join(', and ')}`;
      return { succeeded, evidence, honest: succeeded || stage.b.believes(`runs ${GOOD}`) };
    };
  },
};
