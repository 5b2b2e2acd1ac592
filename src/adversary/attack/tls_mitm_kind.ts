// `attack: tls-mitm` of a scenario file: M in the middle of TLS connections that come its way, with certificates of its own making.
//
//   - { at: 4s, attacker: mallory, attack: tls-mitm, with: { names: [bank.test], issuer: rogue-root } }

import { isDnsName } from '../../secure/pki/host_name.ts';
import { type Ipv4Address, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import type { Host } from '../../world/host/host.ts';
import { addressOrHost } from '../../world/sim/scenario/read_networks.ts';
import {
  entriesOf,
  field,
  itemsOf,
  type Maybe,
  numberOf,
  type Reading,
  textOf,
} from '../../world/sim/scenario/reading.ts';
import type { AttackKind, AttackPlace, AttackSite, RunningAttack } from '../../world/sim/scenario/registry.ts';
import { Redirect } from './redirect.ts';
import { type InterceptionState, interceptTls } from './tls_interception.ts';

const KEYS: readonly string[] = ['names', 'issuer', 'port', 'gateway'];
const HTTPS_PORT = 443;

interface TlsMitmOptions {
  readonly names: readonly string[];
  readonly issuer: string;
  readonly port: number;
  readonly gateway: Ipv4Address | undefined;
}

export const TLS_MITM: AttackKind = {
  name: 'tls-mitm',
  read: readOptions,
  start: (site, options) => startIntercepting(site, options as TlsMitmOptions), // what `read` gave
};

function startIntercepting({ attacker, world, now }: AttackSite, options: TlsMitmOptions): RunningAttack {
  const { port, names } = options;
  const { network, tls } = attacker;
  const issuer = tls.authorities.get(options.issuer);
  if (issuer === undefined) throw new RangeError(`${attacker.name} does not hold the key of ${options.issuer}`);
  const egress = network.interfaces.find(({ ipv4 }) => ipv4 !== undefined) ?? network.interfaces[0];
  if (egress === undefined) throw new RangeError(`${attacker.name} is on no network`);
  const gateway = options.gateway ?? routerOn(world.hosts.values(), egress.name);
  if (gateway !== undefined) {
    network.routes.add(now, { destination: UNSPECIFIED_IPV4, prefixLength: 0, gateway, metric: 0, egress });
  }
  const state: InterceptionState = { ownPort: 0, replaced: 0, forged: 0 };
  const meantFor = (client: Ipv4Address, from: number): Ipv4Address | undefined => redirect.meantFor(client, from);
  attacker.spawn(
    'tls-mitm',
    (system) => interceptTls(system, { watchedPort: port, names, issuer, tls, meantFor }, state),
    true,
  );
  attacker.settle(now); // it listens
  const redirect = new Redirect(attacker, {
    interfaceIndex: egress.index,
    watchedPort: port,
    ownPort: state.ownPort,
  });
  redirect.open();
  return {
    get deeds(): number {
      return state.forged;
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

function readOptions(reading: Reading, options: Maybe, place: AttackPlace): TlsMitmOptions | undefined {
  const { directory, attacker, holds, span } = place;
  for (const [key, { key: at }] of entriesOf(options)) {
    if (KEYS.includes(key)) continue;
    reading.problem(at, 'unknown-key', `unknown key "${key}" of tls-mitm`, `known keys: ${KEYS.join(', ')}`);
  }
  const portNode = field(options, 'port');
  const port = numberOf(portNode) ?? HTTPS_PORT;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    reading.problem(portNode?.span ?? span, 'wrong-value', 'tls-mitm watches one port', 'write port: 443');
  }
  const namesNode = field(options, 'names');
  const names = itemsOf(namesNode).flatMap((item) => {
    const name = textOf(item)?.toLowerCase() ?? '';
    if (isDnsName(name)) return [name];
    reading.problem(item.span, 'wrong-value', `"${name}" is not the name of a server`, 'write names: [www.foo.test]');
    return [];
  });
  if (itemsOf(namesNode).length === 0) {
    const message = 'tls-mitm stands in for nobody';
    reading.problem(namesNode?.span ?? span, 'missing-key', message, 'write names: [www.foo.test]');
  }
  const issuerNode = field(options, 'issuer');
  const issuer = textOf(issuerNode);
  if (issuer === undefined || !holds.includes(issuer)) {
    const message =
      issuer === undefined ? 'nobody vouches for the certificates' : `${attacker} does not hold the key of ${issuer}`;
    const key = issuer ?? 'rogue-root';
    reading.problem(issuerNode?.span ?? span, 'bad-combination', message, `write knows: [${key}] at ${attacker}`);
    return undefined;
  }
  const own = directory.attackers.get(attacker) ?? [];
  return { names, issuer, port, gateway: addressOrHost(reading, directory, own, field(options, 'gateway')) };
}
