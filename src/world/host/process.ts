// A program on a machine: resumed when its deadline has come, or when one of its sockets has something.

import { EventKind, EventSource, eventRank } from '../../core/event_queue.ts';
import { type Instant, NEVER } from '../../core/time.ts';
import { type Process, type Program, SocketError } from '../app/program.ts';
import type { Host } from './host.ts';

// Processes stand behind the machine's interfaces where several things happen at the same time.
const FIRST_PROCESS_PORT = 0x1_0000;

/** What a process holds that ends with it. */
export interface Closable {
  close(): void;
}

export class HostProcess extends EventSource implements Process {
  readonly id: number;
  readonly name: string;
  isDone = false;
  /** What the program returned, or what it was not ready for. */
  result: unknown;
  failure: unknown;
  /** Waits in the machine's run queue. Set by the machine alone. */
  isRunnable = false;
  /** Whether its waiting keeps the world alive: a service's does not, a step's does. */
  readonly isService: boolean;
  /** The process that started it, where it was not the machine itself: it ends with that one, unless that one just returns. */
  parent: HostProcess | undefined;
  /** Set while it waits for work in progress, which counts even in a service. */
  isWorking = false;
  private readonly host: Host;
  private waitsInBackground = false;
  private program: Program<unknown> | undefined;
  private holdings: Set<Closable> | undefined;
  private joiners: HostProcess[] | undefined;

  constructor(host: Host, id: number, name: string, isService: boolean) {
    super();
    this.host = host;
    this.id = id;
    this.name = name;
    this.isService = isService;
  }

  override get rank(): number {
    return eventRank(this.host.node, FIRST_PROCESS_PORT + this.id, EventKind.Timer);
  }

  override get isBackground(): boolean {
    return this.waitsInBackground;
  }

  start(program: Program<unknown>): void {
    this.program = program;
    this.host.makeRunnable(this);
  }

  /** The deadline that its program named has come. */
  override fire(now: Instant): void {
    this.host.world.queue.schedule(this, NEVER);
    this.host.makeRunnable(this);
    this.host.settle(now);
  }

  /** Runs the program until it waits again. Called by the machine alone. */
  resume(now: Instant): void {
    const program = this.program;
    if (program === undefined || this.isDone) return;
    const { queue } = this.host.world;
    queue.schedule(this, NEVER);
    try {
      const turn = program.next(now);
      if (this.isDone) {
        unwind(program); // it ended itself, and now waits for nothing
        return;
      }
      if (turn.done) this.finish(turn.value, undefined);
      else if (turn.value <= now) this.host.makeRunnable(this);
      else {
        this.waitsInBackground = this.isService && !this.isWorking;
        queue.schedule(this, turn.value);
      }
    } catch (error) {
      this.finish(undefined, error);
      this.killChildren();
    }
  }

  kill(): void {
    if (this.isDone) return;
    const program = this.program;
    this.finish(undefined, undefined);
    this.killChildren();
    if (program !== undefined && this.host.current !== this) unwind(program);
  }

  /** May bind ports below 1024: those of the machine's own services always may. */
  get isPrivileged(): boolean {
    return this.isService || this.host.isPrivileged;
  }

  hold(closable: Closable): void {
    this.holdings ??= new Set();
    this.holdings.add(closable);
  }

  letGo(closable: Closable): void {
    this.holdings?.delete(closable);
  }

  /** Wakes `process` when this one is done. */
  wakeWhenDone(process: HostProcess): void {
    this.joiners ??= [];
    this.joiners.push(process);
  }

  private finish(result: unknown, failure: unknown): void {
    this.isDone = true;
    this.result = result;
    this.failure = failure;
    this.program = undefined;
    this.host.world.queue.schedule(this, NEVER);
    for (const closable of [...(this.holdings ?? [])]) closable.close();
    this.holdings = undefined;
    for (const joiner of this.joiners ?? []) this.host.makeRunnable(joiner);
    this.joiners = undefined;
    this.host.processEnded(this);
  }

  // Their sockets are mostly its own, and closed by now: that is no failure of theirs.
  private killChildren(): void {
    for (const process of this.host.processes) if (process.parent === this) process.kill();
  }
}

// Lets a program that is over clean up. Its sockets are closed already: that it finds them so is no failure.
function unwind(program: Program<unknown>): void {
  try {
    program.return(undefined);
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
  }
}
