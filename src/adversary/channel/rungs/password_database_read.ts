// B keeps the passwords of its users as they are. M gets a copy of the disk.

import type { Entry } from '../entry.ts';
import { hashed, inTheClear, keepsPasswords, logsIn, stored } from '../password_database.ts';

export const passwordDatabaseRead: Entry = {
  id: 'password-database-read',
  items: [40, 118],
  rung: 'passwords in the clear',
  curedBy: 'hashed passwords',
  claim: 'Only B sees the passwords, since they travel over a secure channel.',
  position: 'storage',
  budget: {},
  breaks: 'confidential',
  explanation: [
    'M copies the disk of B, and has the password of each user, for B and wherever else the user has it.',
    'B keeps more than it needs: to compare a password it is enough to have its hash.',
    'A hash is one-way, so that a password that cannot be guessed cannot be got back from it.',
  ],
  cure: 'B keeps hash(password), and compares that with the hash of what comes.',
  perform(stage, variant) {
    const password = stage.secret('password');
    const { m } = stage;
    const keeping = variant === 'vulnerable' ? inTheClear : hashed(stage.crypto, 0);
    stage.b.acts((mail) => keepsPasswords(mail, stage.b.disk, keeping));
    stage.a.acts((mail) => logsIn(mail, 'Alice', password.text));
    return () => {
      for (const { name, digest } of stored(stage.b)) m.knowledge.learn(digest, `entry of ${name} on the disk`);
      const path = m.knowledge.pathTo(password);
      return {
        succeeded: path !== undefined,
        evidence: path === undefined ? 'M has a hash, and no way back' : `M has the password (${path})`,
        honest: stage.a.believes('welcome'),
      };
    };
  },
};
