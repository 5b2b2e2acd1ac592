// From a scenario to a world: networks, machines, what they are configured with, and the programs that they start with.

import type { Journal } from '../../core/journal.ts';
import { type Instant, seconds } from '../../core/time.ts';
import type { CryptoProvider } from '../../secure/crypto/provider.ts';
import { isRuleProblem, parseRule } from '../../stack/net/firewall_rules.ts';
import { DEFAULT_TCP_SETTINGS } from '../../stack/transport/tcp/tcp_settings.ts';
import { type Ipv4Address, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import type { Program } from '../app/program.ts';
import { Capacity } from '../host/capacity.ts';
import { DhcpClientAgent } from '../host/dhcp_client_agent.ts';
import { DhcpServerAgent } from '../host/dhcp_server_agent.ts';
import { gateFor } from '../host/firewall.ts';
import type { Host } from '../host/host.ts';
import { LinkLocalAgent } from '../host/link_local_agent.ts';
import type { HostProcess } from '../host/process.ts';
import { ArpInspection } from './arp_inspection.ts';
import { attackerMachine } from './attacker_machine.ts';
import type { Attachment } from './network.ts';
import { PacketFault } from './packet_faults.ts';
import type { PromiscuousHost } from './promiscuous_host.ts';
import type {
  DhcpServerDefinition,
  HostAction,
  HostDefinition,
  InterfaceDefinition,
  NetworkDefinition,
  Scenario,
} from './scenario/types.ts';
import { cacheRows, type ServiceProgram, servicesOf } from './services.ts';
import { giveKeys } from './tls_of_machine.ts';
import { World } from './world.ts';
import { WorldPki } from './world_pki.ts';

const DNS_PORT = 53;
const SHUTDOWN_TIME = seconds(2);

export interface BuildOptions {
  readonly journal?: Journal;
  readonly shuffleSeed?: number;
  readonly isCapturing?: boolean;
  /** The portable one unless said otherwise: no byte depends on it. */
  readonly crypto?: CryptoProvider;
}

interface Machine {
  readonly definition: HostDefinition;
  readonly host: Host;
  readonly attachments: Map<string, Attachment>;
  readonly services: readonly ServiceProgram[];
  readonly running: Map<string, HostProcess>;
}

/** A world made from a scenario, with the handles by which its timeline acts on it. */
export class BuiltWorld {
  readonly world: World;
  readonly scenario: Scenario;
  readonly faults: readonly PacketFault[];
  readonly attackers: Map<string, PromiscuousHost> = new Map();
  readonly pki: WorldPki;
  /** Of all machines: hosts, then attackers. */
  readonly definitions: readonly HostDefinition[];
  private readonly machines = new Map<string, Machine>();

  constructor(scenario: Scenario, options: BuildOptions) {
    this.scenario = scenario;
    this.definitions = [...scenario.hosts, ...scenario.attackers.map(attackerMachine)];
    const { start } = scenario;
    this.world = new World({
      seed: scenario.seed,
      wallStart: start.seconds * 1000 + start.nanoseconds / 1e6,
      ...options,
    });
    this.pki = new WorldPki(this.world.crypto, this.world.random, scenario);
    for (const { name, tcp } of scenario.hosts) this.world.addHost(name, { ...DEFAULT_TCP_SETTINGS, ...tcp.settings });
    for (const { name } of scenario.attackers) this.attackers.set(name, this.world.addPromiscuousHost(name));
    for (const network of scenario.networks) this.addNetwork(network);
    for (const definition of this.definitions) this.equip(definition);
    for (const network of scenario.networks) this.inspectArp(network);
    if (scenario.zones.length === 0) this.nameMachines();
    this.faults = scenario.faults.map((fault) => new PacketFault(fault));
    for (const rule of this.faults) {
      for (const network of this.world.networks.values()) {
        if (rule.fault.network === undefined || rule.fault.network === network.name) network.addRule(rule);
      }
    }
  }

  /** Switches a machine on: addresses, routes, agents, services. */
  boot(name: string, now: Instant): void {
    const machine = this.machine(name);
    const { definition, host } = machine;
    host.isDown = false;
    host.nameServers = definition.nameservers.map((address) => ({ address, port: DNS_PORT }));
    for (const each of definition.interfaces) this.configure(machine, each, now);
    for (const route of definition.routes) {
      const egress = this.interfaceOf(machine, route.network);
      const { address: destination, length: prefixLength } = route.prefix;
      host.network.routes.add(now, {
        destination,
        prefixLength,
        gateway: route.gateway ?? UNSPECIFIED_IPV4,
        metric: route.metric,
        egress,
      });
    }
    for (const server of definition.dhcpServers) this.startDhcpServer(machine, server, now);
    for (const service of machine.services) this.startService(machine, service);
    host.settle(now);
  }

  actOnHost(name: string, action: HostAction, now: Instant): void {
    const machine = this.machine(name);
    switch (action) {
      case 'crash':
        machine.host.crash(now);
        machine.running.clear();
        return;
      case 'restart':
        machine.host.crash(now);
        machine.running.clear();
        machine.host.forget(now);
        this.boot(name, now);
        return;
      case 'shutdown':
        this.shutDown(machine, now);
        return;
      case 'vanish':
        for (const [network, { port }] of machine.attachments)
          this.world.network(network).unplug(machine.host, port, now);
        return;
      case 'return':
        for (const [network, { port }] of machine.attachments) this.world.network(network).replug(machine.host, port);
        return;
      default:
        action satisfies never;
    }
  }

  // Programs end and leases are given back; the power goes once the releases have had time to leave.
  private shutDown({ host, running }: Machine, now: Instant): void {
    for (const process of host.processes) process.kill();
    running.clear();
    for (const agent of host.agentsOf(DhcpClientAgent)) agent.release(now);
    host.spawn('shutdown', function* (system): Program<void> {
      yield* system.sleep(SHUTDOWN_TIME);
      host.crash(system.now);
    });
    host.settle(now);
  }

  setInterface(hostName: string, network: string, isUp: boolean, now: Instant): void {
    const machine = this.machine(hostName);
    const port = machine.attachments.get(network)?.port ?? 0;
    if (isUp) this.world.network(network).replug(machine.host, port);
    else this.world.network(network).unplug(machine.host, port, now);
  }

  setService(hostName: string, service: string, isRunning: boolean, now: Instant): void {
    const machine = this.machine(hostName);
    machine.running.get(service)?.kill();
    machine.running.delete(service);
    const program = machine.services.find(({ name }) => name === service);
    if (isRunning && program !== undefined) this.startService(machine, program);
    machine.host.settle(now);
  }

  /** The cache of a machine's resolver; empty where it has none. */
  dnsCacheRows(hostName: string, now: Instant): readonly Readonly<Record<string, string>>[] {
    return this.machine(hostName).services.flatMap(({ cache }) =>
      cache === undefined ? [] : cacheRows(cache.list(now), now),
    );
  }

  private machine(name: string): Machine {
    const machine = this.machines.get(name);
    if (machine === undefined) throw new RangeError(`there is no host ${name}`);
    return machine;
  }

  // Where a scenario has no domain names, machines know each other as from /etc/hosts: by an address on a network that
  // they share, else by their first one.
  private nameMachines(): void {
    const { hosts } = this.scenario;
    for (const { name, interfaces } of this.definitions) {
      const known = new Map<string, Ipv4Address>();
      const own = new Set(interfaces.map(({ network }) => network));
      for (const other of hosts) {
        const fixed = other.interfaces.filter(({ addressing }) => addressing.kind === 'static');
        const chosen = fixed.find(({ network }) => own.has(network)) ?? fixed[0];
        if (chosen?.addressing.kind === 'static') known.set(other.name.toLowerCase(), chosen.addressing.address);
      }
      this.world.host(name).knownNames = known;
    }
  }

  // Fixed addresses of trusted machines are bound to them; leases are learned as they are given.
  private inspectArp({ name, arpInspection }: NetworkDefinition): void {
    if (arpInspection === undefined) return;
    const trusted = arpInspection.trusted.map((hostName) => {
      const { definition, host } = this.machine(hostName);
      const own = definition.interfaces.filter(({ network }) => network === name);
      const addresses = own.flatMap(({ addressing, moreAddresses }) =>
        addressing.kind === 'static' ? [addressing.address, ...moreAddresses] : moreAddresses,
      );
      return { device: host, addresses };
    });
    this.world.network(name).inspectArp(new ArpInspection(trusted));
  }

  private addNetwork(definition: NetworkDefinition): void {
    const { name, subnet, medium, conditions, mtu, ageing } = definition;
    this.world.addNetwork({ name, subnet, medium, conditions, mtu, ageing });
  }

  private equip(definition: HostDefinition): void {
    const host = this.world.host(definition.name);
    host.isPrivileged = definition.isPrivileged;
    host.clockSkew = definition.clockSkew / 1e6;
    host.network.isForwarding = definition.kind === 'router';
    const { workers, queue, memory } = definition.capacity;
    if (workers !== Number.POSITIVE_INFINITY || memory !== Number.POSITIVE_INFINITY) {
      host.capacity = new Capacity(host, { workers, queueLimit: queue, memory });
    }
    const own = { ...host.tcp.acceptedOptions, ...definition.tcp.connection };
    host.tcpOptions = own;
    host.tcp.acceptedOptions = own;
    const attachments = new Map<string, Attachment>();
    for (const each of definition.interfaces) {
      const network = this.world.network(each.network);
      const added = this.world.connect(host, network, each.linkAddress);
      const attachment = network.attachments.find(({ device, port }) => device === host && port === added.index);
      if (attachment !== undefined) attachments.set(each.network, attachment);
    }
    this.addGate(host, definition);
    if (this.pki.authorities.size > 0) giveKeys(host.tls, definition, this.scenario, this.pki);
    const services = servicesOf(definition, this.scenario.zones, this.world, host, this.pki);
    this.machines.set(definition.name, { definition, host, attachments, services, running: new Map() });
  }

  private addGate(host: Host, { firewall, nat, name }: HostDefinition): void {
    if (firewall === undefined && nat === undefined) return;
    const indexOf = (network: string): number => host.network.interfaces.findIndex((each) => each.name === network);
    const rules = firewall?.rules.map((text) => {
      const rule = parseRule(text);
      if (isRuleProblem(rule)) throw new RangeError(`firewall of ${name}: ${rule.message} in "${text}"`);
      return rule;
    });
    const gate = gateFor(
      host,
      firewall === undefined ? undefined : { policy: firewall.policy, rules: rules ?? [] },
      nat === undefined
        ? undefined
        : {
            inside: nat.inside.map(indexOf),
            outside: indexOf(nat.outside),
            mapping: nat.mapping,
            filtering: nat.filtering,
            firstPort: nat.ports.first,
            lastPort: nat.ports.last,
          },
      nat?.timeouts,
    );
    host.gate = gate;
    host.network.hooks = gate;
  }

  private configure(machine: Machine, definition: InterfaceDefinition, now: Instant): void {
    const { host } = machine;
    const served = this.interfaceOf(machine, definition.network);
    const { length: prefixLength } = this.world.network(definition.network).subnet;
    const more = definition.moreAddresses.map((address) => ({ address, prefixLength }));
    switch (definition.addressing.kind) {
      case 'static':
        host.network.setAddresses(now, served.index, [
          { address: definition.addressing.address, prefixLength },
          ...more,
        ]);
        return;
      case 'link-local': {
        const agent = new LinkLocalAgent(host, served);
        host.addAgent(agent);
        agent.start(now);
        return;
      }
      default: {
        const fallback = new LinkLocalAgent(host, served);
        const agent = new DhcpClientAgent(host, served, fallback);
        host.addAgent(fallback);
        host.addAgent(agent);
        agent.start(now);
      }
    }
  }

  private startDhcpServer(machine: Machine, definition: DhcpServerDefinition, now: Instant): void {
    const { host } = machine;
    const served = this.interfaceOf(machine, definition.network);
    const { length: prefixLength } = this.world.network(definition.network).subnet;
    const { router, domain } = definition;
    const agent = new DhcpServerAgent(host, served, {
      hostName: host.name,
      address: served.ipv4 ?? UNSPECIFIED_IPV4,
      prefixLength,
      first: definition.range.first,
      last: definition.range.last,
      leaseTime: definition.lease,
      dnsServers: definition.dns,
      ...(router === undefined ? {} : { routers: [router] }),
      ...(domain === undefined ? {} : { domainName: domain }),
      reservations: definition.reservations.map(({ client, address }) => ({
        linkAddress: 'linkAddress' in client ? client.linkAddress : this.linkAddressOf(client.host, definition.network),
        address,
      })),
      ...(this.world.journal === undefined ? {} : { journal: this.world.journal }),
    });
    host.addAgent(agent);
    agent.start(now);
  }

  private linkAddressOf(hostName: string, network: string): ReturnType<BuiltWorld['interfaceOf']>['linkAddress'] {
    return this.interfaceOf(this.machine(hostName), network).linkAddress;
  }

  private startService(machine: Machine, service: ServiceProgram): void {
    const process = machine.host.spawn(service.name, (system) => service.start(system), true);
    machine.running.set(service.name, process);
  }

  private interfaceOf(machine: Machine, network: string): Host['network']['interfaces'][number] {
    const found = machine.host.network.interfaces.find(({ name }) => name === network);
    if (found === undefined) throw new RangeError(`${machine.definition.name} is not on ${network}`);
    return found;
  }
}

export const buildWorld = (scenario: Scenario, options: BuildOptions = {}): BuiltWorld =>
  new BuiltWorld(scenario, options);
