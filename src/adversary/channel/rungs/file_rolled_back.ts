// A file with a MAC, which A writes anew from time to time. M keeps an old one, and puts it back.

import { textOf, utf8 } from '../../../core/bytes.ts';
import { seconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Entry } from '../entry.ts';
import { type File, protectedFile } from '../protected_file.ts';
import type { Mail, Principal, Stage } from '../stage.ts';

const OLD = 'C may draw $900';
const NEW = 'C may draw $0';

// A -> A, later: E(key, 'C may draw $900'), MAC
// A -> A, later: E(key, 'C may draw $0'), MAC
function* a(mail: Mail, { disk }: Principal, file: File): Program<void> {
  const read = (): void => {
    const found = file.open(disk.get('limits') ?? new Uint8Array(0));
    mail.note(found === undefined ? 'this is not the newest file' : textOf(found));
  };
  for (const text of [OLD, NEW]) {
    disk.set('limits', file.seal(utf8(text)));
    read();
    yield* mail.sleep(seconds(10));
  }
  read();
}

// Replay, on a disk: copied at one time, put back at another.
function rollBack(stage: Stage, victim: Principal): void {
  let copy: Uint8Array | undefined;
  stage.at(seconds(5), () => {
    copy = stage.m.opens(victim).get('limits');
  });
  stage.at(seconds(15), () => {
    if (copy !== undefined) stage.m.opens(victim).set('limits', copy);
  });
}

export const fileRolledBack: Entry = {
  id: 'file-rolled-back',
  items: [40, 83],
  rung: 'an encrypted file with a MAC',
  curedBy: 'a file whose version is kept elsewhere',
  claim: 'What A reads from the disk is what A wrote to it.',
  position: 'storage',
  budget: {},
  breaks: 'fresh',
  explanation: [
    'M copies the file, waits until A has written another, and puts the copy back: C may draw $900 again.',
    'The old file was truly written by A, and nothing on the disk can tell that it is not the newest, since M has all of it.',
    'Rolling back is replay with oneself, and only something outside of the reach of M can remember what is new.',
  ],
  cure: 'The MAC also covers a version, and the newest version is kept where M cannot write.',
  perform(stage, variant) {
    const { a: victim } = stage;
    const file = protectedFile(stage, variant === 'cured');
    victim.acts((mail) => a(mail, victim, file));
    rollBack(stage, victim);
    return () => ({
      succeeded: victim.notes[2] === OLD,
      evidence: `A wrote "${NEW}" and finds: "${victim.notes[2]}"`,
      honest: victim.notes[0] === OLD && victim.notes[1] === NEW,
    });
  },
};
