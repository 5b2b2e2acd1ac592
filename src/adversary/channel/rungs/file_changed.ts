// A leaves a message to itself on a disk, encrypted. M has the disk for a night, and changes what it cannot read.

import { textOf, utf8 } from '../../../core/bytes.ts';
import { seconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import { E_NONCE_LENGTH } from '../names.ts';
import { type File, plainFile, protectedFile } from '../protected_file.ts';
import type { Mail, Principal } from '../stage.ts';

const WRITTEN = 'I owe C $100';
const FORGED = 'I owe C $999';

// A -> A, later: E(key, 'I owe C $100')
function* a(mail: Mail, { disk }: Principal, file: File): Program<void> {
  const read = (): void => {
    const found = file.open(disk.get('debts') ?? new Uint8Array(0));
    mail.note(found === undefined ? 'the file was changed' : textOf(found));
  };
  disk.set('debts', file.seal(utf8(WRITTEN)));
  read();
  yield* mail.sleep(seconds(10));
  read();
}

// Each bit of the ciphertext stands for one bit of the message, as on the network.
function flipBits(m: Attacker, victim: Principal): void {
  const disk = m.opens(victim);
  const file = disk.get('debts')?.slice();
  if (file === undefined) return;
  const written = utf8(WRITTEN);
  utf8(FORGED).forEach((byte, i) => {
    const at = E_NONCE_LENGTH + i;
    file[at] = (file[at] ?? 0) ^ byte ^ (written[i] ?? 0);
  });
  disk.set('debts', file);
}

export const fileChanged: Entry = {
  id: 'file-changed',
  items: [40, 62],
  rung: 'an encrypted file',
  curedBy: 'an encrypted file with a MAC',
  claim: 'Nobody else has the key, so that the file still says what A wrote.',
  position: 'storage',
  budget: {},
  breaks: 'authentic',
  explanation: [
    'M flips a few bits of the file on the disk, and A reads that it owes C $999.',
    'A disk is a channel to oneself: whoever has it in between can do what M does on a network.',
    'Messages at rest need a MAC as much as messages under way, although sender and receiver are one.',
  ],
  cure: 'A writes a MAC of the ciphertext behind it, and reads nothing whose MAC is wrong.',
  perform(stage, variant) {
    const { a: victim } = stage;
    const file = variant === 'vulnerable' ? plainFile(stage) : protectedFile(stage);
    victim.acts((mail) => a(mail, victim, file));
    stage.at(seconds(5), () => flipBits(stage.m, victim));
    return () => ({
      succeeded: victim.believes(FORGED),
      evidence: `A finds: "${victim.notes.at(-1)}"`,
      honest: victim.notes[0] === WRITTEN,
    });
  },
};
