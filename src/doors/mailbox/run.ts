// A run of the lab: a world of two machines and a cable, the student's `main` in it, and what came of it.
//
//   main --> send, setTimeout --> waitForAllTimeouts: the engine's own loop --> recvd, callbacks --> exact?
//
// Everything happens in virtual time and within one call; the same level and seed give the same bytes. Not here: what a
// level is (levels.ts), and drawing what happened (exchange_drawing.ts).

import { type Duration, type Instant, minutes } from '../../core/time.ts';
import { DEFAULT_QUEUE_BYTES } from '../../stack/link/channel.ts';
import { NO_IMPAIRMENTS } from '../../stack/link/impairments.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import { pcapngOf } from '../../world/sim/capture.ts';
import { World } from '../../world/sim/world.ts';
import { problemOf } from './comparison.ts';
import { drawExchange } from './exchange_drawing.ts';
import { bytesOf, HostMailbox, type MailboxRun, type Place } from './host_mailbox.ts';
import type { Lab, Main } from './lab.ts';
import type { LabEvent, Refusal } from './lab_event.ts';
import { DELAY, levelOf, MAX_MESSAGE } from './levels.ts';
import { checkOptions, type MailboxOptions, written } from './mailbox_options.ts';
import { MessageMedium, PACKET_HEADERS } from './medium.ts';
import { thrownText } from './thrown_text.ts';

/** Virtual time after which a program is stopped: it would go on for ever. */
export const TIME_LIMIT: Duration = minutes(10);
/** Events of a run after which it is stopped, so that what is remembered of it has a bound. */
const MAX_EVENTS = 100_000;
/** Calls of a program, and looks at the time, after which it is taken to wait in a loop of its own. */
const MAX_CALLS = 10_000_000;
/** Thrown into a program that goes on when its run is over: it ends the function that made the call. */
const RUN_IS_OVER = new Error('the run is over');

const NETWORK = 'mail';
const ALICE = 0x0a00_0001 as Ipv4Address;
const BOB = 0x0a00_0002 as Ipv4Address;

/** What came of a run. */
export interface Outcome {
  readonly level: number;
  readonly seed: number;
  /** All letters were delivered, whole, once each and in their order, and then the program came to its end. */
  readonly isExact: boolean;
  /** Why not, in a sentence without a full stop. */
  readonly problem: string | undefined;
  /** What a function of the program threw. */
  readonly error: unknown;
  readonly letters: readonly Uint8Array[];
  /** Letters that were delivered rightly. */
  readonly deliveredCount: number;
  /** When the last of them was, in virtual milliseconds. */
  readonly deliveredAt: number;
  /** When all came to its end. */
  readonly endedAt: number;
  readonly events: readonly LabEvent[];
  /** SHA-256 over all frames. */
  readonly digest: string;
  /** A lane for each end, time downwards, an arrow for each message. @param rows at most so many events are drawn */
  ladder(rows?: number): string;
  /** All frames, for Wireshark. */
  pcapng(): Uint8Array;
}

/**
 * Runs a program. What it throws is in the outcome.
 *
 * @throws RangeError on a level or seed that there is not, or a probability outside 0 to 1; TypeError on what is no program,
 * no option, and on letters that are none
 */
export function mailbox(options: MailboxOptions, main: Main): Outcome {
  if (typeof main !== 'function')
    throw new TypeError('mailbox takes options, then a function: mailbox({ level: 3 }, main)');
  checkOptions(options);
  const run = new Run(options);
  run.perform(main);
  return run.outcome();
}

class Run implements MailboxRun {
  readonly world: World;
  isOver = false;
  private hasEnded = false;
  private readonly level: number;
  private readonly seed: number;
  private readonly letters: readonly Uint8Array[];
  private readonly alice: HostMailbox;
  private readonly bob: HostMailbox;
  private readonly events: LabEvent[] = [];
  private deliveredCount = 0;
  private deliveredAt: Instant = 0 as Instant;
  private problem: string | undefined;
  private failure: { readonly error: unknown } | undefined;
  private refusal: Refusal | undefined;
  private isWaiting = false;
  private calls = 0;

  constructor({ level = 1, seed = 1, letters, medium, isCapturing = true }: MailboxOptions) {
    const chosen = levelOf(level);
    if (!(Number.isSafeInteger(seed) && seed >= 0)) {
      throw new RangeError(`seed is a whole number from 0 to 2^53 - 1, not ${written(seed)}`);
    }
    this.level = level;
    this.seed = seed;
    this.letters = (letters ?? chosen.letters).map((letter) => bytesOf(letter, 'letters'));
    this.world = new World({ seed, isCapturing });
    const { toBob, toAlice } = medium ?? chosen.medium;
    const { random } = this.world;
    const forward = new MessageMedium(toBob, random.fork('mail to bob'));
    const backward = new MessageMedium(toAlice, random.fork('mail to alice'));
    const [alice, bob] = layCable(this.world, forward, backward);
    this.alice = new HostMailbox(this, 'alice', alice, forward);
    this.bob = new HostMailbox(this, 'bob', bob, backward);
  }

  perform(main: Main): void {
    try {
      const returned: unknown = main(this.lab());
      this.checkReturned(returned, 'main');
    } catch (error) {
      this.fail(error);
    }
    this.hasEnded = true;
    this.problem ??= this.problemAtEnd();
  }

  outcome(): Outcome {
    const { world, events } = this;
    const endedAt = world.now / 1e6;
    world.close();
    return {
      level: this.level,
      seed: this.seed,
      isExact: this.problem === undefined,
      problem: this.problem,
      error: this.failure?.error,
      letters: this.letters,
      deliveredCount: this.deliveredCount,
      deliveredAt: this.deliveredAt / 1e6,
      endedAt,
      events,
      digest: world.capture?.digest() ?? '',
      ladder: (rows) => drawExchange(events, rows).join('\n'),
      pcapng: () => pcapngOf(world.capture?.frames() ?? [], [NETWORK], { seconds: 0, nanoseconds: 0 }, 'netarium'),
    };
  }

  admit(verb: string): void {
    if (this.hasEnded) throw new Error(`${verb} comes too late: main has ended. Is something in it asynchronous?`);
    this.countCall();
    if (this.events.length >= MAX_EVENTS) throw RUN_IS_OVER;
  }

  countCall(): void {
    if (this.hasEnded || ++this.calls <= MAX_CALLS) return;
    this.stop(`stopped after ${MAX_CALLS} calls: time passes in waitForAllTimeouts() alone; ${this.count()}`);
    throw RUN_IS_OVER;
  }

  record(event: LabEvent): void {
    this.events.push(event);
    if (event.kind === 'refusal') this.refusal ??= event;
    if (this.events.length >= MAX_EVENTS)
      this.stop(`stopped after ${MAX_EVENTS} messages and timeouts; ${this.count()}`);
  }

  fail(error: unknown): void {
    if (error === RUN_IS_OVER) return;
    this.failure ??= { error };
    this.stop(`the program threw ${thrownText(error)}`);
  }

  checkReturned(returned: unknown, name: string): void {
    if (!(returned instanceof Promise)) return;
    returned.catch(() => undefined); // what it throws comes after the run
    this.stop(`${name} is asynchronous: leave async and await away, time passes in waitForAllTimeouts() alone`);
  }

  private lab(): Lab {
    const { alice, bob, letters } = this;
    return {
      alice,
      bob,
      letters: letters.map((letter) => letter.slice()), // the program's own; this.letters are those that it is judged by
      maxMessage: MAX_MESSAGE,
      deliver: (letter) => this.deliver(bytesOf(letter, 'deliver')),
      waitForAllTimeouts: () => this.waitForAllTimeouts(),
    };
  }

  private waitForAllTimeouts(): void {
    this.admit('waitForAllTimeouts');
    if (this.isWaiting) throw new Error('waitForAllTimeouts() is for main: recvd and callbacks return instead');
    this.isWaiting = true;
    const { world } = this;
    // While there are more messages or timeouts: find the next one, and call recvd or the callback. The queue of the engine
    // finds it; its event puts it before the machine that it is for, whose program makes the call (host_mailbox.ts).
    while (world.isAlive && !this.isOver) {
      if (world.nextTime > TIME_LIMIT) this.stop(`stopped after ${TIME_LIMIT / 60e9} virtual minutes; ${this.count()}`);
      else world.step();
    }
    this.isWaiting = false;
  }

  private deliver(letter: Uint8Array): void {
    this.admit('deliver');
    if (this.isOver) throw RUN_IS_OVER;
    const { now } = this.world;
    const problem = problemOf(letter, this.letters, this.deliveredCount);
    this.record({ kind: 'letter', time: now, number: this.deliveredCount + 1, problem });
    if (problem !== undefined) {
      this.stop(problem);
      return;
    }
    this.deliveredCount++;
    this.deliveredAt = now;
  }

  private stop(problem: string): void {
    this.problem ??= problem;
    this.isOver = true;
  }

  private problemAtEnd(): string | undefined {
    const { world, letters, deliveredCount } = this;
    if (world.isAlive) return 'main ended while messages or timeouts were pending: end it with waitForAllTimeouts()';
    if (deliveredCount === letters.length) return undefined;
    return `${this.count()}, and nothing is left to happen: no message is under way, and no timeout is pending`;
  }

  // How far it came, and what it may not have noticed.
  private count(): string {
    const count = `${this.deliveredCount} of ${this.letters.length} letters were delivered`;
    const { refusal } = this;
    return refusal === undefined ? count : `${count}, ${refusal.at} was refused (${refusal.text})`;
  }
}

// Alice and Bob, each of whom is told the other's link address.
function layCable(world: World, forward: MessageMedium, backward: MessageMedium): readonly [Place, Place] {
  const network = world.addNetwork({
    name: NETWORK,
    subnet: { address: 0x0a00_0000 as Ipv4Address, length: 24 },
    medium: 'cable',
    conditions: {
      ...NO_IMPAIRMENTS,
      delay: DELAY,
      rate: Number.POSITIVE_INFINITY,
      queueBytes: DEFAULT_QUEUE_BYTES,
    },
    mtu: MAX_MESSAGE + PACKET_HEADERS,
  });
  const alice = world.addHost('alice');
  const bob = world.addHost('bob');
  const [atAlice, atBob] = [world.connect(alice, network), world.connect(bob, network)];
  const { now } = world;
  alice.network.setAddresses(now, atAlice.index, [{ address: ALICE, prefixLength: 24 }]);
  bob.network.setAddresses(now, atBob.index, [{ address: BOB, prefixLength: 24 }]);
  for (const { cable } of network.attachments) {
    if (cable === undefined) continue;
    cable.forward.impairments = forward;
    cable.backward.impairments = backward;
  }
  return [
    { host: alice, interfaceIndex: atAlice.index, peer: BOB, peerLink: atBob.linkAddress },
    { host: bob, interfaceIndex: atBob.index, peer: ALICE, peerLink: atAlice.linkAddress },
  ];
}
