// B keeps hashes of passwords. M has hashed a list of common passwords once, and looks all users up in that.

import { hexOf, utf8 } from '../../../core/bytes.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import {
  COMMON_PASSWORDS,
  commonPassword,
  hashed,
  type Keeping,
  keepsPasswords,
  logsIn,
  stored,
} from '../password_database.ts';
import type { Principal } from '../stage.ts';

const USERS = ['Alice', 'Bob', 'Carol', 'Dave', 'Erin', 'Frank', 'Grace', 'Heidi'];

// One table a salt: where there is none, one table for everybody.
function lookUp(m: Attacker, victim: Principal, { digest }: Keeping): void {
  const tables = new Map<string, Map<string, string>>();
  for (const { name, salt, digest: wanted } of stored(victim)) {
    let table = tables.get(hexOf(salt));
    if (table === undefined) {
      table = new Map();
      tables.set(hexOf(salt), table);
      for (const word of COMMON_PASSWORDS) if (m.computes()) table.set(hexOf(digest(utf8(word), salt)), word);
    }
    const password = table.get(hexOf(wanted));
    if (password !== undefined) m.knowledge.learn(utf8(password), `password of ${name}, by its hash`);
  }
}

export const oneTableForAll: Entry = {
  id: 'one-table-for-all',
  items: [115, 118],
  rung: 'hashed passwords',
  curedBy: 'salted hashes',
  claim: 'From a hash nobody gets the password back, other than by guessing.',
  position: 'storage',
  budget: { computations: COMMON_PASSWORDS.length },
  breaks: 'confidential',
  explanation: [
    'M hashes 1,000 common passwords once, and finds the hashes of all eight users among them.',
    'Guessing is what people who choose passwords make easy, and one computation serves against all users of all servers.',
    'A salt, random and different for each user, makes each guess good for one user alone, and tables made beforehand useless.',
  ],
  cure: 'B keeps a random salt for each user, and hash(salt + password).',
  perform(stage, variant) {
    const { m } = stage;
    const keeping = hashed(stage.crypto, variant === 'vulnerable' ? 0 : 16);
    const draws = stage.random('passwords');
    const users = USERS.map((name) => ({ password: commonPassword(draws, name), principal: stage.principal(name) }));
    stage.b.acts((mail) => keepsPasswords(mail, stage.b.disk, keeping));
    for (const { principal, password } of users) principal.acts((mail) => logsIn(mail, principal.name, password.text));
    return () => {
      lookUp(m, stage.b, keeping);
      const known = users.filter(({ password }) => m.knowledge.knows(password)).length;
      return {
        succeeded: known === users.length,
        evidence: `M has the passwords of ${known} of ${users.length} users after ${m.spent.computations} hashes`,
        honest: users.every(({ principal }) => principal.believes('welcome')),
      };
    };
  },
};
