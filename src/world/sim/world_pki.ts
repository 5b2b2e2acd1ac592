// The authorities of a scenario and the certificates that they issue, made from the world's seed when the world is made. Each has
// its keys and numbers from a fork of its own name: one more of them moves nobody else's bytes.
//
//   demo-root (signs itself) --signs--> demo-ca --signs--> www: sent with demo-ca behind it
//
// Not here: who believes whom, and who holds which key (build.ts).

import { Random, type RandomForks } from '../../core/random.ts';
import type { CryptoProvider } from '../../secure/crypto/provider.ts';
import { type AuthorityOptions, alternativeName, CertificateAuthority } from '../../secure/pki/authority.ts';
import type { Certificate } from '../../secure/pki/certificate.ts';
import type { GeneralName } from '../../secure/pki/general_name.ts';
import { generateKey, publicKeyInfoOf } from '../../secure/pki/private_key.ts';
import type { TlsIdentity } from '../../secure/tls/config.ts';
import type {
  AuthorityDefinition,
  CrossSignedDefinition,
  LeafDefinition,
  ValidityDefinition,
} from './scenario/pki_types.ts';
import type { Scenario } from './scenario/types.ts';

/** A certificate with a key, and what is sent behind it. */
export interface IssuedLeaf {
  readonly certificate: Certificate;
  /** Its own first. */
  readonly sent: readonly Certificate[];
  readonly identity: TlsIdentity;
}

/** As the scenario's world makes them, without the world. */
export const worldPkiOf = (scenario: Scenario, provider: CryptoProvider): WorldPki =>
  new WorldPki(provider, Random.fromSeed(scenario.seed), scenario);

export class WorldPki {
  /** By name, in the order of the file; so are the others. */
  readonly authorities: ReadonlyMap<string, CertificateAuthority>;
  readonly crossSigned: ReadonlyMap<string, Certificate>;
  readonly leaves: ReadonlyMap<string, IssuedLeaf>;
  private readonly provider: CryptoProvider;
  private readonly random: RandomForks;
  private readonly start: number;

  /** @param random the world's */
  constructor(
    provider: CryptoProvider,
    random: RandomForks,
    { start, authorities, certificates }: Pick<Scenario, 'start' | 'authorities' | 'certificates'>,
  ) {
    this.provider = provider;
    this.random = random.fork('pki');
    this.start = start.seconds;
    this.authorities = this.makeAuthorities(authorities);
    const crossSigned = certificates.filter((one) => one.kind === 'cross-signed');
    this.crossSigned = new Map(crossSigned.map((one) => [one.name, this.crossSign(one)]));
    const leaves = certificates.filter((one) => one.kind === 'leaf');
    this.leaves = new Map(leaves.map((one) => [one.name, this.issue(one)]));
  }

  /** All that were made. */
  get certificates(): readonly Certificate[] {
    return [
      ...[...this.authorities.values()].map(({ certificate }) => certificate),
      ...this.crossSigned.values(),
      ...[...this.leaves.values()].map(({ certificate }) => certificate),
    ];
  }

  /** @throws RangeError when there is none of that name */
  authority(name: string): CertificateAuthority {
    return found(this.authorities, name, 'authority');
  }

  /** @throws RangeError when there is none of that name */
  leaf(name: string): IssuedLeaf {
    return found(this.leaves, name, 'certificate');
  }

  // Whoever stands above is made first, wherever the file has it.
  private makeAuthorities(definitions: readonly AuthorityDefinition[]): ReadonlyMap<string, CertificateAuthority> {
    const byName = new Map(definitions.map((definition) => [definition.name, definition]));
    const made = new Map<string, CertificateAuthority>();
    const make = (definition: AuthorityDefinition): CertificateAuthority => {
      const known = made.get(definition.name);
      if (known !== undefined) return known;
      const above = definition.issuer === undefined ? undefined : byName.get(definition.issuer);
      const authority = this.makeAuthority(definition, above === undefined ? undefined : make(above));
      made.set(definition.name, authority);
      return authority;
    };
    return new Map(definitions.map((definition) => [definition.name, make(definition)]));
  }

  private makeAuthority(
    { name, key, validity, pathLength, nameConstraints }: AuthorityDefinition,
    above: CertificateAuthority | undefined,
  ): CertificateAuthority {
    const random = this.random.fork(`authority ${name}`);
    const serialNumber = random.fork('certificate');
    const options: AuthorityOptions = {
      ...this.dates(validity),
      name,
      keyKind: key,
      serialNumber,
      pathLength,
      nameConstraints,
    };
    return above === undefined
      ? CertificateAuthority.root(this.provider, random, options)
      : above.intermediate(random, options);
  }

  private crossSign({ name, issuer, authority, validity }: CrossSignedDefinition): Certificate {
    const serialNumber = this.random.fork(`certificate ${name}`);
    return this.authority(issuer).crossSign(this.authority(authority), { ...this.dates(validity), serialNumber });
  }

  private issue({ name, issuer, key: kind, names, validity, purposes, chain }: LeafDefinition): IssuedLeaf {
    const random = this.random.fork(`certificate ${name}`);
    const key = generateKey(this.provider, kind, random.fork('key'));
    const authority = this.authority(issuer);
    const certificate = authority.issue(names.map(nameOf), publicKeyInfoOf(key), {
      ...this.dates(validity),
      purposes,
      serialNumber: random,
    });
    const behind = chain?.map((each) => this.crossSigned.get(each) ?? this.authority(each).certificate);
    const sent = [certificate, ...(behind ?? authority.chain)];
    return { certificate, sent, identity: { certificates: sent.map(({ bytes }) => bytes), key } };
  }

  private dates({ notBefore, notAfter }: ValidityDefinition): {
    readonly notBefore: number;
    readonly lifetime: number;
  } {
    const from = this.start + Math.floor(notBefore / 1e9);
    return { notBefore: from, lifetime: this.start + Math.floor(notAfter / 1e9) - from };
  }
}

function nameOf(text: string): GeneralName {
  const name = alternativeName(text);
  if (name === undefined) throw new RangeError(`a certificate cannot be for ${text}`);
  return name;
}

function found<Value>(map: ReadonlyMap<string, Value>, name: string, what: string): Value {
  const value = map.get(name);
  if (value === undefined) throw new RangeError(`there is no ${what} ${name}`);
  return value;
}
