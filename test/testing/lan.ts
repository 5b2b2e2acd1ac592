// A world for tests, wired by hand: networks, machines with fixed addresses or none, commands that run to their end.

import assert from 'node:assert/strict';
import { after, type Duration, type Instant, milliseconds } from '../../src/core/time.ts';
import type { NatOptions } from '../../src/stack/net/nat.ts';
import type { FirewallOptions } from '../../src/stack/net/packet_gate.ts';
import { type Ipv4Address, parseIpv4Address, parsePrefix, UNSPECIFIED_IPV4 } from '../../src/wire/address.ts';
import { formatFrame } from '../../src/wire/format_frame.ts';
import type { Program, System } from '../../src/world/app/program.ts';
import { runCommand } from '../../src/world/host/commands/all.ts';
import { DhcpClientAgent } from '../../src/world/host/dhcp_client_agent.ts';
import { DhcpServerAgent } from '../../src/world/host/dhcp_server_agent.ts';
import { gateFor } from '../../src/world/host/firewall.ts';
import type { Host } from '../../src/world/host/host.ts';
import { LinkLocalAgent } from '../../src/world/host/link_local_agent.ts';
import type { HostProcess } from '../../src/world/host/process.ts';
import type { LinkConditions, Medium } from '../../src/world/sim/scenario/types.ts';
import { World, type WorldOptions } from '../../src/world/sim/world.ts';

export function ip(text: string): Ipv4Address {
  const address = parseIpv4Address(text);
  assert.ok(address !== undefined, `${text} is no address`);
  return address;
}

const PERFECT: LinkConditions = {
  delay: milliseconds(1),
  jitter: milliseconds(0),
  rate: 1e9,
  queueBytes: 1_514_000,
  loss: 0,
  duplicate: 0,
  reorder: 0,
  reorderDelay: milliseconds(0),
  corrupt: 0,
  corruptKind: 'wire',
};

/** Networks by name. */
export interface LanNat extends Partial<Omit<NatOptions, 'inside' | 'outside'>> {
  readonly inside: string;
  readonly outside: string;
}

export class Lan {
  readonly world: World;

  constructor(options: Partial<WorldOptions> = {}) {
    this.world = new World({ seed: 1, ...options });
  }

  get now(): Instant {
    return this.world.now;
  }

  network(name: string, subnet: string, conditions: Partial<LinkConditions> = {}, medium: Medium = 'ethernet'): void {
    const prefix = parsePrefix(subnet);
    assert.ok(prefix !== undefined);
    this.world.addNetwork({ name, subnet: prefix, medium, conditions: { ...PERFECT, ...conditions }, mtu: 1500 });
  }

  /** `addresses`: by network, `''` for none yet. */
  host(name: string, addresses: Readonly<Record<string, string>>, gateway?: string): Host {
    const host = this.world.addHost(name);
    for (const [name, address] of Object.entries(addresses)) {
      const network = this.world.network(name);
      const { index } = this.world.connect(host, network);
      if (address === '') continue;
      const prefixLength = network.subnet.length;
      const all = address.split(' ').map((text) => ({ address: ip(text), prefixLength }));
      host.network.setAddresses(this.now, index, all);
    }
    if (gateway !== undefined) this.route(host, gateway);
    return host;
  }

  router(name: string, addresses: Readonly<Record<string, string>>, gateway?: string): Host {
    const host = this.host(name, addresses, gateway);
    host.network.isForwarding = true;
    return host;
  }

  /** A default route. */
  route(host: Host, gateway: string): void {
    const { egress } = host.network.paths.to(ip(gateway));
    const destination = UNSPECIFIED_IPV4;
    host.network.routes.add(this.now, { destination, prefixLength: 0, gateway: ip(gateway), metric: 100, egress });
  }

  gate(host: Host, nat: LanNat | undefined, firewall?: FirewallOptions): void {
    const index = (name: string): number => host.network.interfaces.findIndex((each) => each.name === name);
    const options =
      nat === undefined
        ? undefined
        : ({
            mapping: 'endpoint-independent',
            filtering: 'address-and-port-dependent',
            firstPort: 1024,
            lastPort: 65_535,
            ...nat,
            inside: [index(nat.inside)],
            outside: index(nat.outside),
          } satisfies NatOptions);
    host.gate = gateFor(host, firewall, options, undefined);
    host.network.hooks = host.gate;
  }

  dhcpServer(host: Host, first: string, last: string, leaseTime: Duration): DhcpServerAgent {
    const [served] = host.network.interfaces;
    assert.ok(served?.ipv4 !== undefined);
    const prefixLength = this.world.network(served.name).subnet.length;
    const config = {
      hostName: host.name,
      address: served.ipv4,
      prefixLength,
      first: ip(first),
      last: ip(last),
      leaseTime,
    };
    const agent = new DhcpServerAgent(host, served, { ...config, routers: [served.ipv4], dnsServers: [served.ipv4] });
    host.addAgent(agent);
    agent.start(this.now);
    host.settle(this.now);
    return agent;
  }

  dhcpClient(host: Host): DhcpClientAgent {
    const [served] = host.network.interfaces;
    assert.ok(served !== undefined);
    const fallback = new LinkLocalAgent(host, served);
    const agent = new DhcpClientAgent(host, served, fallback);
    host.addAgent(fallback);
    host.addAgent(agent);
    agent.start(this.now);
    host.settle(this.now);
    return agent;
  }

  spawn(host: Host, main: (system: System) => Program<unknown>, isService = false): HostProcess {
    const process = host.spawn('test', main, isService);
    host.settle(this.now);
    return process;
  }

  /** Runs a program to its end and returns its result; what it throws is thrown here. */
  call<Result>(host: Host, main: (system: System) => Program<Result>): Result {
    let outcome: { readonly value: Result } | { readonly error: unknown } | undefined;
    this.spawn(host, function* (system): Program<void> {
      try {
        outcome = { value: yield* main(system) };
      } catch (error) {
        outcome = { error };
      }
    });
    this.run();
    assert.ok(outcome !== undefined, 'the program never came to its end');
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  /** A command's output and exit code, as text. */
  command(host: Host, line: string): string {
    const run = runCommand(host, line);
    host.settle(this.now);
    while (!run.process.isDone && this.world.isAlive) this.world.step();
    return [...run.output, `exit ${run.exitCode ?? 'never'}`, ''].join('\n');
  }

  /** Until nothing is left that keeps a world alive. */
  run(): void {
    while (this.world.isAlive) this.world.step();
  }

  pass(duration: Duration): void {
    this.world.runUntil(after(this.now, duration));
  }

  /** What was captured, a line a frame. */
  frames(): string {
    const lines = this.world.capture?.frames().map(({ time, network, bytes }) => {
      return `${(time / 1e6).toFixed(3)} ${network} ${formatFrame(bytes)}\n`;
    });
    return (lines ?? []).join('');
  }

  /** Closes the world: nothing may be left. */
  close(): void {
    this.world.close();
    assert.equal(this.world.arena.slotsInUse, 0);
    assert.equal(this.world.queue.size, 0);
    assert.deepEqual(this.world.failures, []);
  }
}
