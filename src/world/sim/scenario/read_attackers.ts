// Attackers, and the steps in which they begin and end something. Which attacks there are, the registry says; without one
// there are none.

import { type Directory, knownName } from './read_networks.ts';
import type { Pki } from './read_pki.ts';
import { booleanOf, entriesOf, field, itemsOf, type Reading, textOf } from './reading.ts';
import type { AttackKind, Holding, Registry } from './registry.ts';
import type { SourceNode } from './source_tree.ts';
import type { AttackerDefinition, Step } from './types.ts';

type BodyOf<Kind extends Step['kind']> = Omit<Extract<Step, { kind: Kind }>, 'at' | 'id' | 'ask' | 'position'>;

const ALL = 'all';

export function readAttackers(
  reading: Reading,
  root: SourceNode,
  directory: Directory,
  { authorities, leaves }: Pki,
): AttackerDefinition[] {
  const known = new Map<string, unknown>([...authorities, ...leaves]);
  return entriesOf(field(root, 'attackers')).map(([name, { key, value }]) => ({
    name,
    position: reading.position(key),
    interfaces: directory.attackers.get(name) ?? [],
    knows: itemsOf(field(value, 'knows')).flatMap((item) => knownName(reading, 'authority', known, item) ?? []),
  }));
}

/** By attacker: keys that it owns, or that the file says it knows. */
export type Holdings = ReadonlyMap<string, Holding>;

const NOTHING: Holding = { authorities: [], certificates: [] };

export function holdingsOf(attackers: readonly AttackerDefinition[], { authorities, leaves }: Pki): Holdings {
  const all = [...authorities.values()];
  return new Map(
    attackers.map(({ name, knows }) => [
      name,
      {
        authorities: all.filter((each) => each.owner === name || knows.includes(each.name)).map((each) => each.name),
        certificates: [...leaves.keys()].filter((each) => knows.includes(each)),
      },
    ]),
  );
}

/** `{ attacker: mallory, attack: arp-spoof, with: {...} }` */
export function readAttack(
  reading: Reading,
  directory: Directory,
  registry: Registry | undefined,
  holdings: Holdings,
  node: SourceNode,
): BodyOf<'attack'> | undefined {
  const named = field(node, 'attack');
  const name = textOf(named);
  const attacker = textOf(field(node, 'attacker'));
  if (named === undefined || name === undefined || attacker === undefined || !directory.attackers.has(attacker)) {
    return undefined; // told of where the attacker was read
  }
  const attack = isBuilt(reading, registry, named, name, []) ? kindNamed(registry, name) : undefined;
  if (attack === undefined) return undefined;
  const options = attack.read(reading, field(node, 'with'), {
    attacker,
    holds: holdings.get(attacker) ?? NOTHING,
    directory,
    span: named.span,
  });
  const isOptional = booleanOf(field(node, 'optional')) ?? false;
  return { kind: 'attack', attacker, attack, options, isOptional };
}

/** `{ attacker: mallory, stop: arp-spoof }`, or all of it. */
export function readStopAttack(
  reading: Reading,
  directory: Directory,
  registry: Registry | undefined,
  node: SourceNode,
): BodyOf<'stop-attack'> | undefined {
  const named = field(node, 'stop');
  const name = textOf(named);
  const attacker = textOf(field(node, 'attacker'));
  if (named === undefined || name === undefined || attacker === undefined || !directory.attackers.has(attacker)) {
    return undefined;
  }
  if (name === ALL) return { kind: 'stop-attack', attacker, attack: undefined };
  return isBuilt(reading, registry, named, name, [ALL]) ? { kind: 'stop-attack', attacker, attack: name } : undefined;
}

const kindNamed = (registry: Registry | undefined, name: string): AttackKind | undefined =>
  registry?.attacks.find((kind) => kind.name === name);

function isBuilt(
  reading: Reading,
  registry: Registry | undefined,
  node: SourceNode,
  name: string,
  more: readonly string[],
): boolean {
  if (kindNamed(registry, name) !== undefined) return true;
  if (registry === undefined) reading.notBuilt(node.span, `no attack is known here, and ${name} is one`);
  else reading.unknown(node.span, 'attack', name, [...registry.attacks.map((kind) => kind.name), ...more]);
  return false;
}
