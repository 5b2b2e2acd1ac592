// M is in the machine of A for a minute, and is thrown out again. What can it sign afterwards?

import { textOf, utf8 } from '../../../core/bytes.ts';
import { minutes, seconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { LectureNames } from '../names.ts';
import { type Mail, type Principal, pack, unpack } from '../stage.ts';

const FORGED = 'I am A: pay M $999';
const GENUINE = 'I am A: pay Carol $100';

/** What whoever is in the machine can do: have something signed. Where the key lies is another matter. */
interface Machine {
  readonly disk: ReadonlyMap<string, Uint8Array>;
  sign(message: Uint8Array): Uint8Array;
}

/** Tamper-resistant hardware: a key that can be used, but not read. */
class SigningDevice {
  readonly #privateKey: Uint8Array;
  private readonly S: LectureNames['S'];

  constructor(privateKey: Uint8Array, { S }: LectureNames) {
    this.#privateKey = privateKey;
    this.S = S;
  }

  sign(message: Uint8Array): Uint8Array {
    return this.S(this.#privateKey, message);
  }
}

// A -> B: May I order?
// B -> A: number
// A -> B: order, S(private key, number + order)
function* a(mail: Mail, sign: (message: Uint8Array) => Uint8Array): Program<void> {
  mail.send('B', 'May I order?');
  const challenge = yield* mail.receive();
  if (challenge !== undefined) mail.send('B', pack(GENUINE, sign(pack(challenge.bytes, GENUINE))));
}

function* b(mail: Mail, publicKeyOfA: Uint8Array, { V }: LectureNames): Program<void> {
  for (;;) {
    const question = yield* mail.receive(minutes(20));
    if (question === undefined) return;
    const challenge = new Uint8Array(16);
    mail.random.fill(challenge);
    mail.send(question.from, challenge);
    const letter = yield* mail.receive();
    const [order, signature] = (letter && unpack(letter.bytes, 2)) ?? [];
    if (order === undefined || signature === undefined) continue;
    mail.note(V(publicKeyOfA, pack(challenge, order), signature) ? textOf(order) : 'refused');
  }
}

// While it is in the machine M takes along what can be taken along: all files, and a signature of what it would like.
function takeAlong(machine: Machine): { files: readonly Uint8Array[]; signature: Uint8Array } {
  return { files: [...machine.disk.values()], signature: machine.sign(utf8(FORGED)) };
}

// Ten minutes later B asks M for the signature of a number that is new.
function* order(mail: Mail, m: Attacker, taken: ReturnType<typeof takeAlong>, { S }: LectureNames): Program<void> {
  m.sends('M', 'B', utf8('May I order?'));
  const challenge = yield* mail.receive();
  if (challenge === undefined) return;
  const [key] = taken.files;
  m.sends('M', 'B', pack(FORGED, key === undefined ? taken.signature : S(key, pack(challenge.bytes, FORGED))));
}

export const keyCopiedFromDisk: Entry = {
  id: 'key-copied-from-disk',
  items: [85, 109],
  rung: 'signing key on disk',
  curedBy: 'signing key in hardware',
  claim: 'Only A signs, and once M is thrown out of the machine all is well again.',
  position: 'same-segment',
  budget: { messages: 2 },
  breaks: 'authentic',
  explanation: [
    'M copies the private key while it is in the machine, and signs with it at home ten minutes after.',
    'What can be read can be copied, and nobody sees that there is a copy.',
    'A key that can be used but not read ties the harm to the time in which M is there: it had one thing signed, and that is of no use later.',
  ],
  cure: 'The key lies in tamper-resistant hardware, which signs for whoever is in the machine and gives the key to nobody.',
  perform(stage, variant) {
    const { names, m } = stage;
    const keys = names.signingKeys(stage.random('keys of A'));
    const device = new SigningDevice(keys.privateKey, names);
    if (variant === 'vulnerable') stage.a.disk.set('private key', keys.privateKey);
    const machine = (principal: Principal): Machine => ({
      disk: principal.disk,
      sign: (message) => {
        const onDisk = principal.disk.get('private key');
        return onDisk === undefined ? device.sign(message) : names.S(onDisk, message);
      },
    });
    stage.b.acts((mail) => b(mail, keys.publicKey, names));
    stage.a.acts((mail) => a(mail, machine(stage.a).sign));
    stage.mallory.acts(function* (mail): Program<void> {
      yield* mail.sleep(seconds(30));
      const taken = takeAlong(machine(stage.a));
      yield* mail.sleep(minutes(10));
      yield* order(mail, m, taken, names);
    });
    return () => ({
      succeeded: stage.b.believes(FORGED),
      evidence: `ten minutes after M was thrown out B noted "${stage.b.notes.at(-1)}"`,
      honest: stage.b.believes(GENUINE),
    });
  },
};
