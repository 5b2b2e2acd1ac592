// A scenario as it runs: its world, its timeline, its steps with what they printed, and what is expected of all of it.
//
//   Scenario --build--> World + timeline --run--> steps, capture, tables --judge--> expectations

import type { Journal } from '../../core/journal.ts';
import { after, type Duration, earlier, elapsed, type Instant, milliseconds, NEVER, seconds } from '../../core/time.ts';
import type { CryptoProvider } from '../../secure/crypto/provider.ts';
import type { Program } from '../app/program.ts';
import { type CommandRun, runCommand } from '../host/commands/all.ts';
import type { FirstByte } from '../host/commands/command.ts';
import { type BuiltWorld, buildWorld } from './build.ts';
import { type ExpectationResult, judgeAtEnd, judgeNow } from './expectations.ts';
import type { PacketFault } from './packet_faults.ts';
import type { RunningAttack } from './scenario/registry.ts';
import type { Scenario, Step } from './scenario/types.ts';
import { Timeline } from './timeline.ts';
import type { World } from './world.ts';

/** How long a command waits for its machine's address. */
const READY_LIMIT = seconds(30);
/** Exit status of a command that was interrupted, as a shell has it. */
const INTERRUPTED = 130;

export interface StepResult {
  readonly id: string;
  readonly host: string;
  readonly command: string;
  readonly ask: string | undefined;
  startedAt: Instant;
  /** `undefined` while it runs, and where it never came to an end. */
  endedAt: Instant | undefined;
  /** `undefined` where it never came to an end. */
  exitCode: number | undefined;
  status: number | undefined;
  error: string | undefined;
  /** Version, where TLS was spoken. */
  tls: string | undefined;
  /** Whether TLS went on from an earlier connection. */
  isResumed: boolean | undefined;
  /** Of the last connection. */
  firstByte: FirstByte | undefined;
  readonly output: { readonly time: Instant; readonly text: string }[];
}

export interface SimulationOptions {
  readonly journal?: Journal;
  readonly shuffleSeed?: number;
  readonly isCapturing?: boolean;
  /** The portable one unless said otherwise: no byte depends on it. */
  readonly crypto?: CryptoProvider;
}

/** An attack that a step has begun. */
export interface StartedAttack extends RunningAttack {
  /** The step's. */
  readonly id: string;
  readonly attacker: string;
  readonly name: string;
  readonly startedAt: Instant;
  /** May come to nothing. */
  readonly isOptional: boolean;
}

interface Act {
  readonly time: Instant;
  readonly act: (simulation: Simulation) => void;
}

export class Simulation {
  readonly scenario: Scenario;
  readonly built: BuiltWorld;
  readonly world: World;
  readonly steps: StepResult[] = [];
  readonly expectations: ExpectationResult[] = [];
  readonly attacks: StartedAttack[] = [];
  private readonly options: SimulationOptions;
  private readonly timeline: Timeline;
  // What was done to it beside the scenario: a fork does it too.
  private readonly acts: Act[] = [];

  constructor(scenario: Scenario, options: SimulationOptions = {}) {
    this.scenario = scenario;
    this.options = options;
    this.built = buildWorld(scenario, options);
    this.world = this.built.world;
    this.timeline = new Timeline(this.world);
    for (const host of this.built.definitions) this.timeline.at(host.bootAt, (now) => this.built.boot(host.name, now));
    for (const step of scenario.timeline) this.timeline.at(step.at, (now) => this.perform(step, now));
    for (const expectation of scenario.expectations) {
      const at = 'at' in expectation ? expectation.at : undefined;
      if (at !== undefined) this.timeline.at(at, () => this.expectations.push(judgeNow(this, expectation)));
    }
  }

  get faults(): readonly PacketFault[] {
    return this.built.faults;
  }

  /** Steps that have begun and not ended. */
  get openSteps(): readonly StepResult[] {
    return this.steps.filter(({ endedAt }) => endedAt === undefined);
  }

  /**
   * Does something at a set time, before anything else of that instant. `act` must do the same each time: a fork repeats it.
   *
   * @throws RangeError when the time has passed
   */
  at(time: Instant, act: (simulation: Simulation) => void): void {
    this.timeline.at(time, () => act(this));
    this.acts.push({ time, act });
  }

  /**
   * The same history up to and including `time`, run again as a simulation of its own: change one thing in it and let it
   * go on, and this one stays as it is.
   */
  fork(time: Instant): Simulation {
    const other = new Simulation(this.scenario, this.options);
    for (const each of this.acts) if (each.time <= time) other.at(each.time, each.act);
    other.run(time);
    return other;
  }

  /**
   * Runs to the end: when the timeline is done, each step has ended and nothing is under way; or to `limit`, or to the
   * scenario's own `until`.
   */
  run(limit: Instant = NEVER): void {
    const { world, scenario } = this;
    const end = earlier(limit, scenario.until ?? NEVER);
    while (world.isAlive && world.nextTime <= end) world.step();
    if (end !== NEVER && world.now < end) this.runBackground(end);
  }

  /** Judges what is left to judge. Once, after the run. */
  judge(): readonly ExpectationResult[] {
    for (const step of this.openSteps) step.error ??= 'deadlock';
    const judged = new Map(this.expectations.map((result) => [result.expectation, result]));
    return this.scenario.expectations.map((expectation) => judged.get(expectation) ?? judgeAtEnd(this, expectation));
  }

  // Ageing and renewal up to the set end: they do not keep a world alive, but time that is asked for passes for them too.
  private runBackground(end: Instant): void {
    while (this.world.nextTime <= end) this.world.step();
    this.world.runUntil(end);
  }

  private perform(step: Step, now: Instant): void {
    switch (step.kind) {
      case 'run':
        this.startCommand(step.id, step.host, step.command, step.interruptAfter, step.ask, now);
        return;
      case 'host':
        this.built.actOnHost(step.host, step.action, now);
        return;
      case 'interface':
        this.built.setInterface(step.host, step.network, step.isUp, now);
        return;
      case 'service':
        this.built.setService(step.host, step.service, step.isRunning, now);
        return;
      case 'network': {
        const network = this.world.network(step.network);
        if (step.isUp) network.up();
        else network.down(now);
        return;
      }
      case 'conditions': {
        const network = this.world.network(step.network);
        const before = network.conditions;
        network.change(step.change);
        if (step.lasts !== Number.POSITIVE_INFINITY)
          this.timeline.at(after(now, step.lasts), () => network.change(before));
        return;
      }
      case 'attack':
        this.startAttack(step, now);
        return;
      case 'stop-attack':
        for (const attack of this.attacks) {
          const isMeant = step.attack === undefined || step.attack === attack.name;
          if (attack.attacker === step.attacker && isMeant) attack.stop(now);
        }
        return;
      default:
        step satisfies never;
    }
  }

  private startAttack(
    { id, attacker, attack, options, isOptional }: Extract<Step, { kind: 'attack' }>,
    now: Instant,
  ): void {
    const machine = this.built.attackers.get(attacker);
    if (machine === undefined) throw new RangeError(`there is no attacker ${attacker}`);
    const running = attack.start({ attacker: machine, world: this.world, now }, options);
    let isRunning = true;
    this.attacks.push({
      id,
      attacker,
      name: attack.name,
      startedAt: now,
      isOptional,
      get deeds(): number {
        return running.deeds;
      },
      stop(at: Instant): void {
        if (isRunning) running.stop(at);
        isRunning = false;
      },
    });
  }

  private startCommand(
    id: string,
    hostName: string,
    command: string,
    interruptAfter: Duration,
    ask: string | undefined,
    now: Instant,
  ): void {
    const host = this.world.host(hostName);
    const result: StepResult = {
      id,
      host: hostName,
      command,
      ask,
      startedAt: now,
      endedAt: undefined,
      exitCode: undefined,
      status: undefined,
      error: undefined,
      tls: undefined,
      isResumed: undefined,
      firstByte: undefined,
      output: [],
    };
    this.steps.push(result);
    if (host.isDown) {
      result.endedAt = now;
      result.error = 'host-down';
      return;
    }
    const finish = (run: CommandRun | undefined): void => {
      if (result.endedAt !== undefined) return;
      result.endedAt = host.now;
      result.exitCode = run?.exitCode;
      result.status = run?.facts.status;
      result.error = run?.facts.error ?? result.error;
      result.tls = run?.facts.tls;
      result.isResumed = run?.facts.isResumed;
      result.firstByte = run?.facts.firstByte;
    };
    const { world } = this;
    host.spawn(`step ${id}`, function* (system): Program<void> {
      let run: CommandRun | undefined;
      try {
        yield* host.whenReady(after(host.now, READY_LIMIT));
        result.startedAt = host.now;
        run = runCommand(host, command, (text) => result.output.push({ time: world.now, text }));
        yield* system.join(run.process, after(host.now, interruptAfter));
        if (run.process.isDone) return;
        run.process.kill();
        run.facts.error ??= 'interrupted';
        run.exitCode = INTERRUPTED;
      } finally {
        // Where its machine lost power, it ends here without a word of its own.
        result.error = run?.exitCode === undefined ? 'killed' : undefined;
        finish(run);
      }
    });
    host.settle(now);
  }

  /** Virtual time that a step took. */
  static duration({ startedAt, endedAt }: StepResult): Duration {
    return endedAt === undefined ? milliseconds(0) : elapsed(startedAt, endedAt);
  }
}
