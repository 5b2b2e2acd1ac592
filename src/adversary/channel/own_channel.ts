// The secure-channel lab: a channel of somebody's own, and what E and M make of it. Both ends share a key; A seals its
// messages, B opens what comes, and each attack is a run on a network of its own.
//
//   read      E finds the message in what it hears             flip     M turns over one bit
//   compare   E sees that two messages are equal               cut      M shortens a message
//   xor       E finds two messages under one key stream        drop     M keeps a message to itself
//   stranger  somebody with another key opens it               replay   M lets a message come twice
//   reflect   M sends A's message back to A                    reorder  M lets the second come first
//
// That an attack fails says that this attack fails, and no more.

import { bytesEqual, hexOf, textOf, utf8 } from '../../core/bytes.ts';
import { milliseconds } from '../../core/time.ts';
import type { CryptoProvider } from '../../secure/crypto/provider.ts';
import type { Program } from '../../world/app/program.ts';
import type { Position } from '../attack/attacker.ts';
import { delay, drop, nth, replay, rewrite } from '../attack/building_blocks.ts';
import type { LectureNames } from './names.ts';
import { type Mail, Stage } from './stage.ts';

/** What a design may use: the lecture's names, the key that both ends share, and which end it is. */
export interface ChannelTools extends LectureNames {
  readonly key: Uint8Array;
  readonly end: 'A' | 'B';
}

/** One end of a channel. It may remember what it sent and what it took. */
export interface ChannelEnd {
  seal(message: Uint8Array): Uint8Array;
  /** Nothing where it is refused. */
  open(bytes: Uint8Array): Uint8Array | undefined;
}

/** Called once for each end. */
export type ChannelDesign = (tools: ChannelTools) => ChannelEnd;

export interface ChannelTrial {
  readonly attack: string;
  readonly succeeded: boolean;
  /** What was seen, in a sentence without a full stop. */
  readonly evidence: string;
}

/** Bits that are turned over, one a run, spread over the first message. */
const FLIPS = 24;
const MESSAGES = 4;
/** Longer ones do not fit into one packet of this network. */
const MAX_SEALED = 8000;
const NOTHING = new Uint8Array(0);

interface Performance {
  readonly stage: Stage;
  /** What A sealed, and what B took. */
  readonly sent: readonly string[];
  readonly taken: readonly string[];
  readonly takenByA: readonly string[];
}

/** Whether the channel brings messages at all, and then each attack. What the design throws comes through. */
export function attackChannel(design: ChannelDesign, crypto: CryptoProvider): readonly ChannelTrial[] {
  const honest = perform(design, crypto, 'tap', () => {});
  const works = honest.taken.join() === honest.sent.join();
  const service = {
    attack: 'none',
    succeeded: !works,
    evidence: `B took ${honest.taken.length} of ${MESSAGES} messages`,
  };
  if (!works) return [service];
  return [
    service,
    read(honest),
    compare(honest),
    xor(honest),
    stranger(honest, design),
    flip(design, crypto),
    cut(design, crypto),
    ...moved(design, crypto),
  ];
}

function read({ stage }: Performance): ChannelTrial {
  const path = stage.m.knowledge.pathTo(stage.secret('message'));
  return {
    attack: 'read',
    succeeded: path !== undefined,
    evidence: path === undefined ? 'E cannot read it' : `E reads it (${path})`,
  };
}

// The first message and the third are equal.
function compare({ stage }: Performance): ChannelTrial {
  const [first, , third] = stage.m.heard.map(({ bytes }) => bytes);
  const areEqual = first !== undefined && third !== undefined && bytesEqual(first, third);
  return {
    attack: 'compare',
    succeeded: areEqual,
    evidence: `equal messages look ${areEqual ? 'equal' : 'different'}`,
  };
}

// Where two messages were XORed with one key stream, their ciphertexts XORed are the messages XORed, wherever they begin.
function xor({ stage, sent }: Performance): ChannelTrial {
  const [one = NOTHING, other = NOTHING] = stage.m.heard.map(({ bytes }) => bytes);
  const [first = '', second = ''] = sent;
  const length = Math.min(first.length, second.length);
  const wanted = xorOf(utf8(first).slice(0, length), utf8(second));
  const found = hexOf(xorOf(one, other)).indexOf(hexOf(wanted));
  const succeeded = found >= 0 && found % 2 === 0;
  return {
    attack: 'xor',
    succeeded,
    evidence: succeeded
      ? 'E has two messages under one key stream'
      : 'two ciphertexts XORed are not two messages XORed',
  };
}

const xorOf = (a: Uint8Array, b: Uint8Array): Uint8Array =>
  a.slice(0, Math.min(a.length, b.length)).map((byte, i) => byte ^ (b[i] ?? 0));

// Who has no key, or any other, must not be able to open what is meant for B.
function stranger({ stage, sent }: Performance, design: ChannelDesign): ChannelTrial {
  const other = endOf(design({ ...stage.names, key: stage.key('of a stranger'), end: 'B' }));
  const opened = stage.m.heard.map(({ bytes }) => other.open(bytes));
  const succeeded = opened.some((message) => message !== undefined && sent.includes(textOf(message)));
  return {
    attack: 'stranger',
    succeeded,
    evidence: `another key ${succeeded ? 'opens it as well' : 'does not open it'}`,
  };
}

function flip(design: ChannelDesign, crypto: CryptoProvider): ChannelTrial {
  for (let i = 0; i < FLIPS; i++) {
    const { sent, taken } = perform(design, crypto, 'on-path', (stage) =>
      stage.m.intercepts(
        rewrite(nth(1), (bytes) => {
          const bit = Math.floor((i * bytes.length * 8) / FLIPS);
          const changed = bytes.slice();
          changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          return changed;
        }),
      ),
    );
    const wrong = taken.find((text) => !sent.includes(text));
    if (wrong !== undefined) return { attack: 'flip', succeeded: true, evidence: 'B took a message that A never sent' };
  }
  return {
    attack: 'flip',
    succeeded: false,
    evidence: `B took none of ${FLIPS} messages with one bit changed as another one`,
  };
}

function cut(design: ChannelDesign, crypto: CryptoProvider): ChannelTrial {
  const { sent, taken } = perform(design, crypto, 'on-path', (stage) =>
    stage.m.intercepts(rewrite(nth(1), (bytes) => bytes.slice(0, -4))),
  );
  const succeeded = taken.some((text) => !sent.includes(text));
  return {
    attack: 'cut',
    succeeded,
    evidence: succeeded ? 'B took a shortened message' : 'B refused a shortened message',
  };
}

function moved(design: ChannelDesign, crypto: CryptoProvider): ChannelTrial[] {
  const twice = perform(design, crypto, 'on-path', (stage) => stage.m.intercepts(replay(nth(1), 2)));
  const replayed = twice.taken.filter((text) => text === twice.sent[0]).length > 2;
  const late = perform(design, crypto, 'on-path', (stage) => stage.m.intercepts(delay(nth(1))));
  const reordered = late.taken[0] === late.sent[1] && late.taken[1] === late.sent[0];
  const less = perform(design, crypto, 'on-path', (stage) => stage.m.intercepts(drop(nth(2))));
  const unnoticed = less.taken.length > 1 && less.taken.join() === less.sent.filter((_, i) => i !== 1).join();
  const back = perform(design, crypto, 'on-path', (stage) =>
    stage.m.intercepts(({ from, bytes }) => {
      if (from === 'A') stage.m.sends('B', 'A', bytes);
      return 'pass';
    }),
  );
  const reflected = back.takenByA.length > 0;
  return [
    { attack: 'replay', succeeded: replayed, evidence: `B took ${replayed ? 'the same message twice' : 'it once'}` },
    {
      attack: 'reorder',
      succeeded: reordered,
      evidence: `B ${reordered ? 'did not notice' : 'did not take the second before the first'}`,
    },
    {
      attack: 'drop',
      succeeded: unnoticed,
      evidence: `B ${unnoticed ? 'went on as if nothing were missing' : 'did not go on behind what is missing'}`,
    },
    {
      attack: 'reflect',
      succeeded: reflected,
      evidence: `A ${reflected ? 'took its own message as one from B' : 'refused its own message'}`,
    },
  ];
}

function perform(
  design: ChannelDesign,
  crypto: CryptoProvider,
  position: Position,
  attack: (stage: Stage) => void,
): Performance {
  const stage = new Stage(1, crypto, position, { messages: 2 * MESSAGES });
  const message = stage.secret('message').text;
  const sent = [`pay ${message}`, `and then ${message}`, `pay ${message}`, 'that was all'];
  const key = stage.key('of A and B');
  const [atA, atB] = [
    endOf(design({ ...stage.names, key, end: 'A' })),
    endOf(design({ ...stage.names, key, end: 'B' })),
  ];
  attack(stage);
  stage.a.acts(function* (mail): Program<void> {
    for (const text of sent) {
      mail.send('B', atA.seal(utf8(text)));
      yield* mail.sleep(milliseconds(10));
    }
    yield* take(mail, atA);
  });
  stage.b.acts((mail) => take(mail, atB));
  stage.run();
  return { stage, sent, taken: stage.b.notes, takenByA: stage.a.notes };
}

// A design comes from a file of somebody's, whose types nobody has checked.
function endOf(made: Partial<ChannelEnd> | undefined): ChannelEnd {
  const { seal, open } = made ?? {};
  if (typeof seal !== 'function' || typeof open !== 'function') {
    throw new TypeError('channel must return { seal, open }, both functions');
  }
  return {
    seal(message) {
      const sealed = bytesOf(seal.call(made, message), 'seal');
      if (sealed.length <= MAX_SEALED) return sealed;
      throw new TypeError(`seal must return at most ${MAX_SEALED} bytes, not ${sealed.length}`);
    },
    open(bytes) {
      const message = open.call(made, bytes);
      return message === undefined ? undefined : bytesOf(message, 'open');
    },
  };
}

function bytesOf(value: unknown, by: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`${by} must return a Uint8Array${by === 'open' ? ', or undefined for what it refuses' : ''}`);
}

function* take(mail: Mail, end: ChannelEnd): Program<void> {
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const message = end.open(letter.bytes);
    if (message !== undefined) mail.note(textOf(message));
  }
}
