// The library's front door: an internet to boot, time to let pass, machines to run things on, and what was seen on the
// networks.
//
//   const net = await Internet.boot({ networks: ..., hosts: ... });
//   const { output } = await net.host('alice').run('ping -c 1 bob');
//   net.packets('icmp')

import { mintSecret, type Secret } from '../../adversary/attack/secret.ts';
import { ADVERSARY } from '../../adversary/registry.ts';
import { after, type Instant } from '../../core/time.ts';
import { nodeCrypto } from '../../secure/crypto/node.ts';
import type { TlsSecrets } from '../../secure/tls/eavesdropper.ts';
import { secretsIn } from '../../secure/tls/key_log.ts';
import { formatFrame } from '../../wire/format_frame.ts';
import { pcapngOf } from '../../world/sim/capture.ts';
import { LANGUAGES } from '../../world/sim/languages.ts';
import { type DocumentMap, ScenarioBuilder, ScenarioError } from '../../world/sim/scenario/builder.ts';
import { loadScenario } from '../../world/sim/scenario/loader.ts';
import type { Scenario } from '../../world/sim/scenario/types.ts';
import { Simulation } from '../../world/sim/simulation.ts';
import type { CapturedFrame } from '../../world/view/captured_frame.ts';
import { type PacketFilter, parseFilter } from '../../world/view/filter.ts';
import { formatLadder } from '../../world/view/ladder.ts';
import { passingFrames } from '../../world/view/packet_list.ts';
import { stationsOfHosts } from '../../world/view/stations.ts';
import { verdictsOn } from '../cli/outcome.ts';
import { checkDuration, checkName } from './arguments.ts';
import { Eavesdropper } from './eavesdropper.ts';
import { InternetHost, READY_LIMIT } from './internet_host.ts';
import { Pump } from './pump.ts';

/** A scenario as an object, in the words of a scenario file. `version` and `name` may be left out. */
export type ScenarioObject = DocumentMap;

export interface BootOptions {
  /** In the place of the scenario's own: 0 to 2^53 - 1. */
  readonly seed?: number;
  /** One of the scenario's variants. */
  readonly variant?: string;
}

/** A frame as it was seen on a network. */
export interface Packet extends CapturedFrame {
  /** In one line, as `tcpdump -n` prints it. */
  readonly text: string;
}

/** What a scenario expected, and whether it came true. */
export interface Verdict {
  readonly name: string;
  readonly isMet: boolean;
  /** What was seen. */
  readonly detail: string;
}

export class Internet {
  /** The engine behind this door: for whoever needs what the door does not offer. */
  readonly simulation: Simulation;
  private readonly scenario: Scenario;
  private readonly pump: Pump;
  private readonly hosts = new Map<string, InternetHost>();

  private constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.simulation = new Simulation(scenario, { crypto: nodeCrypto });
    this.pump = new Pump(this.simulation.world);
    for (const machine of this.simulation.world.hosts.values()) {
      this.hosts.set(machine.name, new InternetHost(machine, this.pump));
    }
  }

  /**
   * Boots an internet from an object in the words of a scenario file, from the text of one, or from a builder. Resolves
   * once every machine has its address, or after 30 s of virtual time.
   *
   * @throws ScenarioError with all problems of the scenario; TypeError on anything else than a scenario
   */
  static async boot(source: ScenarioObject | string | ScenarioBuilder, options: BootOptions = {}): Promise<Internet> {
    const net = new Internet(scenarioOf(source, options));
    const { world } = net.simulation;
    world.runUntil(world.now); // what is due at the first instant: machines are switched on
    const isWaiting = [...net.hosts.values()].filter(({ machine }) => !machine.isReady && !machine.isDown);
    await Promise.all(
      isWaiting.map(({ machine }) =>
        net.pump.operate(machine, `${machine.name} waits for its address`, () =>
          machine.whenReady(after(world.now, READY_LIMIT)),
        ),
      ),
    );
    return net;
  }

  /** For those who prefer calls to objects: `Internet.builder('home').network(...).host(...)`. */
  static builder(name: string): ScenarioBuilder {
    return new ScenarioBuilder(checkName(name, 'the name of a scenario'));
  }

  /** Virtual milliseconds since the first instant. */
  get now(): number {
    return this.simulation.world.now / 1e6;
  }

  /** Names of all machines. */
  get hostNames(): readonly string[] {
    return [...this.hosts.keys()];
  }

  /** @throws RangeError when there is no such machine */
  host(name: string): InternetHost {
    const host = this.hosts.get(checkName(name, 'the name of a host'));
    if (host === undefined) throw new RangeError(`there is no host "${name}"; there are ${this.hostNames.join(', ')}`);
    return host;
  }

  /**
   * Lets virtual time pass, whether or not anything happens: `advance('91d')`.
   *
   * @throws TypeError on what is no duration
   */
  async advance(duration: string): Promise<void> {
    await this.pump.passUntil(after(this.simulation.world.now, checkDuration(duration)));
  }

  /**
   * Lets virtual time pass up to `time` after the first instant: `at('90s')`.
   *
   * @throws TypeError on what is no duration; RangeError when that time has passed
   */
  async at(time: string): Promise<void> {
    const instant = checkDuration(time) as number as Instant;
    if (instant < this.simulation.world.now) throw new RangeError(`it is ${this.now} ms already, later than ${time}`);
    await this.pump.passUntil(instant);
  }

  /**
   * Plays the scenario's own timeline to its end, and judges what the scenario expects. A fault that never struck and a
   * step that never ends are told of too: unmet.
   */
  async play(): Promise<readonly Verdict[]> {
    const { until } = this.scenario;
    if (until === undefined) await this.pump.untilQuiet();
    else if (until > this.simulation.world.now) await this.pump.passUntil(until);
    const wasStopped = until !== undefined || this.simulation.world.isAlive;
    return verdictsOn(this.simulation, wasStopped).map(({ name, isMet, detail }) => ({ name, isMet, detail }));
  }

  /**
   * What was put on the networks so far, once each, as its sender sent it, by a packet filter.
   *
   * @throws TypeError on a filter that does not parse
   */
  packets(filter = ''): readonly Packet[] {
    return this.frames(filter).map((frame) => ({ ...frame, text: formatFrame(frame.bytes) }));
  }

  /**
   * The same as a drawing: a lane for each machine, time downwards, an arrow for each frame. What TLS protects is read too, in
   * brackets.
   */
  ladder(filter = ''): string {
    const stations = stationsOfHosts(this.simulation.world.hosts.values());
    return formatLadder(this.allFrames(), filterOf(filter), stations, this.secrets).join('\n');
  }

  /**
   * A secret that occurs nowhere by chance, to be put where it must not leak from: `net.secret('pin').text`. The same for
   * the same seed and name.
   */
  secret(name: string): Secret {
    return mintSecret(this.simulation.world.random, checkName(name, 'the name of a secret'));
  }

  /**
   * E, who hears all that crosses a network: `net.eavesdropper('street').knows(net.secret('pin'))`. Without a name, on all
   * networks.
   *
   * @throws RangeError when there is no such network
   */
  eavesdropper(network?: string): Eavesdropper {
    if (network !== undefined) this.simulation.world.network(checkName(network, 'the name of a network'));
    return new Eavesdropper(() =>
      this.allFrames().filter((frame) => network === undefined || frame.network === network),
    );
  }

  /** SHA-256 over all that was put on any network: the same for the same scenario and seed. */
  get digest(): string {
    return this.simulation.world.capture?.digest() ?? '';
  }

  /**
   * What was put on the networks so far as a file for Wireshark, one interface a network; with the secrets by which it decrypts
   * TLS, unless `hasSecrets` is false.
   */
  pcapng(filter = '', { hasSecrets = true }: { readonly hasSecrets?: boolean } = {}): Uint8Array {
    const networks = this.scenario.networks.map(({ name }) => name);
    const secrets = hasSecrets ? (this.simulation.world.capture?.tlsSecrets() ?? []) : [];
    return pcapngOf(this.frames(filter), networks, this.scenario.start, 'netarium', secrets);
  }

  /** Stops this internet: whatever still waits is rejected, and nothing can be asked of it any more. */
  close(): void {
    this.pump.stop(new Error('this internet is closed'));
  }

  private get secrets(): TlsSecrets {
    const { capture, crypto } = this.simulation.world;
    return secretsIn(capture?.keyLog() ?? '', crypto);
  }

  private frames(filter: string): readonly CapturedFrame[] {
    return passingFrames(this.allFrames(), filterOf(filter));
  }

  private allFrames(): readonly CapturedFrame[] {
    return this.simulation.world.capture?.frames() ?? [];
  }
}

function filterOf(text: string): PacketFilter {
  const parsed = parseFilter(text);
  if (typeof parsed === 'function') return parsed;
  throw new TypeError(`the packet filter "${text}" is wrong at character ${parsed.index + 1}: ${parsed.message}`);
}

function scenarioOf(source: unknown, { seed, variant }: BootOptions): Scenario {
  if (seed !== undefined && !(Number.isSafeInteger(seed) && seed >= 0)) {
    throw new RangeError(`a seed is a whole number from 0 to 2^53 - 1, not ${seed}`);
  }
  const { scenario, diagnostics } = loadScenario(textOf(source), 'scenario', {
    seed,
    variant,
    checks: LANGUAGES,
    registry: ADVERSARY,
  });
  const problems = diagnostics.filter(({ severity }) => severity !== 'warning');
  if (scenario === undefined || problems.length > 0) throw new ScenarioError(problems);
  return scenario;
}

function textOf(source: unknown): string {
  if (typeof source === 'string') return source;
  if (source instanceof ScenarioBuilder) return source.toYaml();
  if (typeof source === 'object' && source !== null && !Array.isArray(source)) {
    return JSON.stringify({ version: 1, name: 'internet', ...source }, undefined, 2); // JSON is YAML
  }
  throw new TypeError('an internet boots from an object, the text of a scenario file or a builder');
}
