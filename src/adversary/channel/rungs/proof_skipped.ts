// Toy TLS whose client takes messages in any order: M leaves out the server's proof of who it is (SMACK).

import { textOf, utf8 } from '../../../core/bytes.ts';
import type { AgreementKey, CryptoProvider } from '../../../secure/crypto/provider.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { KeyPair } from '../names.ts';
import { type Mail, pack, type Stage, unpack } from '../stage.ts';

/** What the server sends, in this order. */
const STEPS = ['key share', 'identity', 'next message'];

function seal(crypto: CryptoProvider, shared: Uint8Array, direction: number, text: string): Uint8Array {
  const nonce = Uint8Array.of(direction, ...new Uint8Array(11));
  return crypto.prepareAead('chacha20-poly1305', shared).seal(nonce, new Uint8Array(0), utf8(text));
}

function open(crypto: CryptoProvider, shared: Uint8Array, direction: number, bytes: Uint8Array): string | undefined {
  const nonce = Uint8Array.of(direction, ...new Uint8Array(11));
  const text = crypto.prepareAead('chacha20-poly1305', shared).open(nonce, new Uint8Array(0), bytes);
  return text === undefined ? undefined : textOf(text);
}

// Step 1: verify server identity. Step 2: receive messages from server.
// Returns whether it came to its end.
function* connect(stage: Stage, mail: Mail, b: Uint8Array, secret: string, awaitsInOrder: boolean): Program<boolean> {
  const { crypto, names } = stage;
  const own = crypto.agreement.X25519.generate(mail.random);
  let serverShare = new Uint8Array(0);
  let shared: Uint8Array | undefined;
  mail.send('B', own.publicKey);
  for (let step = 0; ; step++) {
    const letter = yield* mail.receive();
    const [kind, value] = unpack(letter?.bytes ?? new Uint8Array(0), 2) ?? [];
    if (kind === undefined || value === undefined) return false;
    if (awaitsInOrder && textOf(kind) !== STEPS[step]) return false; // the cure: one message is awaited
    switch (textOf(kind)) {
      case 'key share':
        serverShare = value.slice();
        shared = own.agree(serverShare);
        break;
      case 'identity':
        if (!names.V(b, pack(own.publicKey, serverShare), value)) return false;
        break;
      case 'next message': {
        if (shared === undefined || open(crypto, shared, 1, value) !== 'Welcome.') return false;
        mail.send('B', pack('next message', seal(crypto, shared, 0, secret)));
        return true;
      }
    }
  }
}

// B -> A: here is my key share
// B -> A: here's my identity (signature over both key shares)
// B -> A: here's your next message
function* b({ crypto, names }: Stage, mail: Mail, signing: KeyPair): Program<void> {
  let shared: Uint8Array | undefined;
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const [, sealed] = unpack(letter.bytes, 2) ?? [];
    if (sealed !== undefined && shared !== undefined) {
      mail.note(open(crypto, shared, 0, sealed) ?? 'unreadable');
      continue;
    }
    const own = crypto.agreement.X25519.generate(mail.random);
    shared = own.agree(letter.bytes);
    if (shared === undefined) continue;
    mail.send('A', pack('key share', own.publicKey));
    mail.send('A', pack('identity', names.S(signing.privateKey, pack(letter.bytes, own.publicKey))));
    mail.send('A', pack('next message', seal(crypto, shared, 1, 'Welcome.')));
  }
}

// M answers in B's place, and goes on at once with "here's your next message".
function skipTheProof(m: Attacker, crypto: CryptoProvider, own: AgreementKey): void {
  let isDone = false;
  m.intercepts(({ from, bytes }) => {
    if (from !== 'A') return 'pass';
    if (!isDone) {
      isDone = true;
      const shared = own.agree(bytes);
      if (shared === undefined) return 'pass';
      m.knowledge.learnToDecode({
        name: 'decrypted with the key that A agreed on with M',
        decode(heard) {
          const text = open(crypto, shared, 0, unpack(heard, 2)?.[1] ?? new Uint8Array(0));
          return text === undefined ? [] : [utf8(text)];
        },
      });
      m.sends('B', 'A', pack('key share', own.publicKey));
      m.sends('B', 'A', pack('next message', seal(crypto, shared, 1, 'Welcome.')));
      return 'drop';
    }
    return 'pass';
  });
}

export const proofSkipped: Entry = {
  id: 'proof-skipped',
  items: [90],
  rung: 'a handshake that takes messages in any order',
  curedBy: 'a handshake with one awaited message',
  claim: "A verifies the server's identity before it sends anything that matters.",
  position: 'on-path',
  budget: { messages: 2 },
  breaks: 'bound to the right principals',
  explanation: [
    'M sends its own key share and then at once "here\'s your next message", and A answers with its secret.',
    'A checks an identity whenever one comes, and no line of it asks whether one has come.',
    'A protocol without a flaw is of no use in a program that allows more orders of messages than the protocol has.',
  ],
  cure: 'The client is a state machine that awaits one kind of message at a time, and gives up on any other.',
  perform(stage, variant) {
    const secret = stage.secret('secret');
    const signing = stage.names.signingKeys(stage.random('signing keys of B'));
    const awaitsInOrder = variant === 'cured'; // the switch that puts the bug back
    stage.b.acts((mail) => b(stage, mail, signing));
    stage.a.acts(function* (mail) {
      for (let attempt = 0; attempt < 2; attempt++) {
        if (yield* connect(stage, mail, signing.publicKey, secret.text, awaitsInOrder)) return;
      }
    });
    skipTheProof(stage.m, stage.crypto, stage.crypto.agreement.X25519.generate(stage.random('key share of M')));
    return () => {
      const path = stage.m.knowledge.pathTo(secret);
      return {
        succeeded: path !== undefined,
        evidence: path === undefined ? 'A gives up, and sends the secret to B alone' : `M has A's secret (${path})`,
        honest: path !== undefined || stage.b.believes(secret.text),
      };
    };
  },
};
