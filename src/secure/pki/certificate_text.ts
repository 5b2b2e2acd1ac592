// A certificate as text, the way `openssl x509 -text -noout` shows it, so that whoever has read one can read the other; and with
// names on several lines, as people put them on slides (-nameopt multiline,dn_rev). Not here: judgement.

import { type Certificate, formatSerialNumber } from './certificate.ts';
import { formatTime } from './der_time.ts';
import { attributeLabel, type DistinguishedName, formatName, nameLines } from './distinguished_name.ts';
import type { Extension, PolicyInformation } from './extension.ts';
import { formatGeneralName, type GeneralName } from './general_name.ts';
import { hasKeyUsage, KEY_USAGES, type KeyUsage } from './key_usage.ts';
import { Oid } from './object_identifier.ts';
import type { SubjectPublicKeyInfo } from './public_key.ts';
import { signatureAlgorithmName } from './signature_algorithm.ts';

export interface CertificateTextOptions {
  /** On one line, or one attribute a line with what is closest first. */
  readonly names?: 'line' | 'lines' | undefined;
}

const KEY_LINE = 15;
const SIGNATURE_LINE = 18;

/** Ends in a newline. */
export function formatCertificate(certificate: Certificate, { names = 'line' }: CertificateTextOptions = {}): string {
  const { version, validity, publicKey, extensions, signatureAlgorithm, signature } = certificate;
  const lines = [
    'Certificate:',
    '    Data:',
    `        Version: ${version} (0x${version - 1})`,
    ...serialNumberLines(certificate),
    `        Signature Algorithm: ${signatureAlgorithmName(certificate.tbsSignatureAlgorithm)}`,
    ...nameText('Issuer', certificate.issuer, names),
    '        Validity',
    `            Not Before: ${formatTime(validity.notBefore)}`,
    `            Not After : ${formatTime(validity.notAfter)}`,
    ...nameText('Subject', certificate.subject, names),
    '        Subject Public Key Info:',
    ...keyLines(publicKey),
    ...(extensions.length === 0 ? [] : ['        X509v3 extensions:']),
    ...extensions.flatMap((extension) => extensionLines(extension, certificate)),
    `    Signature Algorithm: ${signatureAlgorithmName(signatureAlgorithm)}`,
    '    Signature Value:',
    ...colonLines(signature, SIGNATURE_LINE, 8),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Small ones as numbers, as openssl has it where they fit a machine word. */
function serialNumberLines(certificate: Certificate): readonly string[] {
  const { serialNumber } = certificate;
  const isNegative = (serialNumber[0] ?? 0) >= 0x80;
  const value = serialNumber.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const magnitude = isNegative ? 256n ** BigInt(serialNumber.length) - value : value;
  const sign = isNegative ? '-' : '';
  if (magnitude < 2n ** 63n) return [`        Serial Number: ${sign}${magnitude} (${sign}0x${magnitude.toString(16)})`];
  const digits = isNegative ? ` (Negative)${magnitude.toString(16)}` : formatSerialNumber(certificate);
  return ['        Serial Number:', `            ${digits}`];
}

function nameText(label: string, name: DistinguishedName, names: 'line' | 'lines'): readonly string[] {
  if (names === 'line') return [`        ${label}: ${formatName(name)}`];
  return [`        ${label}:`, ...nameLines(name).map((line) => `            ${line}`)];
}

const KEY_ALGORITHMS: Readonly<Record<string, string>> = {
  [Oid.ecPublicKey]: 'id-ecPublicKey',
  [Oid.ed25519]: 'ED25519',
};

function keyLines({ algorithm, key, keyBits }: SubjectPublicKeyInfo): readonly string[] {
  const head = `            Public Key Algorithm: ${KEY_ALGORITHMS[algorithm] ?? attributeLabel(algorithm)}`;
  const at = ' '.repeat(16);
  switch (key.kind) {
    case 'rsa': {
      const { modulus, publicExponent } = key.numbers;
      const exponent = publicExponent.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
      return [
        head,
        `${at}Public-Key: (${key.bits} bit)`,
        `${at}Modulus:`,
        ...colonLines(modulus, KEY_LINE, 20),
        `${at}Exponent: ${exponent} (0x${exponent.toString(16)})`,
      ];
    }
    case 'ec': {
      const [bits, name] = key.curve === 'P-256' ? [256, 'prime256v1'] : [384, 'secp384r1'];
      const lines = [head, `${at}Public-Key: (${bits} bit)`, `${at}pub:`, ...colonLines(key.point, KEY_LINE, 20)];
      return [...lines, `${at}ASN1 OID: ${name}`, `${at}NIST CURVE: ${key.curve}`];
    }
    case 'ed25519':
      return [head, `${at}ED25519 Public-Key:`, `${at}pub:`, ...colonLines(key.bytes, KEY_LINE, 20)];
    case 'unknown':
      return [head, `${at}Public-Key:`, ...colonLines(keyBits, KEY_LINE, 20)];
  }
}

function colonLines(bytes: Uint8Array, length: number, indent: number): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += length) {
    const isLast = at + length >= bytes.length;
    lines.push(`${' '.repeat(indent)}${colons(bytes.subarray(at, at + length), false)}${isLast ? '' : ':'}`);
  }
  return lines;
}

function colons(bytes: Uint8Array, isUpperCase = true): string {
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
  return isUpperCase ? text.toUpperCase() : text;
}

// Extensions.

const TITLES: Readonly<Record<string, string>> = {
  [Oid.basicConstraints]: 'X509v3 Basic Constraints',
  [Oid.keyUsage]: 'X509v3 Key Usage',
  [Oid.extKeyUsage]: 'X509v3 Extended Key Usage',
  [Oid.subjectAltName]: 'X509v3 Subject Alternative Name',
  [Oid.nameConstraints]: 'X509v3 Name Constraints',
  [Oid.certificatePolicies]: 'X509v3 Certificate Policies',
  [Oid.policyMappings]: 'X509v3 Policy Mappings',
  [Oid.policyConstraints]: 'X509v3 Policy Constraints',
  [Oid.inhibitAnyPolicy]: 'X509v3 Inhibit Any Policy',
  [Oid.authorityKeyIdentifier]: 'X509v3 Authority Key Identifier',
  [Oid.subjectKeyIdentifier]: 'X509v3 Subject Key Identifier',
  [Oid.authorityInfoAccess]: 'Authority Information Access',
  [Oid.cRLDistributionPoints]: 'X509v3 CRL Distribution Points',
  [Oid.signedCertificateTimestamps]: 'CT Precertificate SCTs',
};

function extensionLines(extension: Extension, certificate: Certificate): readonly string[] {
  const title = `            ${TITLES[extension.oid] ?? extension.oid}: ${extension.isCritical ? 'critical' : ''}`;
  return [title, ...contentLines(extension, certificate).map((line) => `                ${line}`)];
}

function contentLines({ oid, value }: Extension, certificate: Certificate): readonly string[] {
  switch (oid) {
    case Oid.basicConstraints: {
      const { isAuthority = false, pathLength } = certificate.basicConstraints ?? {};
      return [`CA:${isAuthority ? 'TRUE' : 'FALSE'}${pathLength === undefined ? '' : `, pathlen:${pathLength}`}`];
    }
    case Oid.keyUsage: {
      const { keyUsage = 0 } = certificate;
      return [
        KEY_USAGES.filter((usage) => hasKeyUsage(keyUsage, usage))
          .map((usage) => USAGE_TEXT[usage])
          .join(', '),
      ];
    }
    case Oid.extKeyUsage:
      return [(certificate.extKeyUsage ?? []).map((purpose) => PURPOSE_TEXT[purpose] ?? purpose).join(', ')];
    case Oid.subjectAltName:
      return [(certificate.subjectAltName ?? []).map(formatAltName).join(', ')];
    case Oid.nameConstraints: {
      const { permitted = [], excluded = [] } = certificate.nameConstraints ?? {};
      const list = (label: string, names: readonly GeneralName[]): readonly string[] =>
        names.length === 0 ? [] : [`${label}:`, ...names.map((name) => `  ${formatSubtree(name)}`)];
      return [...list('Permitted', permitted), ...list('Excluded', excluded)];
    }
    case Oid.certificatePolicies:
      return (certificate.certificatePolicies ?? []).flatMap(policyLines);
    case Oid.policyMappings: {
      const mappings = certificate.policyMappings ?? [];
      return [mappings.map(({ issuerPolicy, subjectPolicy }) => `${issuerPolicy}:${subjectPolicy}`).join(', ')];
    }
    case Oid.policyConstraints: {
      const { requireExplicitPolicy: require, inhibitPolicyMapping: inhibit } = certificate.policyConstraints ?? {};
      const parts = [
        require === undefined ? [] : `Require Explicit Policy:${require}`,
        inhibit === undefined ? [] : `Inhibit Policy Mapping:${inhibit}`,
      ];
      return [parts.flat().join(', ')];
    }
    case Oid.inhibitAnyPolicy:
      return [String(certificate.inhibitAnyPolicy)];
    case Oid.authorityKeyIdentifier:
      return authorityKeyLines(certificate);
    case Oid.subjectKeyIdentifier:
      return [colons(certificate.subjectKeyIdentifier ?? value)];
    case Oid.authorityInfoAccess:
      return (certificate.authorityInfoAccess ?? []).map(
        ({ method, location }) => `${ACCESS_TEXT[method] ?? method} - ${formatAltName(location)}`,
      );
    case Oid.cRLDistributionPoints:
      return (certificate.crlDistributionPoints ?? []).flatMap((name) => ['Full Name:', `  ${formatAltName(name)}`]);
    default:
      return [Array.from(value, (byte) => (byte < 0x20 || byte > 0x7e ? '.' : String.fromCharCode(byte))).join('')];
  }
}

const USAGE_TEXT: Readonly<Record<KeyUsage, string>> = {
  digitalSignature: 'Digital Signature',
  nonRepudiation: 'Non Repudiation',
  keyEncipherment: 'Key Encipherment',
  dataEncipherment: 'Data Encipherment',
  keyAgreement: 'Key Agreement',
  keyCertSign: 'Certificate Sign',
  cRLSign: 'CRL Sign',
  encipherOnly: 'Encipher Only',
  decipherOnly: 'Decipher Only',
};

const PURPOSE_TEXT: Readonly<Record<string, string>> = {
  [Oid.serverAuth]: 'TLS Web Server Authentication',
  [Oid.clientAuth]: 'TLS Web Client Authentication',
  [Oid.codeSigning]: 'Code Signing',
  [Oid.emailProtection]: 'E-mail Protection',
  [Oid.timeStamping]: 'Time Stamping',
  [Oid.ocspSigning]: 'OCSP Signing',
  [Oid.anyExtendedKeyUsage]: 'Any Extended Key Usage',
};

const ACCESS_TEXT: Readonly<Record<string, string>> = { [Oid.ocsp]: 'OCSP', [Oid.caIssuers]: 'CA Issuers' };

function policyLines({ policy, qualifiers }: PolicyInformation): readonly string[] {
  const name = policy === Oid.anyPolicy ? 'X509v3 Any Policy' : policy;
  const addresses = qualifiers.filter(({ oid }) => oid === Oid.cps).map(({ value }) => ascii(value.subarray(2)));
  return [`Policy: ${name}`, ...addresses.map((address) => `  CPS: ${address}`)];
}

function authorityKeyLines({ authorityKeyIdentifier: of }: Certificate): readonly string[] {
  const { keyIdentifier, issuer = [], serialNumber } = of ?? {};
  const isAlone = issuer.length === 0 && serialNumber === undefined;
  return [
    ...(keyIdentifier === undefined ? [] : [`${isAlone ? '' : 'keyid:'}${colons(keyIdentifier)}`]),
    ...issuer.map(formatAltName),
    ...(serialNumber === undefined ? [] : [`serial:${colons(serialNumber)}`]),
  ];
}

/** IPv6 addresses as openssl has them: capitals, and every zero. */
function formatAltName(name: GeneralName): string {
  if (name.kind !== 'ip' || name.bytes.length !== 16) return formatGeneralName(name);
  return `IP Address:${ipv6Groups(name.bytes)}`;
}

function formatSubtree(name: GeneralName): string {
  if (name.kind !== 'ip') return formatGeneralName(name);
  const half = name.bytes.length / 2;
  const [base, mask] = [name.bytes.subarray(0, half), name.bytes.subarray(half)];
  if (half === 16) return `IP:${ipv6Groups(base)}/${ipv6Groups(mask)}`;
  return half === 4 ? `IP:${base.join('.')}/${mask.join('.')}` : 'IP:<invalid>';
}

const ipv6Groups = (bytes: Uint8Array): string =>
  Array.from({ length: 8 }, (_, i) =>
    ((bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0)).toString(16).toUpperCase(),
  ).join(':');

const ascii = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => (byte < 0x20 || byte > 0x7e ? '.' : String.fromCharCode(byte))).join('');
