// `attack: arp-spoof` of a scenario file: its options, and how it begins.
//
//   - { at: 3s, attacker: mallory, attack: arp-spoof, with: { between: [victor, gateway], every: 500ms } }

import { type Duration, seconds } from '../../core/time.ts';
import { knownHost } from '../../world/sim/scenario/read_networks.ts';
import { entriesOf, field, finite, itemsOf, type Maybe, type Reading } from '../../world/sim/scenario/reading.ts';
import type { AttackKind, AttackPlace } from '../../world/sim/scenario/registry.ts';
import { ArpSpoof, type ArpSpoofOptions } from './arp_spoof.ts';

const KEYS: readonly string[] = ['between', 'every'];
const USUAL: Duration = seconds(1);

export const ARP_SPOOF: AttackKind = {
  name: 'arp-spoof',
  read: readOptions,
  start({ attacker, world, now }, options) {
    const read = options as ArpSpoofOptions; // what `read` gave
    const attack = new ArpSpoof(attacker, read, (name) => {
      return world.host(name).network.interfaces.find((each) => each.name === read.network)?.ipv4;
    });
    attack.start(now);
    return attack;
  },
};

function readOptions(reading: Reading, options: Maybe, place: AttackPlace): ArpSpoofOptions | undefined {
  const { directory, attacker, span } = place;
  for (const [key, { key: at }] of entriesOf(options)) {
    if (KEYS.includes(key)) continue;
    reading.problem(at, 'unknown-key', `unknown key "${key}" of arp-spoof`, `known keys: ${KEYS.join(', ')}`);
  }
  const between = field(options, 'between');
  const written = itemsOf(between);
  const names = written.flatMap((item) => knownHost(reading, directory, item) ?? []);
  const every = finite(reading, field(options, 'every'), USUAL);
  if (every <= 0) {
    reading.problem(
      field(options, 'every')?.span ?? span,
      'wrong-value',
      'an endless stream of lies takes no time',
      'write every: 1s',
    );
  }
  const [one, other] = names;
  if (written.length !== 2) {
    const message = 'arp-spoof comes between two machines';
    reading.problem(between?.span ?? span, 'missing-key', message, 'write between: [alice, gateway]');
  }
  if (one === undefined || other === undefined || written.length !== 2) return undefined;
  const networksOf = (name: string): readonly string[] =>
    (directory.hosts.get(name) ?? directory.attackers.get(name) ?? []).map(({ network }) => network);
  const network = networksOf(attacker).find(
    (each) => networksOf(one).includes(each) && networksOf(other).includes(each),
  );
  if (one === other || network === undefined) {
    const message = one === other ? `${one} is one machine` : `${attacker}, ${one} and ${other} share no network`;
    reading.problem(between?.span ?? span, 'bad-combination', message, 'ARP does not go beyond a network');
    return undefined;
  }
  return { between: [one, other], network, every };
}
