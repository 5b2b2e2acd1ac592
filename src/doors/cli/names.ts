// `netarium names [SCENARIO]`: one name at every level, and the address that it stands for there. Each row is found out in
// a running world by whoever would: a program, a resolver, a neighbor on the link, a list of services.

import { formatColumns } from '../../core/columns.ts';
import { after, milliseconds, seconds } from '../../core/time.ts';
import { formatIpAddress, formatLinkAddress, type Ipv4Address, NO_LINK_ADDRESS } from '../../wire/address.ts';
import { type Program, SocketError, type System } from '../../world/app/program.ts';
import type { Host } from '../../world/host/host.ts';
import type { Scenario } from '../../world/sim/scenario/types.ts';
import type { Simulation } from '../../world/sim/simulation.ts';
import { ExitStatus } from './exit.ts';
import { quietWorld, runProgram } from './quiet_world.ts';
import { AS_WRITTEN, loadRunnable, readScenarioText } from './scenario_file.ts';
import { SHIPPED_SCENARIOS } from './shipped.ts';
import { paint, print } from './terminal.ts';

const DEFAULT_SCENARIO = `${SHIPPED_SCENARIOS}home-behind-nat.yaml`;
/** Services that everyone knows, whether or not somebody here offers them. */
const KNOWN_SERVICES = ['http', 'https', 'ssh'];
const COUNTER_BYTES = 4;

/** A name, the address it stands for, and who found out; no address where nobody could. */
interface NameRow {
  readonly name: string;
  readonly address: string | undefined;
  readonly found: string;
}

/** @throws CliError, FileError */
export async function names(file: string = DEFAULT_SCENARIO): Promise<ExitStatus> {
  const scenario = loadRunnable(await readScenarioText(file), AS_WRITTEN);
  const rows = await nameRows(scenario);
  const [head = '', ...lines] = formatColumns([
    ['name', 'address', 'found by'],
    ...rows.map(({ name, address, found }) => [name, address ?? 'not found', found]),
  ]).split('\n');
  print([paint('bold', head), ...lines].join('\n'));
  print('A name says who or what, an address says where.');
  return rows.every(({ address }) => address !== undefined) ? ExitStatus.Ok : ExitStatus.Unmet;
}

async function nameRows(scenario: Scenario): Promise<readonly NameRow[]> {
  const simulation = await quietWorld(scenario);
  const asking = whoAsks(simulation, scenario);
  return [
    variableRow(simulation, asking),
    ...hostRows(simulation, scenario, asking),
    ...serviceRows(simulation, asking),
  ];
}

/** The first machine that has somebody to ask about names; else the first. */
function whoAsks({ world }: Simulation, scenario: Scenario): Host {
  const hosts = scenario.hosts.map(({ name }) => world.host(name));
  const found = hosts.find(({ nameServers }) => nameServers.length > 0) ?? hosts[0];
  if (found === undefined) throw new Error('a scenario has hosts');
  return found;
}

// A program counts in memory of which it knows the place. JavaScript hides where its own variables lie; the packet memory
// of a world is one block, and a place in it has a number.
function variableRow(simulation: Simulation, host: Host): NameRow {
  const { arena } = simulation.world;
  const slot = arena.allocate(COUNTER_BYTES);
  const at = arena.start(slot);
  arena.view.setUint32(at, 0);
  runProgram(simulation, host, function* (system: System): Program<void> {
    for (let i = 0; i < 3; i++) {
      arena.view.setUint32(at, arena.view.getUint32(at) + 1);
      yield* system.sleep(milliseconds(1));
    }
  });
  const value = arena.view.getUint32(at);
  arena.release(slot);
  return {
    name: 'variable counter',
    address: `memory address 0x${at.toString(16).padStart(8, '0')}`,
    found: `a program on ${host.name}, which counted to ${value} there: a place in the memory of this world`,
  };
}

function hostRows(simulation: Simulation, scenario: Scenario, asking: Host): readonly NameRow[] {
  const kind = scenario.zones.length > 0 ? 'DNS name' : 'host name';
  return domainNames(scenario).flatMap((written) => {
    const name = `${kind} ${written}`;
    const address = runProgram(simulation, asking, (system) => lookUp(system, written));
    const ip = {
      name,
      address: address === undefined ? undefined : `IPv4 address ${formatIpAddress(address)}`,
      found: `${asking.name}, who looks it up`,
    };
    const six = { name, address: 'IPv6 address: not built', found: 'nobody, so far' };
    return address === undefined ? [ip, six] : [ip, six, linkRow(simulation, name, address)];
  });
}

/** Names of the zones that have an address; without zones, names of the machines. */
function domainNames({ zones, hosts }: Scenario): readonly string[] {
  const owned = zones.flatMap(({ records }) =>
    records.flatMap(({ owner, data }) => (data.type === 'A' ? owner.replace(/\.$/, '') : [])),
  );
  return zones.length > 0 ? [...new Set(owned)] : hosts.map(({ name }) => name);
}

function* lookUp(system: System, name: string): Program<Ipv4Address | undefined> {
  try {
    const [found] = yield* system.getAddressInfo(name, undefined, { family: 4 });
    return typeof found?.address === 'number' ? found.address : undefined;
  } catch (error) {
    if (error instanceof SocketError) return undefined;
    throw error;
  }
}

// Only a machine on the same link can say: the others never see this address.
function linkRow(simulation: Simulation, name: string, address: Ipv4Address): NameRow {
  const hosts = [...simulation.world.hosts.values()];
  const owner = hosts.find(({ network }) => network.interfaces.some(({ ipv4 }) => ipv4 === address));
  const link = owner?.network.interfaces.find(({ ipv4 }) => ipv4 === address)?.name;
  const neighbor = hosts.find((host) => host !== owner && host.network.interfaces.some((each) => each.name === link));
  const found = neighbor === undefined ? undefined : askLink(simulation, neighbor, address);
  return {
    name,
    address: found === undefined ? undefined : `MAC address ${found}`,
    found:
      neighbor === undefined
        ? 'nobody: no other machine is on its link'
        : `${neighbor.name}, who asks on the link ${link}`,
  };
}

function askLink(simulation: Simulation, asking: Host, address: Ipv4Address): string | undefined {
  runProgram(simulation, asking, function* (system): Program<void> {
    const socket = system.echo();
    socket.send(address, 1);
    yield* socket.receive(after(system.now, seconds(2)));
    socket.close();
  });
  for (const { neighbors } of asking.network.interfaces) {
    const known = neighbors.find((each) => each.address === address);
    if (known !== undefined && known.linkAddress !== NO_LINK_ADDRESS) return formatLinkAddress(known.linkAddress);
  }
  return undefined;
}

function serviceRows(simulation: Simulation, asking: Host): readonly NameRow[] {
  const hosts = [...simulation.world.hosts.values()];
  return KNOWN_SERVICES.map((name) => {
    const port = runProgram(simulation, asking, function* (system): Program<number | undefined> {
      const [found] = yield* system.getAddressInfo(undefined, name, { isPassive: true });
      return found?.port;
    });
    const listening = hosts.filter(({ tcp }) =>
      tcp.list().some(({ state, localPort }) => state === 'LISTEN' && localPort === port),
    );
    const who =
      listening.length === 0
        ? 'nobody listens there now'
        : `${listening.map((host) => host.name).join(', ')} listens there`;
    return {
      name: `service name ${name}`,
      address: port === undefined ? undefined : `port number ${port}`,
      found: `${asking.name}'s list of services; ${who}`,
    };
  });
}
