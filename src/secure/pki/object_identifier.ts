// Object identifiers: from bytes to dotted decimal and back, and the ones that certificates use by name. Not here: what an
// algorithm or an extension does.

/** X.690 §8.19; undefined if it is not well-formed or has a part above 2^53 - 1. */
export function parseObjectIdentifier(bytes: Uint8Array): string | undefined {
  const parts: number[] = [];
  let part = 0;
  let isInside = false;
  for (const byte of bytes) {
    if (!isInside && byte === 0x80) return undefined; // §8.19.2: not minimal
    part = part * 128 + (byte & 0x7f);
    if (part > Number.MAX_SAFE_INTEGER) return undefined;
    isInside = byte >= 0x80;
    if (isInside) continue;
    parts.push(part);
    part = 0;
  }
  const [first] = parts;
  if (first === undefined || isInside) return undefined;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - 40 * root, ...parts.slice(1)].join('.');
}

/** @throws RangeError if it is not dotted decimal with at least two parts */
export function emitObjectIdentifier(dotted: string): Uint8Array {
  const parts = dotted.split('.').map(Number);
  const [root = -1, second = -1] = parts;
  const isSound = /^[0-2](?:\.(?:0|[1-9][0-9]*))+$/.test(dotted) && (root === 2 || second < 40);
  if (!isSound || !parts.every(Number.isSafeInteger)) {
    throw new RangeError(`dotted must be an object identifier like 2.5.4.3, not ${dotted}`);
  }
  return Uint8Array.from([40 * root + second, ...parts.slice(2)].flatMap(base128));
}

function base128(part: number): number[] {
  const digits = [part % 128];
  for (let rest = Math.floor(part / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift(0x80 | (rest % 128));
  return digits;
}

/** Named as in the RFCs that define them: 5280, 3279, 5480, 5758, 8410, 8017, 2986, 2985. */
export const Oid = {
  // Keys and signatures.
  rsaEncryption: '1.2.840.113549.1.1.1',
  rsassaPss: '1.2.840.113549.1.1.10',
  mgf1: '1.2.840.113549.1.1.8',
  sha1WithRsa: '1.2.840.113549.1.1.5',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  sha384WithRsa: '1.2.840.113549.1.1.12',
  sha512WithRsa: '1.2.840.113549.1.1.13',
  ecPublicKey: '1.2.840.10045.2.1',
  ecdsaWithSha1: '1.2.840.10045.4.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  ecdsaWithSha384: '1.2.840.10045.4.3.3',
  ecdsaWithSha512: '1.2.840.10045.4.3.4',
  ed25519: '1.3.101.112',
  p256: '1.2.840.10045.3.1.7',
  p384: '1.3.132.0.34',
  p521: '1.3.132.0.35',
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
  // Attributes of names.
  commonName: '2.5.4.3',
  surname: '2.5.4.4',
  serialNumber: '2.5.4.5',
  countryName: '2.5.4.6',
  localityName: '2.5.4.7',
  stateOrProvinceName: '2.5.4.8',
  streetAddress: '2.5.4.9',
  organizationName: '2.5.4.10',
  organizationalUnitName: '2.5.4.11',
  title: '2.5.4.12',
  businessCategory: '2.5.4.15',
  postalCode: '2.5.4.17',
  givenName: '2.5.4.42',
  initials: '2.5.4.43',
  dnQualifier: '2.5.4.46',
  organizationIdentifier: '2.5.4.97',
  jurisdictionLocalityName: '1.3.6.1.4.1.311.60.2.1.1',
  jurisdictionStateOrProvinceName: '1.3.6.1.4.1.311.60.2.1.2',
  jurisdictionCountryName: '1.3.6.1.4.1.311.60.2.1.3',
  domainComponent: '0.9.2342.19200300.100.1.25',
  userId: '0.9.2342.19200300.100.1.1',
  emailAddress: '1.2.840.113549.1.9.1',
  // Extensions.
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  cRLNumber: '2.5.29.20',
  nameConstraints: '2.5.29.30',
  cRLDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  signedCertificateTimestamps: '1.3.6.1.4.1.11129.2.4.2',
  // Policies, purposes, ways to reach an issuer.
  anyPolicy: '2.5.29.32.0',
  domainValidated: '2.23.140.1.2.1',
  cps: '1.3.6.1.5.5.7.2.1',
  userNotice: '1.3.6.1.5.5.7.2.2',
  anyExtendedKeyUsage: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  ocsp: '1.3.6.1.5.5.7.48.1',
  caIssuers: '1.3.6.1.5.5.7.48.2',
  // Requests.
  extensionRequest: '1.2.840.113549.1.9.14',
} as const;
