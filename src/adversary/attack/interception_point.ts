// An attack that takes TCP connections which come the attacker's way: its program listens, and the connections of a port are
// redirected to it. What `rewrite-stream`, `cut-stream` and `tls-mitm` have in common.

import { type Ipv4Address, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import type { Program, System } from '../../world/app/program.ts';
import type { Host } from '../../world/host/host.ts';
import { field, type Maybe, numberOf, type Reading } from '../../world/sim/scenario/reading.ts';
import type { AttackPlace, AttackSite, RunningAttack } from '../../world/sim/scenario/registry.ts';
import { Redirect } from './redirect.ts';
import type { RelayState } from './stream_relay.ts';

export interface TakenConnections {
  readonly watchedPort: number;
  /** The server for which a client's connection was meant. */
  readonly meantFor: (client: Ipv4Address, port: number) => Ipv4Address | undefined;
}

/** @param deeds how often it has done what it is for */
export function takeConnections<State extends RelayState>(
  { attacker, world, now }: AttackSite,
  { name, port, gateway }: { readonly name: string; readonly port: number; readonly gateway: Ipv4Address | undefined },
  state: State,
  program: (system: System, taken: TakenConnections) => Program<unknown>,
  deeds: (state: State) => number,
): RunningAttack {
  const { network } = attacker;
  const egress = network.interfaces.find(({ ipv4 }) => ipv4 !== undefined) ?? network.interfaces[0];
  if (egress === undefined) throw new RangeError(`${attacker.name} is on no network`);
  const next = gateway ?? routerOn(world.hosts.values(), egress.name);
  if (next !== undefined) {
    network.routes.add(now, { destination: UNSPECIFIED_IPV4, prefixLength: 0, gateway: next, metric: 0, egress });
  }
  const meantFor = (client: Ipv4Address, from: number): Ipv4Address | undefined => redirect.meantFor(client, from);
  attacker.spawn(name, (system) => program(system, { watchedPort: port, meantFor }), true);
  attacker.settle(now); // it listens
  const redirect = new Redirect(attacker, {
    interfaceIndex: egress.index,
    watchedPort: port,
    ownPort: state.ownPort,
  });
  redirect.open();
  return {
    get deeds(): number {
      return deeds(state);
    },
    stop(): void {
      redirect.close();
    },
  };
}

/** By which the attacker reaches servers if nobody says: the one router of its network. */
function routerOn(hosts: Iterable<Host>, name: string): Ipv4Address | undefined {
  const routers = [...hosts].filter(({ network }) => network.isForwarding);
  const addresses = routers.flatMap(({ network }) => {
    return network.interfaces.flatMap((each) => (each.name === name ? (each.ipv4 ?? []) : []));
  });
  return addresses.length === 1 ? addresses[0] : undefined;
}

/** The port that an attack watches; what is none is reported. */
export function readPort(
  reading: Reading,
  options: Maybe,
  { span }: AttackPlace,
  attack: string,
  usual?: number,
): number | undefined {
  const node = field(options, 'port');
  const port = numberOf(node) ?? usual;
  if (port !== undefined && Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  reading.problem(node?.span ?? span, 'wrong-value', `${attack} watches one port`, `write port: ${usual ?? 80}`);
  return undefined;
}
