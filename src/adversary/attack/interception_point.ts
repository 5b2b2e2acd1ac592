// An attack that takes TCP connections which come the attacker's way: its program listens, and the connections of a port are
// redirected to it. What `rewrite-stream`, `cut-stream` and `tls-mitm` have in common.

import type { Ipv4Address } from '../../wire/address.ts';
import type { Program, System } from '../../world/app/program.ts';
import { field, type Maybe, numberOf, type Reading } from '../../world/sim/scenario/reading.ts';
import type { AttackPlace, AttackSite, RunningAttack } from '../../world/sim/scenario/registry.ts';
import { Redirect } from './redirect.ts';
import type { RelayState } from './stream_relay.ts';
import { openWayOut } from './way_out.ts';

export interface TakenConnections {
  readonly watchedPort: number;
  /** The server for which a client's connection was meant. */
  readonly meantFor: (client: Ipv4Address, port: number) => Ipv4Address | undefined;
}

/** @param deeds how often it has done what it is for */
export function takeConnections<State extends RelayState>(
  site: AttackSite,
  { name, port, gateway }: { readonly name: string; readonly port: number; readonly gateway: Ipv4Address | undefined },
  state: State,
  program: (system: System, taken: TakenConnections) => Program<unknown>,
  deeds: (state: State) => number,
): RunningAttack {
  const { attacker, now } = site;
  const egress = openWayOut(site, gateway);
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
