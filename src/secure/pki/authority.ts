// A certificate authority: a name, a key, its own certificate, and what it issues. Everything comes from its seed: keys, serial
// numbers and so every byte; the time is an argument. An authority signs what it is told to: whether a name belongs to who asks
// is not judged here, nor whether anybody will believe the result (path_building.ts, lint.ts).

import type { Random } from '../../core/random.ts';
import { formatIpAddress } from '../../wire/address.ts';
import type { CryptoProvider, RandomSource } from '../crypto/provider.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import { emitCertificate } from './certificate_writer.ts';
import { type CertificationRequest, isProven } from './certification_request.ts';
import { isMalformed } from './der_reader.ts';
import type { UnixSeconds } from './der_time.ts';
import { type DistinguishedName, distinguishedName } from './distinguished_name.ts';
import type { Extension, NameConstraints } from './extension.ts';
import * as extension from './extension_writer.ts';
import { type GeneralName, ipAddressOf, ipAltName } from './general_name.ts';
import { isPresentableDnsName, parseMailbox, referenceName } from './host_name.ts';
import type { KeyPurpose, KeyUsage } from './key_usage.ts';
import { Oid } from './object_identifier.ts';
import { generateKey, type KeyKind, type PrivateKey, publicKeyInfoOf, type Signer, signerOf } from './private_key.ts';
import type { SubjectPublicKeyInfo } from './public_key.ts';
import { emitRevocationList, parseRevocationList, type RevocationList } from './revocation_list.ts';

const DAY = 86_400;
const ROOT_LIFETIME = 3650 * DAY;
const INTERMEDIATE_LIFETIME = 1825 * DAY;
const LEAF_LIFETIME = 90 * DAY;
const REVOCATION_LIST_LIFETIME = 7 * DAY;
/** BR §7.1: more than 64 bits that nobody can guess. */
const SERIAL_NUMBER_LENGTH = 16;
/** Names in one certificate that somebody asks for. */
const MAX_NAMES = 100;
/** §A.1: a common name is no longer than this; one that is longer is left out. */
const MAX_COMMON_NAME = 64;

export interface AuthorityOptions {
  /** Common name, or a name whole. */
  readonly name: string | DistinguishedName;
  /** P-256 unless said otherwise. */
  readonly keyKind?: KeyKind | undefined;
  /** When it begins to count. */
  readonly notBefore: UnixSeconds;
  /** In seconds. */
  readonly lifetime?: number | undefined;
  /** Where its serial number comes from; the issuer's own sequence unless said otherwise. */
  readonly serialNumber?: RandomSource | undefined;
  /** How many authorities may follow below. */
  readonly pathLength?: number | undefined;
  readonly nameConstraints?: NameConstraints | undefined;
  /** Added as they are. */
  readonly extensions?: readonly Extension[] | undefined;
}

export interface IssueOptions {
  readonly notBefore: UnixSeconds;
  /** In seconds; 90 days unless said otherwise. */
  readonly lifetime?: number | undefined;
  /** Where its serial number comes from; the authority's own sequence unless said otherwise. */
  readonly serialNumber?: RandomSource | undefined;
  /** serverAuth and clientAuth unless said otherwise; none: no extended key usage. */
  readonly purposes?: readonly KeyPurpose[] | undefined;
}

export interface ServerOptions extends IssueOptions {
  /** Names and addresses, the first of which becomes the common name. */
  readonly names: readonly string[];
  readonly keyKind?: KeyKind | undefined;
}

/** A key with certificates that lead up from it. */
export interface Credentials {
  readonly key: PrivateKey;
  /** The leaf first, the root left out, as it is sent. */
  readonly chain: readonly Certificate[];
}

/** Why an authority did not issue what was asked for. */
export interface RequestRefusal {
  readonly kind: 'not-issued';
  readonly reason: 'key-not-proven' | 'no-names' | 'too-many-names' | 'bad-name';
  readonly detail: string;
}

export class CertificateAuthority {
  /** The certificate that it usually shows; cross-signed ones are others' business. */
  readonly certificate: Certificate;
  readonly key: PrivateKey;
  /** From its own certificate up to, and without, the root. */
  readonly chain: readonly Certificate[];
  private readonly provider: CryptoProvider;
  private readonly random: Pick<Random, 'fork'>;
  private readonly signer: Signer;
  private readonly revoked: { readonly serialNumber: Uint8Array; readonly at: UnixSeconds }[] = [];
  private issued = 0;
  private lists = 0;

  private constructor(
    provider: CryptoProvider,
    random: Pick<Random, 'fork'>,
    key: PrivateKey,
    certificate: Certificate,
    chain: readonly Certificate[],
  ) {
    this.provider = provider;
    this.random = random;
    this.key = key;
    this.signer = signerOf(key);
    this.certificate = certificate;
    this.chain = chain;
  }

  /** An authority that vouches for itself. @param random its seed: give each authority a fork of its own */
  static root(provider: CryptoProvider, random: Random, options: AuthorityOptions): CertificateAuthority {
    const key = generateKey(provider, options.keyKind ?? 'P-256', random.fork('key'));
    const signer = signerOf(key);
    const subject = nameOf(options.name);
    const { publicKey } = signer;
    const extensions = authorityExtensions(provider, publicKey, options);
    const serialNumber = serialFrom(random.fork('own serial number'));
    const validity = validityOf(options, ROOT_LIFETIME);
    const contents = { serialNumber, issuer: subject, validity, subject, publicKey, extensions };
    return new CertificateAuthority(provider, random, key, reread(emitCertificate(contents, signer)), []);
  }

  get name(): DistinguishedName {
    return this.certificate.subject;
  }

  /** An authority below this one, with a key of its own. */
  intermediate(random: Random, options: AuthorityOptions): CertificateAuthority {
    const key = generateKey(this.provider, options.keyKind ?? 'P-256', random.fork('key'));
    const certificate = this.vouchFor(nameOf(options.name), publicKeyInfoOf(key), options);
    return new CertificateAuthority(this.provider, random, key, certificate, [certificate, ...this.chain]);
  }

  /** A certificate for another authority's name and key: whoever trusts this one then trusts that one. */
  crossSign(other: CertificateAuthority, options: Omit<AuthorityOptions, 'name' | 'keyKind'>): Certificate {
    return this.vouchFor(other.name, other.certificate.publicKey, { ...options, name: other.name });
  }

  private vouchFor(subject: DistinguishedName, key: SubjectPublicKeyInfo, options: AuthorityOptions): Certificate {
    const extensions = [...authorityExtensions(this.provider, key, options), this.authorityKey()];
    return this.sign(subject, key, validityOf(options, INTERMEDIATE_LIFETIME), extensions, options.serialNumber);
  }

  /** For a server whose key is made from this authority's seed and its names. @throws RangeError on names that are none */
  issueServer(options: ServerOptions): Credentials {
    const [first] = options.names;
    const key = generateKey(this.provider, options.keyKind ?? 'P-256', this.random.fork(`key of ${first}`));
    return { key, chain: [this.issue(options.names.map(namedOf), publicKeyInfoOf(key), options), ...this.chain] };
  }

  /**
   * For whoever asks and shows that it has the key. The names asked for are the caller's to check. Other extensions are not
   * taken over: what an authority says is its own word.
   */
  issueFor(request: CertificationRequest, options: IssueOptions): readonly Certificate[] | RequestRefusal {
    const refuse = (reason: RequestRefusal['reason'], detail = ''): RequestRefusal => {
      return { kind: 'not-issued', reason, detail };
    };
    if (!isProven(this.provider, request)) return refuse('key-not-proven');
    const names = request.asksFor.subjectAltName ?? [];
    if (names.length === 0) return refuse('no-names');
    if (names.length > MAX_NAMES) return refuse('too-many-names', `more than ${MAX_NAMES}`);
    const bad = names.find((name) => !isIssuable(name));
    if (bad !== undefined) return refuse('bad-name', nameText(bad) ?? bad.kind);
    return [this.issue(names, request.publicKey, options), ...this.chain];
  }

  /** A certificate for a key. Which purposes and which names, the caller knows. */
  issue(names: readonly GeneralName[], publicKey: SubjectPublicKeyInfo, options: IssueOptions): Certificate {
    const commonName = names.map(nameText).find((text) => text !== undefined && text.length <= MAX_COMMON_NAME);
    const subject = distinguishedName(commonName === undefined ? {} : { commonName });
    const { purposes = ['serverAuth', 'clientAuth'] } = options;
    // RSA is also used to encrypt secrets to, in older versions of TLS.
    const usages: readonly KeyUsage[] =
      publicKey.key.kind === 'rsa' ? ['digitalSignature', 'keyEncipherment'] : ['digitalSignature'];
    const extensions = [
      extension.basicConstraints({ isAuthority: false, pathLength: undefined }),
      extension.keyUsage(usages),
      ...(purposes.length === 0 ? [] : [extension.extKeyUsage(purposes)]),
      extension.subjectAltName(names, commonName === undefined),
      extension.certificatePolicies([{ policy: Oid.domainValidated, qualifiers: [] }]),
      extension.subjectKeyIdentifier(keyIdentifier(this.provider, publicKey)),
      this.authorityKey(),
    ];
    return this.sign(subject, publicKey, validityOf(options, LEAF_LIFETIME), extensions, options.serialNumber);
  }

  /** Exactly this, as long as it can be written: for certificates that are wrong on purpose. */
  sign(
    subject: DistinguishedName,
    publicKey: SubjectPublicKeyInfo,
    validity: Certificate['validity'],
    extensions: readonly Extension[],
    random: RandomSource = this.random.fork(`serial number ${this.issued++}`),
  ): Certificate {
    const contents = { serialNumber: serialFrom(random), issuer: this.name, validity, subject, publicKey, extensions };
    return reread(emitCertificate(contents, this.signer));
  }

  authorityKey(): Extension {
    return extension.authorityKeyIdentifier({ keyIdentifier: this.certificate.subjectKeyIdentifier });
  }

  /** Takes a certificate back; the next list says so. */
  revoke({ serialNumber }: Pick<Certificate, 'serialNumber'>, at: UnixSeconds): void {
    this.revoked.push({ serialNumber, at });
  }

  issueRevocationList(thisUpdate: UnixSeconds, lifetime: number = REVOCATION_LIST_LIFETIME): RevocationList {
    const issuerKey = this.certificate.subjectKeyIdentifier ?? new Uint8Array(0);
    const contents = { issuer: this.name, issuerKey, number: ++this.lists, revoked: this.revoked };
    const bytes = emitRevocationList({ ...contents, thisUpdate, nextUpdate: thisUpdate + lifetime }, this.signer);
    const list = parseRevocationList(bytes);
    if (isMalformed(list)) throw new RangeError(`the revocation list cannot be written: ${list.reason}`);
    return list;
  }
}

/** §4.2.1.2 (1): SHA-1 of the key, which here only finds and never proves. */
export const keyIdentifier = (provider: CryptoProvider, { keyBits }: SubjectPublicKeyInfo): Uint8Array =>
  provider.hash('sha1', keyBits);

function authorityExtensions(
  provider: CryptoProvider,
  key: SubjectPublicKeyInfo,
  { pathLength, nameConstraints, extensions = [] }: AuthorityOptions,
): readonly Extension[] {
  return [
    extension.basicConstraints({ isAuthority: true, pathLength }),
    extension.keyUsage(['keyCertSign', 'cRLSign']),
    extension.subjectKeyIdentifier(keyIdentifier(provider, key)),
    ...(nameConstraints === undefined ? [] : [extension.nameConstraints(nameConstraints)]),
    ...extensions,
  ];
}

const nameOf = (name: string | DistinguishedName): DistinguishedName =>
  typeof name === 'string' ? distinguishedName({ commonName: name }) : name;

/** §4.1.2.5: both ends are part of it, so the last second is one less. @throws RangeError */
function validityOf(
  { notBefore, lifetime }: { readonly notBefore: UnixSeconds; readonly lifetime?: number | undefined },
  usual: number,
): Certificate['validity'] {
  const seconds = lifetime ?? usual;
  if (!Number.isFinite(notBefore)) throw new RangeError(`notBefore must be seconds since 1970, not ${notBefore}`);
  if (!Number.isInteger(seconds) || seconds < 1)
    throw new RangeError(`lifetime must be whole seconds from 1 on, not ${seconds}`);
  const start = Math.floor(notBefore);
  return { notBefore: start, notAfter: start + seconds - 1 };
}

function serialFrom(random: RandomSource): Uint8Array {
  const bytes = new Uint8Array(SERIAL_NUMBER_LENGTH);
  random.fill(bytes);
  // Positive, and always as long: the first bit is zero and the second one is not.
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

/** A name, an address or a mailbox as somebody writes it; undefined: none of them. */
export function alternativeName(text: string): GeneralName | undefined {
  if (text.includes('@')) return parseMailbox(text) === undefined ? undefined : { kind: 'email', address: text };
  const reference = referenceName(text);
  if (reference.kind === 'ip') return ipAltName(reference.address);
  const name = text.replace(/\.$/, '');
  return isPresentableDnsName(name) ? { kind: 'dns', name } : undefined;
}

function namedOf(text: string): GeneralName {
  const name = alternativeName(text);
  if (name === undefined) throw new RangeError(`names must be names of hosts, IP addresses or mailboxes, not ${text}`);
  return name;
}

const isIssuable = (name: GeneralName): boolean =>
  name.kind === 'dns' ? isPresentableDnsName(name.name) : name.kind === 'ip' && ipAddressOf(name.bytes) !== undefined;

function nameText(name: GeneralName): string | undefined {
  if (name.kind === 'dns') return name.name;
  if (name.kind === 'email') return name.address;
  const address = name.kind === 'ip' ? ipAddressOf(name.bytes) : undefined;
  return address === undefined ? undefined : formatIpAddress(address);
}

/** From its own bytes, so that what an authority holds is what others read. @throws RangeError if it would not be read */
function reread(bytes: Uint8Array): Certificate {
  const certificate = parseCertificate(bytes);
  if (isMalformed(certificate)) throw new RangeError(`the certificate cannot be written: ${certificate.reason}`);
  return certificate;
}
