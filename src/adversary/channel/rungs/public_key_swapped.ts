// B sends its public key along, when A asks for it. M puts its own in its place, and reads what A encrypts.

import { announcesKey, type Belief, standsBetween, visitsB } from '../announced_key.ts';
import type { Entry } from '../entry.ts';

export const publicKeySwapped: Entry = {
  id: 'public-key-swapped',
  items: [43, 73, 78],
  rung: 'public key sent along',
  curedBy: 'public key given beforehand',
  claim: 'Only B reads what is encrypted to its public key, and that key may be sent to everyone.',
  position: 'on-path',
  budget: {},
  breaks: 'confidential',
  explanation: [
    'M keeps the key of B and hands A its own, decrypts what A sends, and encrypts it again to B.',
    'A public key need not be secret, but nothing in it says whose it is.',
    'Before a key can be used, somebody must have brought it in a way that M cannot change: securely, as the slide says.',
  ],
  cure: 'A has the public key of B from beforehand, and encrypts to that, whatever the network announces.',
  perform(stage, variant) {
    const formula = stage.secret('formula');
    const keys = stage.names.encryptionKeys(stage.random('keys of B'));
    const whateverComes: Belief = (announced) => announced;
    const givenBeforehand: Belief = () => keys.publicKey;
    const belief = variant === 'vulnerable' ? whateverComes : givenBeforehand;
    stage.b.acts((mail) => announcesKey(mail, keys, stage.names));
    stage.a.acts((mail) => visitsB(mail, [formula.text], belief, stage.names));
    standsBetween(stage.m, stage.names.encryptionKeys(stage.random('keys of M')), stage.names);
    return () => {
      const path = stage.m.knowledge.pathTo(formula);
      return {
        succeeded: path !== undefined,
        evidence: path === undefined ? 'M saw only what was encrypted to B' : `M has the formula (${path})`,
        honest: stage.b.believes(`The secret formula is ${formula.text}`),
      };
    };
  },
};
