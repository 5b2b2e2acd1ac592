// A MAC shows who wrote a message, and hides nothing of it.

import { textOf, utf8 } from '../../../core/bytes.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Entry } from '../entry.ts';
import type { Mail } from '../stage.ts';
import { encrypted, type Wrapping, withMac } from '../wrapping.ts';

// A -> B: Please pay $100 to account ... @@@
function a(mail: Mail, account: string, { wrap }: Wrapping): void {
  mail.send('B', wrap(utf8(`Please pay $100 to ${account}.`)));
}

// B rejects if it doesn't match @@@
function* b(mail: Mail, { unwrap }: Wrapping): Program<void> {
  const letter = yield* mail.receive();
  const order = letter === undefined ? undefined : unwrap(letter.bytes);
  mail.note(order === undefined ? 'refused' : textOf(order));
}

export const macAloneRead: Entry = {
  id: 'mac-alone-read',
  items: [66, 68],
  rung: 'MAC alone',
  curedBy: 'encrypt then MAC',
  claim: 'The message is protected by a key that only A and B have.',
  position: 'tap',
  budget: {},
  breaks: 'confidential',
  explanation: [
    'E reads the order as A has written it, with the MAC behind it.',
    'A MAC is made from the message and sent beside it: the message itself crosses the network in the clear.',
    'That nobody can change a message and that nobody can read it are two properties, and each needs a key of its own.',
  ],
  cure: 'A encrypts first, and the MAC under a second key is that of the ciphertext.',
  perform(stage, variant) {
    const account = stage.secret('account');
    const inner = variant === 'cured' ? encrypted(stage.names, stage.key('encryption')) : undefined;
    const wrapping = withMac(stage.names, stage.key('authentication'), inner);
    stage.b.acts((mail) => b(mail, wrapping));
    stage.a.acts((mail) => a(mail, account.text, wrapping));
    return () => {
      const path = stage.m.knowledge.pathTo(account);
      return {
        succeeded: path !== undefined,
        evidence: path === undefined ? 'E heard only a ciphertext' : `E has the account (${path})`,
        honest: stage.b.believes(`Please pay $100 to ${account.text}.`),
      };
    };
  },
};
