// `attack: tls-mitm` of a scenario file: M in the middle of TLS connections that come its way, with certificates of its own making.
//
//   - { at: 4s, attacker: mallory, attack: tls-mitm, with: { names: [bank.test], issuer: rogue-root } }
//
// Or with a certificate whose key it has, `certificate: bank` in the place of `issuer`: then nobody has to be made believe anything.

import { isDnsName } from '../../secure/pki/host_name.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import type { System } from '../../world/app/program.ts';
import { addressOrHost } from '../../world/sim/scenario/read_networks.ts';
import { entriesOf, field, itemsOf, type Maybe, type Reading, textOf } from '../../world/sim/scenario/reading.ts';
import type { AttackKind, AttackPlace, AttackSite, RunningAttack } from '../../world/sim/scenario/registry.ts';
import { readPort, type TakenConnections, takeConnections } from './interception_point.ts';
import { type InterceptionState, interceptTls } from './tls_interception.ts';

const KEYS: readonly string[] = ['names', 'issuer', 'certificate', 'port', 'gateway'];
const HTTPS_PORT = 443;

/** Where its certificates come from. */
interface IdentitySource {
  readonly kind: 'issuer' | 'certificate';
  readonly name: string;
}

interface TlsMitmOptions {
  readonly names: readonly string[];
  readonly source: IdentitySource;
  readonly port: number;
  readonly gateway: Ipv4Address | undefined;
}

export const TLS_MITM: AttackKind = {
  name: 'tls-mitm',
  read: readOptions,
  start: (site, options) => startIntercepting(site, options as TlsMitmOptions), // what `read` gave
};

function startIntercepting(site: AttackSite, { source, names, port, gateway }: TlsMitmOptions): RunningAttack {
  const { tls, name } = site.attacker;
  const identity = source.kind === 'issuer' ? tls.authorities.get(source.name) : tls.identities.get(source.name);
  if (identity === undefined) throw new RangeError(`${name} does not hold the key of ${source.name}`);
  const state: InterceptionState = { ownPort: 0, replaced: 0, forged: 0 };
  const program = (system: System, taken: TakenConnections) =>
    interceptTls(system, { ...taken, names, identity, tls }, state);
  return takeConnections(site, { name: 'tls-mitm', port, gateway }, state, program, ({ forged }) => forged);
}

function readOptions(reading: Reading, options: Maybe, place: AttackPlace): TlsMitmOptions | undefined {
  const { directory, attacker, span } = place;
  for (const [key, { key: at }] of entriesOf(options)) {
    if (KEYS.includes(key)) continue;
    reading.problem(at, 'unknown-key', `unknown key "${key}" of tls-mitm`, `known keys: ${KEYS.join(', ')}`);
  }
  const port = readPort(reading, options, place, 'tls-mitm', HTTPS_PORT);
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
  const source = readSource(reading, options, place);
  if (source === undefined || port === undefined) return undefined;
  const own = directory.attackers.get(attacker) ?? [];
  return { names, source, port, gateway: addressOrHost(reading, directory, own, field(options, 'gateway')) };
}

// Either makes certificates, or has one.
function readSource(
  reading: Reading,
  options: Maybe,
  { attacker, holds, span }: AttackPlace,
): IdentitySource | undefined {
  const [issuer, certificate] = [field(options, 'issuer'), field(options, 'certificate')];
  if ((issuer === undefined) === (certificate === undefined)) {
    const message = 'tls-mitm needs either issuer or certificate';
    reading.problem(issuer?.span ?? span, 'bad-combination', message, 'write issuer: rogue-root');
    return undefined;
  }
  const [kind, node, held] =
    issuer === undefined
      ? (['certificate', certificate, holds.certificates] as const)
      : (['issuer', issuer, holds.authorities] as const);
  const name = textOf(node) ?? '';
  if (held.includes(name)) return { kind, name };
  const message = `${attacker} does not hold the key of ${name === '' ? 'nobody' : name}`;
  reading.problem(node?.span ?? span, 'bad-combination', message, `write knows: [${name}] at ${attacker}`);
  return undefined;
}
