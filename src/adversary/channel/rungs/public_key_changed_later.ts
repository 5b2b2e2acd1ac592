// M comes between A and B on the second visit. Whoever believes each key anew never knows that it is another one.

import { announcesKey, type Belief, firstUse, standsBetween, visitsB } from '../announced_key.ts';
import type { Entry } from '../entry.ts';

export const publicKeyChangedLater: Entry = {
  id: 'public-key-changed-later',
  items: [43, 78],
  rung: 'public key sent along',
  curedBy: 'trust on first use',
  claim: 'A asks B for its key on each visit, and so always has the newest.',
  position: 'on-path',
  budget: {},
  breaks: 'confidential',
  explanation: [
    'The first visit goes well; on the second M announces its own key, and reads what A writes.',
    'A asks as if it had never met B, so that M may come at any time.',
    'What one has seen once is worth remembering: a changed key is either a new machine or M.',
  ],
  cure: 'A keeps the first key that it saw and compares: at the second visit it notices the change, and sends nothing.',
  perform(stage, variant) {
    const formulas = [stage.secret('first'), stage.secret('second')] as const;
    const keys = stage.names.encryptionKeys(stage.random('keys of B'));
    const belief: Belief = variant === 'vulnerable' ? (announced) => announced : firstUse(stage.a);
    stage.b.acts((mail) => announcesKey(mail, keys, stage.names));
    stage.a.acts((mail) =>
      visitsB(
        mail,
        formulas.map(({ text }) => text),
        belief,
        stage.names,
      ),
    );
    standsBetween(stage.m, stage.names.encryptionKeys(stage.random('keys of M')), stage.names, 2);
    return () => {
      const path = stage.m.knowledge.pathTo(formulas[1]);
      return {
        succeeded: path !== undefined,
        evidence:
          path === undefined
            ? `on the second visit A noted "${stage.a.notes.join()}"`
            : `M has the second formula (${path})`,
        honest: stage.b.believes(`The secret formula is ${formulas[0].text}`),
      };
    };
  },
};
