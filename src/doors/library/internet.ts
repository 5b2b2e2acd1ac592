// The library's front door: an internet to boot, machines to run things on, and what was seen on its networks.

import { after } from '../../core/time.ts';
import type { Program, System } from '../../world/app/program.ts';
import { arpText, interfaceText, routeText } from '../../world/host/commands/tables.ts';
import { runCommand } from '../../world/host/commands/all.ts';
import type { Host } from '../../world/host/host.ts';
import { ScenarioBuilder } from '../../world/sim/scenario/builder.ts';
import { formatDiagnostic } from '../../world/sim/scenario/diagnostic.ts';
import { loadScenario } from '../../world/sim/scenario/loader.ts';
import type { Scenario } from '../../world/sim/scenario/types.ts';
import { parseDuration } from '../../world/sim/scenario/units.ts';
import { Simulation } from '../../world/sim/simulation.ts';
import type { CapturedFrame } from '../../world/view/captured_frame.ts';
import { parseFilter } from '../../world/view/filter.ts';
import { Pump } from './pump.ts';

/** What a command left behind. */
export interface CommandResult {
  readonly exitCode: number;
  readonly output: string;
  /** Of the last HTTP response. */
  readonly status: number | undefined;
  /** Why it failed, by its POSIX name. */
  readonly error: string | undefined;
}

/** A scenario as an object, in the words of a scenario file. `version` and `name` may be left out. */
export type ScenarioObject = Readonly<Record<string, unknown>>;

export class Internet {
  readonly simulation: Simulation;
  private readonly pump: Pump;

  private constructor(scenario: Scenario) {
    this.simulation = new Simulation(scenario);
    this.pump = new Pump(this.simulation.world);
  }

  /**
   * Boots an internet from an object in the words of a scenario file, from the text of one, or from a builder. Resolves
   * once every machine has its address.
   *
   * @throws TypeError with all problems of the scenario
   */
  static async boot(source: ScenarioObject | string | ScenarioBuilder): Promise<Internet> {
    const net = new Internet(scenarioOf(source));
    const { world } = net.simulation;
    await net.pump.until('machines that boot', () => world.eventCount > 0 && [...world.hosts.values()].every((host) => host.isReady));
    return net;
  }

  /** A builder for those who prefer calls to objects. */
  static builder(name: string): ScenarioBuilder {
    return new ScenarioBuilder(name);
  }

  /** Virtual milliseconds since the boot. */
  get now(): number {
    return this.simulation.world.now / 1e6;
  }

  /** @throws RangeError when there is no such machine */
  host(name: string): InternetHost {
    return new InternetHost(this.simulation.world.host(name), this.pump);
  }

  /**
   * Lets virtual time pass: `advance('91d')`.
   *
   * @throws TypeError on what is no duration
   */
  async advance(duration: string): Promise<void> {
    const parsed = parseDuration(duration);
    if (parsed === undefined) throw new TypeError(`"${duration}" is no duration: write 20ms, 1.5s or 91d`);
    const { world } = this.simulation;
    const end = after(world.now, parsed);
    while (world.nextTime <= end) world.step();
    world.runUntil(end);
    await new Promise((resolve) => setImmediate(resolve));
  }

  /**
   * What was seen on the networks so far, by a packet filter.
   *
   * @throws TypeError on a filter that does not parse
   */
  packets(filter = ''): readonly CapturedFrame[] {
    const parsed = parseFilter(filter);
    if (typeof parsed !== 'function') throw new TypeError(`filter "${filter}": ${parsed.message} (at ${parsed.index})`);
    return (this.simulation.world.capture?.frames() ?? []).filter(parsed);
  }

  /** SHA-256 over everything that was put on any network: the same for the same seed. */
  get digest(): string {
    return this.simulation.world.capture?.digest() ?? '';
  }
}

/** One machine. */
export class InternetHost {
  readonly machine: Host;
  private readonly pump: Pump;

  constructor(machine: Host, pump: Pump) {
    this.machine = machine;
    this.pump = pump;
  }

  /** Runs a command as in its shell: `run('curl http://10.0.0.2/')`. Virtual time passes meanwhile. */
  async run(command: string): Promise<CommandResult> {
    const run = runCommand(this.machine, command);
    this.machine.settle(this.machine.world.now);
    await this.pump.until(`${this.machine.name} ${command}`, () => run.process.isDone);
    return {
      exitCode: run.exitCode ?? 1,
      output: run.output.join('\n'),
      status: run.facts.status,
      error: run.facts.error,
    };
  }

  /** Runs a program of one's own: a generator over the machine's sockets. */
  async program<Result>(main: (system: System) => Program<Result>): Promise<Result> {
    let failure: unknown;
    const process = this.machine.spawn('program', function* (system): Program<Result | undefined> {
      try {
        return yield* main(system);
      } catch (error) {
        failure = error;
        return undefined;
      }
    });
    this.machine.settle(this.machine.world.now);
    await this.pump.until(`a program on ${this.machine.name}`, () => process.isDone);
    if (failure !== undefined) throw failure;
    return process.result as Result;
  }

  /** The neighbor table, as `arp -an` prints it. */
  get arp(): string {
    return arpText(this.machine);
  }

  /** The routing table, as `route -n` prints it. */
  get routes(): string {
    return routeText(this.machine);
  }

  /** The interfaces, as `ip addr` prints them. */
  get interfaces(): string {
    return interfaceText(this.machine);
  }
}

function scenarioOf(source: ScenarioObject | string | ScenarioBuilder): Scenario {
  const isBuilder = source instanceof ScenarioBuilder;
  const document = isBuilder ? source.document : source;
  const text = typeof document === 'string' ? document : JSON.stringify({ version: 1, name: 'internet', ...document });
  const { scenario, diagnostics } = loadScenario(text, 'scenario');
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (scenario === undefined || errors.length > 0) {
    throw new TypeError(`the scenario cannot run:\n${errors.map((each) => formatDiagnostic(each, text)).join('\n')}`);
  }
  return scenario;
}

