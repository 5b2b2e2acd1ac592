// B keeps salted hashes. M tries a list of common passwords against one user, and hashing is fast.

import { bytesEqual, utf8 } from '../../../core/bytes.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import {
  COMMON_PASSWORDS,
  commonPassword,
  hashed,
  type Keeping,
  keepsPasswords,
  logsIn,
  slowlyHashed,
  stored,
} from '../password_database.ts';
import type { Principal } from '../stage.ts';

/** Returns how many passwords it tried. */
function tryList(m: Attacker, victim: Principal, { digest, cost }: Keeping): number {
  let tried = 0;
  for (const { name, salt, digest: wanted } of stored(victim)) {
    for (const word of COMMON_PASSWORDS) {
      if (!m.computes(cost)) return tried;
      tried++;
      if (!bytesEqual(digest(utf8(word), salt), wanted)) continue;
      m.knowledge.learn(utf8(word), `guessed password of ${name}`);
      break;
    }
  }
  return tried;
}

export const dictionaryTried: Entry = {
  id: 'dictionary-tried',
  items: [118],
  rung: 'salted hashes',
  curedBy: 'salted slow hashes',
  claim: 'With a salt no table helps, and M has to guess for each user anew.',
  position: 'storage',
  budget: { computations: 2000 },
  breaks: 'confidential',
  explanation: [
    'M goes through a list of 1,000 common passwords with the salt of Alice, and finds hers with less than 1,000 hashes.',
    'A hash is made to be fast, and guessing profits from that more than B does, who hashes once a login.',
    'Passwords want a hash that is slow and takes much memory, since a password has far less randomness than a key.',
  ],
  cure: 'B hashes with Argon2id (scrypt and PBKDF2 are others): a guess costs 64 computations here, and millions in earnest.',
  perform(stage, variant) {
    const { m } = stage;
    const keeping = variant === 'vulnerable' ? hashed(stage.crypto, 16) : slowlyHashed(stage.crypto);
    const password = commonPassword(stage.random('passwords'), 'Alice');
    stage.b.acts((mail) => keepsPasswords(mail, stage.b.disk, keeping));
    stage.a.acts((mail) => logsIn(mail, 'Alice', password.text));
    return () => {
      const tried = tryList(m, stage.b, keeping);
      const path = m.knowledge.pathTo(password);
      return {
        succeeded: path !== undefined,
        evidence: `${tried} of ${COMMON_PASSWORDS.length} passwords tried with ${m.spent.computations} computations: ${path === undefined ? 'none fits' : `M has "${password.text}" (${path})`}`,
        honest: stage.a.believes('welcome'),
      };
    };
  },
};
