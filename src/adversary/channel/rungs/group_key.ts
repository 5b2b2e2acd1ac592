// All members of a group share one key. C, who is one of them, writes to B in the name of A.

import { bytesEqual, textOf, utf8 } from '../../../core/bytes.ts';
import { seconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { LectureNames } from '../names.ts';
import { type Mail, pack, type Stage, unpack } from '../stage.ts';

const FORGED = 'A writes: C may have my car.';

/** The key that two members use with each other. */
type KeyOf = (one: string, other: string) => Uint8Array;

/** A key for each two of them, or one for all; and which keys there are. */
function agree(stage: Stage, members: readonly string[], isPairwise: boolean): { keyOf: KeyOf; keys: Set<string> } {
  const label = (one: string, other: string): string => (isPairwise ? [one, other].sort().join('-') : 'group');
  const keys = new Set<string>();
  for (const one of members) for (const other of members) if (one !== other) keys.add(label(one, other));
  return { keyOf: (one, other) => stage.key(label(one, other)), keys };
}

// A -> B: 'A writes: ...', MAC(key of A and B, 'A writes: ...')
function a(mail: Mail, { MAC }: LectureNames, keyOf: KeyOf): void {
  const text = 'A writes: good morning.';
  mail.send('B', pack(text, MAC(keyOf('A', 'B'), utf8(text))));
}

function* b(mail: Mail, { MAC }: LectureNames, keyOf: KeyOf): Program<void> {
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const [text, mac] = unpack(letter.bytes, 2) ?? [];
    if (text === undefined || mac === undefined) continue;
    if (bytesEqual(MAC(keyOf(letter.from, 'B'), text), mac)) mail.note(textOf(text));
  }
}

// C uses each key that it holds as a member.
function writeAsA(m: Attacker, { MAC }: LectureNames, held: readonly Uint8Array[]): void {
  for (const key of held) m.sends('A', 'B', pack(FORGED, MAC(key, utf8(FORGED))));
}

export const groupKey: Entry = {
  id: 'group-key',
  items: [69, 71],
  rung: 'a MAC under a key of the group',
  curedBy: 'a MAC under a key for each two',
  claim: 'Only members have the key, and a message of A says that it is of A.',
  position: 'same-segment',
  budget: { messages: 2 },
  breaks: 'authentic',
  explanation: [
    'C is a member, has the key of the group, and writes to B in the name of A.',
    'A MAC shows that its writer has the key, and here everybody has it, so that it tells members from strangers only.',
    'To know who wrote, each two need a key of their own, and the number of keys grows with the square of the members.',
  ],
  cure: 'A and B share a key that C does not have, or else A signs.',
  perform(stage, variant) {
    const isPairwise = variant === 'cured';
    const { keyOf, keys } = agree(stage, ['A', 'B', 'C'], isPairwise);
    const hundred = agree(
      stage,
      Array.from({ length: 100 }, (_, i) => `member ${i}`),
      isPairwise,
    ).keys.size;
    stage.b.acts((mail) => b(mail, stage.names, keyOf));
    stage.a.acts((mail) => a(mail, stage.names, keyOf));
    stage.at(seconds(1), () => writeAsA(stage.m, stage.names, [keyOf('C', 'A'), keyOf('C', 'B')]));
    return () => ({
      succeeded: stage.b.believes(FORGED),
      evidence: `B takes for A's: "${[...new Set(stage.b.notes)].join('" and "')}" (keys for 3 members: ${keys.size}, for 100: ${hundred})`,
      honest: stage.b.believes('A writes: good morning.'),
    });
  },
};
