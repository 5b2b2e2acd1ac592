// B keeps salted hashes. M tries a list of common passwords against each user, and hashing is fast.

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

const USERS = ['Alice', 'Bob', 'Carol', 'Dave'];

export const dictionaryTried: Entry = {
  id: 'dictionary-tried',
  items: [118],
  rung: 'salted hashes',
  curedBy: 'salted slow hashes',
  claim: 'With a salt no table helps, and M has to guess for each user anew.',
  position: 'storage',
  budget: { computations: USERS.length * COMMON_PASSWORDS.length },
  breaks: 'confidential',
  explanation: [
    'M goes through a list of 1,000 common passwords with the salt of each user, and finds all with less than 1,000 hashes each.',
    'A hash is made to be fast, and guessing profits from that more than B does, who hashes once a login.',
    'Passwords want a hash that is slow and takes much memory, since a password has far less randomness than a key.',
  ],
  cure: 'B hashes with Argon2id (scrypt and PBKDF2 are others): a guess costs 64 computations here, and millions in earnest.',
  perform(stage, variant) {
    const { m } = stage;
    const keeping = variant === 'vulnerable' ? hashed(stage.crypto, 16) : slowlyHashed(stage.crypto);
    const draws = stage.random('passwords');
    const users = USERS.map((name) => ({ password: commonPassword(draws, name), principal: stage.principal(name) }));
    stage.b.acts((mail) => keepsPasswords(mail, stage.b.disk, keeping));
    for (const { principal, password } of users) principal.acts((mail) => logsIn(mail, principal.name, password.text));
    return () => {
      const tried = tryList(m, stage.b, keeping);
      const known = users.filter(({ password }) => m.knowledge.knows(password)).length;
      return {
        succeeded: known > users.length / 2,
        evidence: `M has the passwords of ${known} of ${users.length} users after ${tried} guesses, which cost ${m.spent.computations} computations`,
        honest: users.every(({ principal }) => principal.believes('welcome')),
      };
    };
  },
};
