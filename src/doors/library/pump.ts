// Where promises meet virtual time.
//
//   somebody waits --> events, one after another --> something is resolved --> one turn of Node's event loop --> ...
//
// Time moves only while somebody waits for something in the world, and stops as soon as a promise has been resolved:
// whoever awaited it acts before anything else happens, at the very instant at which it came true. So a test that awaits
// only what is inside the world sees one history for each seed. Real input and output is not waited for here: what a
// program awaits outside of the world takes no virtual time, and when it ends is nobody's promise.

import { type Duration, formatDuration, type Instant } from '../../core/time.ts';
import { type Process, type Program, SocketError, type System } from '../../world/app/program.ts';
import type { Host } from '../../world/host/host.ts';
import type { World } from '../../world/sim/world.ts';

/** Events between two turns of Node's event loop: some milliseconds, so that timers and signals of the real world work. */
const EVENTS_A_TURN = 20_000;

/** Nothing is left to happen in the world, and somebody still waits. */
export class DeadlockError extends Error {
  override readonly name = 'DeadlockError';
  /** Who waits for what: `alice reads from 10.0.0.2:7`. */
  readonly waiting: readonly string[];

  constructor(time: Instant, waiting: readonly string[], served: readonly string[]) {
    const handlers = served.length === 0 ? '' : `; so do these, which serve: ${served.join(', ')}`;
    super(
      `nothing is left to happen at ${formatDuration(time as number as Duration)}, and these still wait: ${waiting.join(', ')}${handlers}`,
    );
    this.waiting = [...waiting, ...served];
  }
}

export interface OperationOptions {
  /** It serves somebody else: its waiting alone moves no time and is no deadlock. */
  readonly isServing?: boolean;
}

interface Operation {
  readonly what: string;
  readonly machine: Host;
  readonly isServing: boolean;
  readonly fail: (error: unknown) => void;
  process: Process | undefined;
  /** Why it is stopped, where it did not end by itself. */
  reason: unknown;
}

interface Passing {
  readonly until: Instant;
  readonly pass: () => void;
  readonly fail: (error: unknown) => void;
}

export class Pump {
  private readonly world: World;
  private readonly operations = new Set<Operation>();
  /** Operations that somebody waits for, those that serve left out. */
  private awaited = 0;
  // In the order of their ends.
  private readonly passing: Passing[] = [];
  private quiet: Omit<Passing, 'until'>[] = [];
  private settled: (() => void)[] = [];
  private isTurnDue = false;
  private failure: Error | undefined;

  constructor(world: World) {
    this.world = world;
  }

  get now(): Instant {
    return this.world.now;
  }

  /** @throws Error once the internet is closed, or a defect has stopped it */
  assertRunning(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  /** Runs a program on a machine; virtual time passes until it has ended. `what` is said of it in a deadlock. */
  async operate<Result>(
    machine: Host,
    what: string,
    main: (system: System) => Program<Result>,
    { isServing = false }: OperationOptions = {},
  ): Promise<Result> {
    this.assertRunning();
    if (machine.isDown) throw new SocketError('ECONNABORTED', `${machine.name} is switched off`);
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const operation: Operation = { what, machine, isServing, fail: reject, process: undefined, reason: undefined };
    this.operations.add(operation);
    if (!isServing) this.awaited++;
    const watch = (system: System): Program<void> => this.watch(operation, main(system), resolve);
    operation.process = machine.spawn('program', watch, isServing);
    this.settle(machine);
    this.wake();
    return promise;
  }

  /**
   * Lets everything happen that follows on a machine from what was just done to it.
   *
   * @throws what a program was not ready for: that stops this internet
   */
  settle(machine: Host): void {
    try {
      machine.settle(this.world.now);
    } catch (error) {
      this.stop(error);
      throw error;
    }
  }

  /** Lets time pass up to and including an instant, ageing and renewals too. */
  passUntil(until: Instant): Promise<void> {
    return new Promise((resolve, reject) => {
      this.assertRunning();
      let place = this.passing.length;
      while (place > 0 && (this.passing[place - 1]?.until ?? 0) > until) place--;
      this.passing.splice(place, 0, { until, pass: resolve, fail: reject });
      this.wake();
    });
  }

  /** Lets time pass until nothing is under way. */
  untilQuiet(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.assertRunning();
      this.quiet.push({ pass: resolve, fail: reject });
      this.wake();
    });
  }

  /**
   * Calls out of the world, between two events: a handler. What a socket tells it and it does not listen to is its own
   * affair; any other failure stops this internet, so that no test passes over it.
   */
  callOut(handler: () => unknown, onFailure: (error: unknown) => void): void {
    const call = async (): Promise<void> => {
      try {
        await handler();
      } catch (error) {
        onFailure(error);
        if (!(error instanceof SocketError)) this.stop(error);
      }
    };
    this.settled.push(() => void call());
    this.wake();
  }

  /** Ends everything: whoever waits, and whoever comes later, is told `reason`. */
  stop(reason: unknown): void {
    if (this.failure !== undefined) return;
    this.failure = reason instanceof Error ? reason : new Error(String(reason));
    const waiting = [...this.operations, ...this.passing, ...this.quiet];
    this.operations.clear();
    this.awaited = 0;
    this.passing.length = 0;
    this.quiet = [];
    for (const { fail } of waiting) fail(this.failure);
  }

  private *watch<Result>(
    operation: Operation,
    main: Program<Result>,
    resolve: (result: Result) => void,
  ): Program<void> {
    let settle = (): void =>
      operation.fail(
        operation.reason ?? new SocketError('ECONNABORTED', `${operation.machine.name} went down: ${operation.what}`),
      );
    try {
      const result = yield* main;
      settle = () => resolve(result);
    } catch (error) {
      settle = () => operation.fail(error);
    } finally {
      // Also when the process is killed: then nothing after this line runs.
      if (this.operations.delete(operation) && !operation.isServing) this.awaited--;
      this.settled.push(settle);
      this.wake();
    }
  }

  private wake(): void {
    if (this.isTurnDue || this.failure !== undefined) return;
    this.isTurnDue = true;
    setImmediate(() => this.turn());
  }

  private turn(): void {
    this.isTurnDue = false;
    if (this.failure !== undefined) return;
    try {
      for (let left = EVENTS_A_TURN; this.settled.length === 0 && left > 0; left--) if (!this.move()) return;
    } catch (error) {
      this.stop(error);
      return;
    }
    const settled = this.settled;
    this.settled = [];
    for (const settle of settled) settle();
    this.wake();
  }

  // One event further. False: nobody waits for anything, and time stands still.
  private move(): boolean {
    const { world } = this;
    const [next] = this.passing;
    if (next !== undefined) {
      if (world.nextTime <= next.until) return world.step();
      world.runUntil(next.until);
      this.passing.shift();
      this.settled.push(next.pass);
      return true;
    }
    if (this.awaited === 0 && this.quiet.length === 0) return false;
    if (world.isAlive) return world.step();
    if (this.quiet.length > 0) this.settled.push(...this.quiet.splice(0).map(({ pass }) => pass));
    else this.deadlock();
    return true;
  }

  private deadlock(): void {
    const awaited = [...this.operations].filter(({ isServing }) => !isServing);
    const served = [...this.operations].filter(({ isServing }) => isServing);
    const text = ({ what }: Operation): string => what;
    const error = new DeadlockError(this.world.now, awaited.map(text), served.map(text));
    for (const operation of awaited) {
      operation.reason = error;
      operation.process?.kill();
      this.settle(operation.machine);
    }
  }
}
