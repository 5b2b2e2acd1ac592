// `netarium keys`: how many secrets it takes until every browser can talk to every website in private, when each pair shares
// one, and when each website has a key pair. Counted on machines that are made and given their keys. Not here: what keys do.

import { hexOf } from '../../core/bytes.ts';
import { formatColumns } from '../../core/columns.ts';
import type { Random } from '../../core/random.ts';
import type { Host } from '../../world/host/host.ts';
import { World } from '../../world/sim/world.ts';
import { ExitStatus, usageError } from './exit.ts';
import { flagOption, type RawOptions, seedOption, textOption } from './options.ts';
import { paint, print } from './terminal.ts';

/** Of a symmetric cipher, and of a private key on Curve25519 (RFC 7748 §5): random bytes. */
const KEY_BYTES = 32;
const DEFAULT_SITES = 20;
const DEFAULT_BROWSERS = 100;
const MAX_PAIRS = 1_000_000;

/** The secrets that machines hold. */
class KeyRings {
  private readonly rings = new Map<Host, Uint8Array[]>();

  give(host: Host, key: Uint8Array): void {
    const ring = this.rings.get(host) ?? [];
    ring.push(key);
    this.rings.set(host, ring);
  }

  /** Different secrets on all machines together. */
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
}

/** @throws CliError */
export function keys(options: RawOptions): ExitStatus {
  const sites = countOption(options, 'sites', DEFAULT_SITES);
  const browsers = countOption(options, 'browsers', DEFAULT_BROWSERS);
  if (sites * browsers > MAX_PAIRS) {
    throw usageError(`${sites} times ${browsers} keys are too many to be made here.`, `At most ${MAX_PAIRS} pairs.`);
  }
  const { pairwise, keyPairs } = countKeys(sites, browsers, seedOption(options) ?? 1);
  if (flagOption(options, 'json')) {
    print(JSON.stringify({ schema: 'netarium.keys/1', sites, browsers, pairwise, keyPairs }));
    return ExitStatus.Ok;
  }
  const row = (name: string, { different, perBrowser, perSite }: KeyCount): string[] => [
    name,
    String(different),
    String(perBrowser),
    String(perSite),
  ];
  const [head = '', ...lines] = formatColumns([
    [`${sites} websites, ${browsers} browsers`, 'secrets in all', 'in a browser', 'at a website'],
    row('a secret for each pair', pairwise),
    row('a key pair for each website', keyPairs),
  ]).split('\n');
  print([paint('bold', head), ...lines].join('\n'));
  print('One more browser costs as many secrets as there are websites, or none.');
  return ExitStatus.Ok;
}

/** Makes the machines, hands out the keys, and counts. */
export function countKeys(
  siteCount: number,
  browserCount: number,
  seed: number,
): { readonly pairwise: KeyCount; readonly keyPairs: KeyCount } {
  const world = new World({ seed, isCapturing: false });
  const make = (count: number, name: string): readonly Host[] =>
    Array.from({ length: count }, (_, i) => world.addHost(`${name}-${i + 1}`));
  const sites = make(siteCount, 'website');
  const browsers = make(browserCount, 'browser');
  const pairwise = new KeyRings();
  for (const site of sites) {
    for (const browser of browsers) {
      const key = drawKey(site.programRandom); // made by one of the two, and brought to the other somehow
      pairwise.give(site, key);
      pairwise.give(browser, key);
    }
  }
  const keyPairs = new KeyRings();
  for (const site of sites) keyPairs.give(site, drawKey(site.programRandom)); // its public half is no secret
  const countOf = (rings: KeyRings): KeyCount => {
    return { different: rings.different, perBrowser: rings.mostOf(browsers), perSite: rings.mostOf(sites) };
  };
  return { pairwise: countOf(pairwise), keyPairs: countOf(keyPairs) };
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
