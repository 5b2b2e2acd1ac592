// `attack: rewrite-stream` of a scenario file: M in the middle of TCP connections that come its way, replacing texts.
//
//   - { at: 4s, attacker: mallory, attack: rewrite-stream, with: { port: 80, gateway: gateway, replace: { "100": "999" } } }
//
// Texts are as long as what they stand for: a protocol above that counts bytes would notice otherwise.

import { utf8 } from '../../core/bytes.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import type { System } from '../../world/app/program.ts';
import { addressOrHost } from '../../world/sim/scenario/read_networks.ts';
import { entriesOf, field, type Maybe, type Reading, textOf } from '../../world/sim/scenario/reading.ts';
import type { AttackKind, AttackPlace, AttackSite, RunningAttack } from '../../world/sim/scenario/registry.ts';
import { readPort, type TakenConnections, takeConnections } from './interception_point.ts';
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

function startRewriting(site: AttackSite, { port, gateway, replacements }: RewriteOptions): RunningAttack {
  const state: RelayState = { ownPort: 0, replaced: 0 };
  const program = (system: System, taken: TakenConnections) => streamRelay(system, { ...taken, replacements }, state);
  return takeConnections(site, { name: 'rewrite-stream', port, gateway }, state, program, ({ replaced }) => replaced);
}

function readOptions(reading: Reading, options: Maybe, place: AttackPlace): RewriteOptions | undefined {
  const { directory, attacker, span } = place;
  for (const [key, { key: at }] of entriesOf(options)) {
    if (KEYS.includes(key)) continue;
    reading.problem(at, 'unknown-key', `unknown key "${key}" of rewrite-stream`, `known keys: ${KEYS.join(', ')}`);
  }
  const port = readPort(reading, options, place, 'rewrite-stream');
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
