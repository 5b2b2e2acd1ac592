// `netarium keys`: how many secrets it takes until every browser can talk to every website in private, when each pair shares
// one, when each website has a key pair, and when some few authorities vouch for the websites' keys; and how many public keys must
// be brought to each browser beforehand. Counted on machines that are made and given their keys. Not here: what keys do.

import { hexOf } from '../../core/bytes.ts';
import { formatColumns } from '../../core/columns.ts';
import type { Random } from '../../core/random.ts';
import { nodeCrypto } from '../../secure/crypto/node.ts';
import { CertificateAuthority } from '../../secure/pki/authority.ts';
import type { Certificate } from '../../secure/pki/certificate.ts';
import { referenceName } from '../../secure/pki/host_name.ts';
import { validateCertificate } from '../../secure/pki/path_building.ts';
import { generateKey, publicKeyInfoOf } from '../../secure/pki/private_key.ts';
import { TrustStore } from '../../secure/pki/trust_store.ts';
import type { Host } from '../../world/host/host.ts';
import { World } from '../../world/sim/world.ts';
import { ExitStatus, usageError } from './exit.ts';
import { flagOption, type RawOptions, seedOption, textOption } from './options.ts';
import { paint, print } from './terminal.ts';

/** Of a symmetric cipher, and of a private key on Curve25519 (RFC 7748 §5): random bytes. */
const KEY_BYTES = 32;
const DEFAULT_SITES = 20;
const DEFAULT_BROWSERS = 100;
const DEFAULT_AUTHORITIES = 3;
const MAX_PAIRS = 1_000_000;
/** Each gets a key and a certificate, which somebody has to look at: a millisecond in all. */
const MAX_SITES = 10_000;
const MAX_AUTHORITIES = 1_000;
/** 2026-03-01T12:00:00Z, when the certificates begin to count. */
const NOON = 1_772_366_400;

/** The keys that machines hold. */
class KeyRings {
  private readonly rings = new Map<Host, Uint8Array[]>();

  give(host: Host, key: Uint8Array): void {
    const ring = this.rings.get(host) ?? [];
    ring.push(key);
    this.rings.set(host, ring);
  }

  /** Different ones on all machines together. */
  get different(): number {
    return new Set([...this.rings.values()].flat().map((key) => hexOf(key))).size;
  }

  /** The most that one of these machines holds. */
  mostOf(hosts: readonly Host[]): number {
    return Math.max(0, ...hosts.map((host) => this.rings.get(host)?.length ?? 0));
  }
}

export interface KeyCount {
  readonly different: number;
  readonly perBrowser: number;
  readonly perSite: number;
  /** Public keys that a browser must have before it has met anybody. */
  readonly broughtToBrowser: number;
}

/** @throws CliError */
export function keys(options: RawOptions): ExitStatus {
  const sites = countOption(options, 'sites', DEFAULT_SITES);
  const browsers = countOption(options, 'browsers', DEFAULT_BROWSERS);
  if (sites * browsers > MAX_PAIRS) {
    throw usageError(`${sites} times ${browsers} keys are too many to be made here.`, `At most ${MAX_PAIRS} pairs.`);
  }
  if (sites > MAX_SITES)
    throw usageError(`${sites} websites are too many to be certified here.`, `At most ${MAX_SITES}.`);
  const authorities = countOption(options, 'authorities', DEFAULT_AUTHORITIES);
  if (authorities > MAX_AUTHORITIES)
    throw usageError(`${authorities} authorities are too many.`, `At most ${MAX_AUTHORITIES}.`);
  const counts = countKeys(sites, browsers, authorities, seedOption(options) ?? 1);
  if (flagOption(options, 'json')) {
    print(JSON.stringify({ schema: 'netarium.keys/1', sites, browsers, authorities, ...counts }));
    return ExitStatus.Ok;
  }
  const row = (name: string, { different, perBrowser, perSite, broughtToBrowser }: KeyCount): string[] => [
    name,
    ...[different, perBrowser, perSite, broughtToBrowser].map(String),
  ];
  const [head = '', ...lines] = formatColumns([
    [
      `${sites} websites, ${browsers} browsers`,
      'secrets in all',
      'in a browser',
      'at a website',
      'public keys brought to a browser',
    ],
    row('a secret for each pair', counts.pairwise),
    row('a key pair for each website', counts.keyPairs),
    row(`certificates of ${authorities} authorities`, counts.certificates),
  ]).split('\n');
  print([paint('bold', head), ...lines].join('\n'));
  print('One more browser costs as many secrets as there are websites, or none.');
  print('One more website costs each browser a secret, or a public key, or nothing.');
  return ExitStatus.Ok;
}

export interface KeyCounts {
  readonly pairwise: KeyCount;
  readonly keyPairs: KeyCount;
  readonly certificates: KeyCount;
}

/** Makes the machines, hands out the keys, and counts. */
export function countKeys(siteCount: number, browserCount: number, authorityCount: number, seed: number): KeyCounts {
  const world = new World({ seed, isCapturing: false });
  const make = (count: number, name: string): readonly Host[] =>
    Array.from({ length: count }, (_, i) => world.addHost(`${name}-${i + 1}`));
  const sites = make(siteCount, 'website');
  const browsers = make(browserCount, 'browser');
  const authorities = make(authorityCount, 'authority');
  const countOf = (secrets: KeyRings, brought: KeyRings): KeyCount => ({
    different: secrets.different,
    perBrowser: secrets.mostOf(browsers),
    perSite: secrets.mostOf(sites),
    broughtToBrowser: brought.mostOf(browsers),
  });

  const pairwise = new KeyRings();
  for (const site of sites) {
    for (const browser of browsers) {
      const key = drawKey(site.programRandom); // made by one of the two, and brought to the other somehow
      pairwise.give(site, key);
      pairwise.give(browser, key);
    }
  }

  const [own, brought] = [new KeyRings(), new KeyRings()];
  for (const site of sites) {
    const { secret, publicKey } = nodeCrypto.agreement.X25519.generate(site.programRandom);
    own.give(site, secret);
    for (const browser of browsers) brought.give(browser, publicKey);
  }

  const [held, trusted] = [new KeyRings(), new KeyRings()];
  const issuers = authorities.map((host) => makeAuthority(host, held));
  for (const { certificate } of issuers) {
    for (const browser of browsers) trusted.give(browser, certificate.publicKey.bytes);
  }
  for (const [i, site] of sites.entries()) {
    const issuer = issuers[i % issuers.length];
    if (issuer !== undefined) certify(site, issuer, held);
  }
  return {
    pairwise: countOf(pairwise, new KeyRings()),
    keyPairs: countOf(own, brought),
    certificates: countOf(held, trusted),
  };
}

function makeAuthority(host: Host, held: KeyRings): CertificateAuthority {
  const authority = CertificateAuthority.root(nodeCrypto, host.programRandom, { name: host.hostName, notBefore: NOON });
  if (authority.key.kind === 'ec') held.give(host, authority.key.key.secret);
  return authority;
}

/** A browser that has the authority's key and nothing else knows the website by what it shows. @throws Error if it does not */
function certify(site: Host, authority: CertificateAuthority, held: KeyRings): void {
  const name = `${site.hostName}.home.arpa`;
  const key = generateKey(nodeCrypto, 'P-256', site.programRandom);
  if (key.kind === 'ec') held.give(site, key.key.secret);
  const shown = authority.issue([{ kind: 'dns', name }], publicKeyInfoOf(key), { notBefore: NOON });
  if (isBelieved(shown, authority.certificate, name)) return;
  throw new Error(`the certificate of ${name} is not believed`);
}

function isBelieved(shown: Certificate, anchor: Certificate, name: string): boolean {
  const options = { provider: nodeCrypto, now: NOON, name: referenceName(name), purpose: 'serverAuth' as const };
  return validateCertificate(shown, [], new TrustStore(nodeCrypto, [anchor]), options).kind === 'valid';
}

function drawKey(random: Random): Uint8Array {
  const key = new Uint8Array(KEY_BYTES);
  const view = new DataView(key.buffer);
  for (let at = 0; at < KEY_BYTES; at += 4) view.setUint32(at, random.nextUint32());
  return key;
}

function countOption(options: RawOptions, name: string, otherwise: number): number {
  const text = textOption(options, name);
  if (text === undefined) return otherwise;
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw usageError(`--${name} ${text} is no count.`, 'Write a whole number from 1.');
}
