// `attack: rewrite-stream` of a scenario file: M in the middle of TCP connections that come its way, replacing texts.
//
//   - { at: 4s, attacker: mallory, attack: rewrite-stream, with: { port: 80, gateway: gateway, replace: { "100": "999" } } }
//
// Texts are as long as what they stand for: a protocol above that counts bytes would notice otherwise.

import { utf8 } from '../../core/bytes.ts';
import { type Ipv4Address, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import { addressOrHost } from '../../world/sim/scenario/read_networks.ts';
import { entriesOf, field, type Maybe, numberOf, type Reading, textOf } from '../../world/sim/scenario/reading.ts';
import type { AttackKind, AttackPlace, AttackSite, RunningAttack } from '../../world/sim/scenario/registry.ts';
import { Redirect } from './redirect.ts';
import { type RelayState, streamRelay } from './stream_relay.ts';
import type { Replacement } from './stream_replacer.ts';

const KEYS: readonly string[] = ['port', 'gateway', 'replace'];

interface RewriteOptions {
  readonly port: number;
  readonly gateway: Ipv4Address | undefined;
  readonly replacements: readonly Replacement[];
}

export const REWRITE_STREAM: AttackKind = {
  name: 'rewrite-stream',
  read: readOptions,
  start: (site, options) => startRewriting(site, options as RewriteOptions), // what `read` gave
};

function startRewriting({ attacker, now }: AttackSite, options: RewriteOptions): RunningAttack {
  const { port, gateway, replacements } = options;
  const { network } = attacker;
  const egress = network.interfaces.find(({ ipv4 }) => ipv4 !== undefined) ?? network.interfaces[0];
  if (egress === undefined) throw new RangeError(`${attacker.name} is on no network`);
  if (gateway !== undefined) {
    network.routes.add(now, { destination: UNSPECIFIED_IPV4, prefixLength: 0, gateway, metric: 0, egress });
  }
  const state: RelayState = { ownPort: 0, replaced: 0 };
  const meantFor = (client: Ipv4Address, from: number): Ipv4Address | undefined => redirect.meantFor(client, from);
  attacker.spawn(
    'rewrite-stream',
    (system) => streamRelay(system, { watchedPort: port, replacements, meantFor }, state),
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
      return state.replaced;
    },
    stop(): void {
      redirect.close();
    },
  };
}

function readOptions(reading: Reading, options: Maybe, place: AttackPlace): RewriteOptions | undefined {
  const { directory, attacker, span } = place;
  for (const [key, { key: at }] of entriesOf(options)) {
    if (KEYS.includes(key)) continue;
    reading.problem(at, 'unknown-key', `unknown key "${key}" of rewrite-stream`, `known keys: ${KEYS.join(', ')}`);
  }
  const portNode = field(options, 'port');
  const port = numberOf(portNode);
  if (port === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) {
    reading.problem(portNode?.span ?? span, 'wrong-value', 'rewrite-stream watches one port', 'write port: 80');
  }
  const own = directory.attackers.get(attacker) ?? [];
  const gateway = addressOrHost(reading, directory, own, field(options, 'gateway'));
  const replaceNode = field(options, 'replace');
  const replacements = entriesOf(replaceNode).flatMap(([from, { key, value }]) => {
    const [old, fresh] = [utf8(from), utf8(textOf(value) ?? '')];
    if (old.length > 0 && old.length === fresh.length) return [{ from: old, to: fresh }];
    const message = `"${from}" and what stands for it have ${old.length} and ${fresh.length} bytes`;
    reading.problem(key, 'wrong-value', message, 'write texts of equal length: "100": "999"');
    return [];
  });
  if (entriesOf(replaceNode).length === 0) {
    const message = 'rewrite-stream replaces nothing';
    reading.problem(replaceNode?.span ?? span, 'missing-key', message, 'write replace: { "100": "999" }');
  }
  return port === undefined ? undefined : { port, gateway, replacements };
}
