import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hexOf } from '../../core/bytes.ts';
import { Random } from '../../core/random.ts';
import { nodeCrypto } from '../../secure/crypto/node.ts';
import { portableCrypto } from '../../secure/crypto/portable.ts';
import type { CryptoProvider } from '../../secure/crypto/provider.ts';
import { formatTime } from '../../secure/pki/der_time.ts';
import { buildHierarchy, formatHierarchy } from '../../secure/pki/hierarchy.ts';
import { referenceName } from '../../secure/pki/host_name.ts';
import type { KeyPurpose } from '../../secure/pki/key_usage.ts';
import { validateCertificate } from '../../secure/pki/path_building.ts';
import { TrustStore } from '../../secure/pki/trust_store.ts';
import { formatDiagnostic } from './scenario/diagnostic.ts';
import { loadScenario } from './scenario/loader.ts';
import { WorldPki } from './world_pki.ts';

const START = 1_772_366_400; // 2026-03-01T12:00:00Z

function pkiOf(pki: string, { seed = 1, provider = nodeCrypto as CryptoProvider } = {}): WorldPki {
  const { scenario, diagnostics } = loadScenario(
    `version: 1\nname: pki\nstart: "2026-03-01T12:00:00Z"\nnetworks: { lan: { subnet: 10.0.0.0/24 } }\nhosts: { a: { interfaces: { lan: 10.0.0.1 } } }\npki:\n${pki}`,
    'pki.yaml',
    { seed },
  );
  assert.ok(scenario, diagnostics.map(formatDiagnostic).join('\n'));
  return new WorldPki(provider, Random.fromSeed(scenario.seed), scenario);
}

interface Asked {
  readonly trust?: string;
  readonly name?: string | undefined;
  /** Seconds after the start. */
  readonly at?: number;
  readonly purpose?: KeyPurpose;
}

/** What somebody says who trusts one authority and is sent this certificate: `valid`, or the broken rule. */
function verdict(
  pki: WorldPki,
  leaf: string,
  { trust = 'root', name, at = 60, purpose = 'serverAuth' }: Asked,
): string {
  const [own = assert.fail(), ...behind] = pki.leaf(leaf).sent;
  const trusted = new TrustStore(nodeCrypto, [pki.authority(trust).certificate]);
  const result = validateCertificate(own, behind, trusted, {
    provider: nodeCrypto,
    now: START + at,
    name: name === undefined ? undefined : referenceName(name),
    purpose,
  });
  return result.kind === 'valid' ? 'valid' : result.rule;
}

const bytesOf = (pki: WorldPki): string[] => pki.certificates.map(({ bytes }) => hexOf(bytes));

const SHOP = `
  authorities:
    ca:   { issuer: root, valid: 1825d, path-length: 0 }
    root: { key: ecdsa-p384 }
  certificates:
    www:   { issuer: ca, names: [www.foo.test, "*.foo.test", 10.0.0.80] }
    alice: { issuer: ca, names: [alice@foo.test], key: ed25519, purposes: [client], valid: 1d }
`;

test('authorities stand below each other whatever their order, and certificates are good for what they say', () => {
  const pki = pkiOf(SHOP);
  assert.equal(
    formatHierarchy(buildHierarchy(pki.certificates)),
    `root (root, until Feb 27 11:59:59 2036 GMT)
└── ca (intermediate, until Feb 28 11:59:59 2031 GMT)
    ├── alice@foo.test (end entity, until Mar  2 11:59:59 2026 GMT)
    └── www.foo.test (end entity, until May 30 11:59:59 2026 GMT)
`,
  );
  for (const name of ['www.foo.test', 'shop.foo.test', '10.0.0.80']) {
    assert.equal(verdict(pki, 'www', { name }), 'valid', name);
  }
  assert.equal(verdict(pki, 'www', { name: 'www.bar.test' }), 'wrong-name');
  assert.equal(verdict(pki, 'alice', { purpose: 'clientAuth' }), 'valid');
  assert.equal(verdict(pki, 'alice', {}), 'wrong-purpose');
  assert.deepEqual([...pki.authorities.keys()], ['ca', 'root'], 'in the order of the file');
});

test('the same seed makes the same certificates with any provider, and another seed makes others', () => {
  assert.deepEqual(bytesOf(pkiOf(SHOP)), bytesOf(pkiOf(SHOP, { provider: portableCrypto })));
  const other = bytesOf(pkiOf(SHOP, { seed: 2 }));
  for (const bytes of bytesOf(pkiOf(SHOP))) assert.ok(!other.includes(bytes));
});

test('one more certificate or authority moves no other one', () => {
  const before = bytesOf(pkiOf(SHOP));
  const more = SHOP.replace('authorities:', 'authorities:\n    another: { issuer: ca }').replace(
    'certificates:',
    'certificates:\n    api: { issuer: ca, names: [www.foo.test] }\n    bridge: { issuer: another, cross-signs: ca }',
  );
  const after = bytesOf(pkiOf(more));
  assert.equal(after.length, before.length + 3);
  for (const bytes of before) assert.ok(after.includes(bytes));
  assert.equal(new Set(after).size, after.length);
});

test('certificates begin an hour before the start and end to the second, or as they say', () => {
  const pki = pkiOf(`
  authorities: { root: {} }
  certificates:
    usual:    { issuer: root, names: [a.test], valid: 30s }
    expired:  { issuer: root, names: [a.test], not-before: -100d, valid: 90d }
    tomorrow: { issuer: root, names: [a.test], not-before: 1d, valid: 1d }
`);
  const { notBefore, notAfter } = pki.leaf('usual').certificate.validity;
  assert.equal(formatTime(notBefore), 'Mar  1 11:00:00 2026 GMT');
  assert.equal(formatTime(notAfter), 'Mar  1 12:00:29 2026 GMT');
  assert.equal(verdict(pki, 'usual', { at: -3600 }), 'valid');
  assert.equal(verdict(pki, 'usual', { at: -3601 }), 'not-yet-valid');
  assert.equal(verdict(pki, 'usual', { at: 29 }), 'valid');
  assert.equal(verdict(pki, 'usual', { at: 30 }), 'expired');
  assert.equal(verdict(pki, 'expired', {}), 'expired');
  assert.equal(verdict(pki, 'tomorrow', {}), 'not-yet-valid');
  assert.equal(verdict(pki, 'tomorrow', { at: 86_400 }), 'valid');
});

test('what is sent behind a certificate can be said', () => {
  const pki = pkiOf(`
  authorities: { old: {}, root: {}, ca: { issuer: root }, stranger: {} }
  certificates:
    bridge:  { issuer: old, cross-signs: root }
    usual:   { issuer: ca, names: [a.test] }
    alone:   { issuer: ca, names: [a.test], chain: [] }
    bridged: { issuer: ca, names: [a.test], chain: [ca, bridge] }
    noisy:   { issuer: ca, names: [a.test], chain: [stranger, root, ca] }
`);
  const verdicts = (leaf: string): string[] => ['root', 'old'].map((trust) => verdict(pki, leaf, { trust }));
  assert.deepEqual(verdicts('usual'), ['valid', 'unknown-issuer']);
  assert.deepEqual(verdicts('alone'), ['lone-leaf', 'lone-leaf'], 'the intermediate is missing');
  assert.deepEqual(verdicts('bridged'), ['valid', 'valid'], 'old vouches for root as well');
  assert.deepEqual(verdicts('noisy'), ['valid', 'untrusted-root'], 'and order does not matter');
});

test('constraints on names and on the path hold for all below', () => {
  const pki = pkiOf(`
  authorities:
    root:  {}
    foo:   { issuer: root, name-constraints: { permitted: [foo.test, 10.0.0.0/8, "@foo.test"], excluded: [secret.foo.test] } }
    short: { issuer: root, path-length: 0 }
    low:   { issuer: short }
  certificates:
    www:     { issuer: foo, names: [www.foo.test, 10.1.2.3] }
    mailbox: { issuer: foo, names: [alice@foo.test] }
    other:   { issuer: foo, names: [www.bar.test] }
    outside: { issuer: foo, names: [192.168.0.1] }
    secret:  { issuer: foo, names: [a.secret.foo.test] }
    deep:    { issuer: low, names: [a.test] }
`);
  assert.equal(verdict(pki, 'www', {}), 'valid');
  assert.equal(verdict(pki, 'mailbox', { purpose: 'clientAuth' }), 'valid');
  assert.equal(verdict(pki, 'other', {}), 'name-not-permitted');
  assert.equal(verdict(pki, 'outside', {}), 'name-not-permitted');
  assert.equal(verdict(pki, 'secret', {}), 'name-excluded');
  assert.equal(verdict(pki, 'deep', {}), 'path-length-exceeded');
});
