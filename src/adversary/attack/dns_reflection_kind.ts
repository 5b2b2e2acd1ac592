// `attack: dns-reflection` of a scenario file: questions to a name server in the name of a victim, who gets the answers.
//
//   - at: 3s
//     attacker: mallory
//     attack: dns-reflection
//     with: { victim: shop, server: ns, name: big.foo.test, type: TXT, count: 200, every: 5ms }
//
// A datagram says itself whom it is from, and the server has no way to tell. A short question with a long answer makes the
// server send more than the attacker does. Not here: routers that ask where a packet can come from.

import { type Duration, milliseconds } from '../../core/time.ts';
import { DEFAULT_SEND_OPTIONS } from '../../stack/net/network_layer_api.ts';
import { formatIpv4, type Ipv4Address } from '../../wire/address.ts';
import { addSums, pseudoSumIpv4, sumBytes } from '../../wire/checksum.ts';
import { DNS_PORT, dnsQuery, encodeDns, PLAIN_EDNS } from '../../wire/dns_message.ts';
import { type DnsName, parseDnsName } from '../../wire/dns_name.ts';
import { DnsClass, parseDnsType } from '../../wire/dns_type.ts';
import { emitUdp, UDP_HEADER_LENGTH, UDP_PROTOCOL } from '../../wire/udp.ts';
import type { Program, System } from '../../world/app/program.ts';
import type { PromiscuousHost } from '../../world/sim/promiscuous_host.ts';
import { addressOrHost } from '../../world/sim/scenario/read_networks.ts';
import {
  entriesOf,
  field,
  finite,
  type Maybe,
  numberOf,
  type Reading,
  textOf,
} from '../../world/sim/scenario/reading.ts';
import type { AttackKind, AttackPlace, AttackSite, RunningAttack } from '../../world/sim/scenario/registry.ts';
import { openWayOut } from './way_out.ts';

const KEYS: readonly string[] = ['victim', 'server', 'name', 'type', 'count', 'every', 'gateway'];
const USUAL_COUNT = 100;
const MAX_COUNT = 100_000;
const USUAL_INTERVAL: Duration = milliseconds(10);

interface ReflectionOptions {
  readonly victim: Ipv4Address;
  readonly server: Ipv4Address;
  readonly name: DnsName;
  readonly type: number;
  readonly count: number;
  readonly every: Duration;
  readonly gateway: Ipv4Address | undefined;
}

export const DNS_REFLECTION: AttackKind = {
  name: 'dns-reflection',
  read: readOptions,
  start: (site, options) => startAsking(site, options as ReflectionOptions), // what `read` gave
};

function startAsking(site: AttackSite, options: ReflectionOptions): RunningAttack {
  const { attacker, now } = site;
  openWayOut(site, options.gateway);
  let asked = 0;
  const asking = attacker.spawn(
    'dns-reflection',
    function* (system): Program<void> {
      for (let left = options.count; left > 0; left--) {
        if (askInTheNameOf(attacker, system, options)) asked++;
        yield* system.sleep(options.every);
      }
    },
    true,
  );
  attacker.settle(now);
  return {
    get deeds(): number {
      return asked;
    },
    stop: () => asking.kill(),
  };
}

/** Whether it went out. */
function askInTheNameOf(attacker: PromiscuousHost, system: System, options: ReflectionOptions): boolean {
  const { victim, server, name, type } = options;
  const question = { name, type, class: DnsClass.IN };
  const settings = { isRecursionDesired: true, edns: PLAIN_EDNS };
  const payload = encodeDns(dnsQuery(system.random.below(0x1_0000), question, settings));
  const header = { sourcePort: 1024 + system.random.below(0xfc00), destinationPort: DNS_PORT };
  const { arena } = attacker;
  const slot = arena.allocateFrom(payload);
  const sum = addSums(
    pseudoSumIpv4(victim, server, UDP_PROTOCOL),
    sumBytes(arena.view, arena.start(slot), payload.length),
  );
  const at = arena.prepend(slot, UDP_HEADER_LENGTH);
  emitUdp(arena.view, at, { ...header, payloadLength: payload.length }, sum);
  return attacker.network.send(attacker.now, slot, victim, server, UDP_PROTOCOL, DEFAULT_SEND_OPTIONS) === 'sent';
}

function readOptions(reading: Reading, options: Maybe, place: AttackPlace): ReflectionOptions | undefined {
  const { directory, attacker, span } = place;
  for (const [key, { key: at }] of entriesOf(options)) {
    if (KEYS.includes(key)) continue;
    reading.problem(at, 'unknown-key', `unknown key "${key}" of dns-reflection`, `known keys: ${KEYS.join(', ')}`);
  }
  const own = directory.attackers.get(attacker) ?? [];
  const [victim, server] = ['victim', 'server'].map((key) => {
    const node = field(options, key);
    if (node === undefined)
      reading.problem(span, 'missing-key', `dns-reflection needs "${key}"`, `write ${key}: alice`);
    return addressOrHost(reading, directory, own, node);
  });
  const nameNode = field(options, 'name');
  const name = parseDnsName(textOf(nameNode) ?? '');
  if (name === undefined || nameNode === undefined) {
    const message = 'dns-reflection asks for one name';
    reading.problem(nameNode?.span ?? span, 'wrong-value', message, 'write name: big.foo.test');
  }
  const typeNode = field(options, 'type');
  const type = parseDnsType(textOf(typeNode) ?? 'TXT');
  if (type === undefined && typeNode !== undefined) {
    reading.problem(typeNode.span, 'wrong-value', `"${textOf(typeNode)}" is no type of DNS record`, 'write type: TXT');
  }
  const countNode = field(options, 'count');
  const count = numberOf(countNode) ?? USUAL_COUNT;
  if (!Number.isInteger(count) || count < 1 || count > MAX_COUNT) {
    const message = `dns-reflection asks 1 to ${MAX_COUNT} times`;
    reading.problem(countNode?.span ?? span, 'wrong-value', message, `write count: ${USUAL_COUNT}`);
  }
  const everyNode = field(options, 'every');
  const every = finite(reading, everyNode, USUAL_INTERVAL);
  if (every <= 0)
    reading.problem(everyNode?.span ?? span, 'wrong-value', 'each question takes its time', 'write every: 1ms');
  const gateway = addressOrHost(reading, directory, own, field(options, 'gateway'));
  if (victim === undefined || server === undefined || name === undefined || type === undefined) return undefined;
  if (victim === server) {
    reading.problem(span, 'bad-combination', `${formatIpv4(victim)} would answer itself`, 'name another victim');
    return undefined;
  }
  return { victim, server, name, type, count, every, gateway };
}
