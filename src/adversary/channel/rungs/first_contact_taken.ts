// Trust on first use, and M is there at the first use.

import { announcesKey, type Belief, firstUse, standsBetween, visitsB } from '../announced_key.ts';
import type { Entry } from '../entry.ts';

export const firstContactTaken: Entry = {
  id: 'first-contact-taken',
  items: [72, 78],
  rung: 'trust on first use',
  curedBy: 'public key given beforehand',
  claim: 'A keeps the first key that B announces, and refuses any other from then on.',
  position: 'on-path',
  budget: {},
  breaks: 'confidential',
  explanation: [
    'M stands between A and B from the first visit on, so that the key that A keeps is that of M.',
    'Remembering protects what was right at the beginning, and the beginning itself is as unprotected as before.',
    'Trust on first use shortens the time in which M must come; to be rid of it, some secure way is needed once.',
  ],
  cure: 'The key comes before the first visit, in a way that M cannot reach.',
  perform(stage, variant) {
    const formulas = [stage.secret('first'), stage.secret('second')] as const;
    const keys = stage.names.encryptionKeys(stage.random('keys of B'));
    const belief: Belief = variant === 'vulnerable' ? firstUse(stage.a) : () => keys.publicKey;
    stage.b.acts((mail) => announcesKey(mail, keys, stage.names));
    stage.a.acts((mail) =>
      visitsB(
        mail,
        formulas.map(({ text }) => text),
        belief,
        stage.names,
      ),
    );
    standsBetween(stage.m, stage.names.encryptionKeys(stage.random('keys of M')), stage.names);
    return () => {
      const known = formulas.filter((formula) => stage.m.knowledge.knows(formula));
      return {
        succeeded: known.length > 0,
        evidence: `M has ${known.length} of ${formulas.length} formulas, and A noticed ${stage.a.notes.length === 0 ? 'nothing' : 'the change'}`,
        honest: formulas.every(({ text }) => stage.b.believes(`The secret formula is ${text}`)),
      };
    };
  },
};
