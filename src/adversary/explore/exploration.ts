// Bounded search over what M may do. All messages go to M, who delivers any that it knows, to anyone, as often as it
// likes, and may put a field of one in the place of a field of another. Breadth first, so the first attack is a shortest.
//
//   state: what each session was given so far --> each known message to each session that waits --> violated?
//
// Sessions are the programs of a protocol, run for real on real bytes; a state is reached by running them again. What M
// cannot do here: compute anything but what it was given. Not here: the protocols (protocols/).

import { bytesEqual, hexOf, textOf, utf8 } from '../../core/bytes.ts';
import { Random } from '../../core/random.ts';
import { NEVER, START } from '../../core/time.ts';
import type { CryptoProvider } from '../../secure/crypto/provider.ts';
import type { Program } from '../../world/app/program.ts';
import { type LectureNames, lectureNames } from '../channel/names.ts';
import { type Letter, type Mail, pack, unpack } from '../channel/stage.ts';
import { readable } from '../channel/transcript.ts';

/** States that are looked at before a search is given up, which is said. */
const MAX_STATES = 200_000;

/** A protocol as the search takes it. */
export interface Explorable {
  /** `repair-man`. */
  readonly id: string;
  /** What the search should find in the vulnerable variant: `replay`. */
  readonly attack: string;
  readonly explanation: string;
  /**
   * What a session has sent and noted tells all that it will do: ways that differ in nothing of that are one, and a message
   * that is refused in silence changes nothing. Without it, every order of deliveries is a way of its own.
   */
  readonly showsItsState: boolean;
  /** Enters sessions and what M knows. */
  readonly setUp: (world: ExploredWorld, isCured: boolean) => void;
  /** What must never be, in a sentence without a full stop; nothing while all is well. */
  readonly violation: (world: ExploredWorld) => string | undefined;
  /** What the protocol is for has been done: a cure under which nothing can be done would be none. */
  readonly isDone: (world: ExploredWorld) => boolean;
}

/** What was sent, and by which session; M's own have no session. */
interface Sent {
  readonly by: Session | undefined;
  readonly to: string;
  readonly bytes: Uint8Array;
}

class Session {
  readonly name: string;
  readonly peer: string;
  readonly program: Program<void>;
  isWaiting = false;
  /** What it has sent and noted, as text. */
  readonly output: Set<string> = new Set();
  inbox: Letter | undefined;

  constructor(name: string, peer: string, begin: (session: Session) => Program<void>) {
    this.name = name;
    this.peer = peer;
    this.program = begin(this);
  }

  /** Runs until it waits for a message, or is over. */
  go(): void {
    this.isWaiting = this.program.next(START).done !== true;
  }
}

/** One way of things: sessions, what was sent, what was noted. */
export class ExploredWorld {
  readonly names: LectureNames;
  readonly crypto: CryptoProvider;
  readonly sessions: Session[] = [];
  /** All messages that M has, the oldest first. */
  readonly known: Sent[] = [];
  private readonly root: Random;
  private readonly noted = new Map<string, string[]>();

  constructor(crypto: CryptoProvider) {
    this.root = Random.fromSeed(1);
    this.crypto = crypto;
    this.names = lectureNames(crypto, this.root.fork('names'));
  }

  /** `length` random bytes, the same for the same label. */
  key(label: string, length = 32): Uint8Array {
    const key = new Uint8Array(length);
    this.random(`key ${label}`).fill(key);
    return key;
  }

  /** Randomness of the protocol itself: keys that were agreed on beforehand. */
  random(label: string): Random {
    return this.root.fork(label);
  }

  /** A session of a principal, which believes that it speaks with `peer`. */
  acts(name: string, peer: string, main: (mail: Mail) => Program<void>): void {
    const random = this.root.fork(`session ${this.sessions.length}`);
    const session: Session = new Session(name, peer, (own) => main(this.mailOf(own, random)));
    this.sessions.push(session);
    session.go();
  }

  /** What M has from the start. */
  knows(...messages: readonly (Uint8Array | string)[]): void {
    for (const message of messages) this.learn(undefined, 'M', typeof message === 'string' ? utf8(message) : message);
  }

  /** How often a principal noted this. */
  count(name: string, text: string): number {
    return (this.noted.get(name) ?? []).filter((note) => note === text).length;
  }

  /** How often a principal noted something that begins like this. */
  countOfNotes(name: string, beginning: string): number {
    return (this.noted.get(name) ?? []).filter((note) => note.startsWith(beginning)).length;
  }

  /** How many messages a principal has sent. */
  sentBy(name: string): number {
    return this.known.filter(({ by }) => by?.name === name).length;
  }

  deliver(to: Session, bytes: Uint8Array): void {
    to.inbox = { from: to.peer, bytes, text: textOf(bytes) };
    to.go();
  }

  private learn(by: Session | undefined, to: string, bytes: Uint8Array): void {
    this.known.push({ by, to, bytes });
    by?.output.add(`${to} ${hexOf(bytes)}`);
  }

  private mailOf(session: Session, random: Random): Mail {
    return {
      now: START,
      random,
      send: (to, message) => this.learn(session, to, typeof message === 'string' ? utf8(message) : message),
      *receive(): Program<Letter | undefined> {
        yield NEVER;
        const letter = session.inbox;
        session.inbox = undefined;
        return letter;
      },
      *sleep(): Program<void> {},
      note: (text) => {
        const notes = this.noted.get(session.name) ?? [];
        notes.push(text);
        session.output.add(`notes ${text}`);
        this.noted.set(session.name, notes);
      },
    };
  }
}

/** M gives a session a message: a known one, or one of which a field is taken from another. */
interface Delivery {
  readonly session: number;
  readonly message: number;
  readonly field?: { readonly at: number; readonly from: number; readonly of: number };
}

export interface Finding {
  /** What was violated. */
  readonly violation: string;
  /** The attack, a line a message: what principals say goes to M, what they hear comes from it. */
  readonly ladder: readonly string[];
  /** Messages that M delivered. */
  readonly messages: number;
}

export interface Exploration {
  readonly finding: Finding | undefined;
  /** Ways of things that were looked at. */
  readonly states: number;
  /** How many deliveries deep everything was looked at. */
  readonly depth: number;
  /** All ways up to `depth` were looked at; false when there were too many. */
  readonly isComplete: boolean;
}

/** Looks for a way to the violation with at most `limit` deliveries. @throws RangeError on a limit below 1 */
export function explore(explorable: Explorable, isCured: boolean, crypto: CryptoProvider, limit: number): Exploration {
  if (!(Number.isInteger(limit) && limit >= 1))
    throw new RangeError(`limit is a whole number of messages, not ${limit}`);
  const run = (path: readonly Delivery[]): ExploredWorld => replay(explorable, isCured, crypto, path);
  let states = 1;
  let frontier: (readonly Delivery[])[] = [[]];
  const seen = new Set<string>([explorable.showsItsState ? outputOf(run([])) : '']);
  for (let depth = 1; depth <= limit; depth++) {
    const next: (readonly Delivery[])[] = [];
    for (const path of frontier) {
      for (const delivery of deliveriesIn(run(path))) {
        const longer = [...path, delivery];
        const world = run(longer);
        const key = explorable.showsItsState ? outputOf(world) : keyOf(world, longer);
        if (seen.has(key)) continue;
        seen.add(key);
        states++;
        const violation = explorable.violation(world);
        if (violation !== undefined) {
          const ladder = ladderOf(explorable, isCured, crypto, longer);
          return { finding: { violation, ladder, messages: depth }, states, depth, isComplete: true };
        }
        if (states >= MAX_STATES) return { finding: undefined, states, depth: depth - 1, isComplete: false };
        next.push(longer);
      }
    }
    frontier = next;
  }
  return { finding: undefined, states, depth: limit, isComplete: true };
}

function replay(
  { setUp }: Explorable,
  isCured: boolean,
  crypto: CryptoProvider,
  path: readonly Delivery[],
  beforeEach?: (world: ExploredWorld, session: Session, bytes: Uint8Array) => void,
): ExploredWorld {
  const world = new ExploredWorld(crypto);
  setUp(world, isCured);
  for (const delivery of path) {
    const session = world.sessions[delivery.session];
    const bytes = bytesOf(world, delivery);
    if (session === undefined || bytes === undefined) throw new Error('a path leads where it led before');
    beforeEach?.(world, session, bytes);
    world.deliver(session, bytes);
  }
  return world;
}

// Every known message to every session that waits, and every field in the place of another of its length.
function deliveriesIn(world: ExploredWorld): Delivery[] {
  const deliveries: Delivery[] = [];
  const different = world.known.map(({ bytes }, i) =>
    world.known.findIndex((other) => bytesEqual(other.bytes, bytes)) === i ? fieldsOf(bytes) : undefined,
  );
  world.sessions.forEach(({ isWaiting }, session) => {
    if (!isWaiting) return;
    different.forEach((fields, message) => {
      if (fields === undefined) return;
      deliveries.push({ session, message });
      fields.forEach((field, at) => {
        different.forEach((others, from) => {
          if (others === undefined || from === message) return;
          others.forEach((other, of) => {
            if (other.length !== field.length || bytesEqual(other, field)) return;
            deliveries.push({ session, message, field: { at, from, of } });
          });
        });
      });
    });
  });
  return deliveries;
}

function bytesOf(world: ExploredWorld, { message, field }: Delivery): Uint8Array | undefined {
  const whole = world.known[message]?.bytes;
  if (whole === undefined || field === undefined) return whole;
  const fields = fieldsOf(whole);
  const other = fieldsOf(world.known[field.from]?.bytes ?? whole)[field.of];
  if (other === undefined) return undefined;
  return pack(...fields.map((own, i) => (i === field.at ? other : own)));
}

const MAX_FIELDS = 6;

// What `pack` put together, from one field to six; a message that is not packed has none.
function fieldsOf(bytes: Uint8Array): readonly Uint8Array[] {
  for (let count = 1; count <= MAX_FIELDS; count++) {
    const fields = unpack(bytes, count);
    if (fields !== undefined) return fields;
  }
  return [];
}

// What each session has sent and noted, each thing once.
const outputOf = (world: ExploredWorld): string =>
  world.sessions.map(({ output }) => [...output].sort().join(',')).join(';');

// Deliveries to different sessions may come in any order without making a difference, as long as each is known by then.
function keyOf(world: ExploredWorld, path: readonly Delivery[]): string {
  return world.sessions
    .map((_, session) =>
      path
        .filter((delivery) => delivery.session === session)
        .map(
          ({ message, field }) =>
            `${originOf(world, message)}${field === undefined ? '' : `/${field.at}:${originOf(world, field.from)}.${field.of}`}`,
        )
        .join(','),
    )
    .join(';');
}

// The n-th message of its session, whenever it was sent.
function originOf(world: ExploredWorld, message: number): string {
  const sent = world.known[message];
  const by = sent?.by;
  const session = by === undefined ? 'm' : String(world.sessions.indexOf(by));
  const before = world.known.slice(0, message).filter((other) => other.by === by).length;
  return `${session}.${before}`;
}

function ladderOf(
  explorable: Explorable,
  isCured: boolean,
  crypto: CryptoProvider,
  path: readonly Delivery[],
): readonly string[] {
  const lines: string[] = [];
  let told = 0;
  const tellSent = (world: ExploredWorld): void => {
    for (; told < world.known.length; told++) {
      const sent = world.known[told];
      if (sent?.by === undefined) continue;
      const to = sent.to === 'M' ? 'M' : `M(${sent.to})`;
      lines.push(`${labelOf(world, sent.by)} -> ${to}: ${readable(sent.bytes)}`);
    }
  };
  const world = replay(explorable, isCured, crypto, path, (before, session, bytes) => {
    tellSent(before);
    const from = session.peer === 'M' ? 'M' : `M(${session.peer})`;
    lines.push(`${from} -> ${labelOf(before, session)}: ${readable(bytes)}`);
  });
  tellSent(world);
  return lines;
}

// `A`, and `A'` for its second session.
function labelOf(world: ExploredWorld, session: Session): string {
  const own = world.sessions.filter(({ name }) => name === session.name);
  return session.name + "'".repeat(Math.max(0, own.indexOf(session)));
}
