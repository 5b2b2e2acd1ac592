import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { exampleCertificates } from '../../scripts/example_certificates_text.ts';
import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import { CertificateAuthority } from '../../src/secure/pki/authority.ts';
import { emitPem, parsePem } from '../../src/secure/pki/pem.ts';
import { NOON, random } from '../testing/certificates.ts';
import { room } from './command_line.ts';

const EXAMPLES = join(dirname(dirname(import.meta.dirname)), 'examples/certificates');
const [WEBSITE, ROOT, CARELESS] = ['website.pem', 'root.pem', 'careless.pem'].map((name) => join(EXAMPLES, name)) as [
  string,
  string,
  string,
];
const IN_TIME = ['--at', '2022-06-01T12:00:00Z'];

test('the examples are those of today: node scripts/run.mjs scripts/example_certificates.ts', () => {
  for (const [name, text] of exampleCertificates()) assert.equal(readFileSync(join(EXAMPLES, name), 'utf8'), text);
});

test('a certificate is printed as on the slide: names on several lines, RSA-2048, three names, both usages', async (context) => {
  const { netarium } = room(context);
  const { status, stdout, stderr } = await netarium('certificate', WEBSITE, '--long-names');
  assert.deepEqual([status, stderr], [0, '']);
  assert.equal(stdout.match(/^Certificate:$/gm)?.length, 2);
  assert.match(stdout, /^ {8}Issuer:\n {12}commonName {16}= Example Common RSA Server CA\n/m);
  assert.match(stdout, /^ {16}Public-Key: \(2048 bit\)$/m);
  assert.match(stdout, /^ {16}TLS Web Server Authentication, TLS Web Client Authentication$/m);
  assert.match(
    stdout,
    /DNS:collab\.its\.example\.edu, DNS:collab-prod\.its\.example\.edu, DNS:collab\.itc\.example\.edu/,
  );
  const onOneLine = await netarium('certificate', WEBSITE);
  assert.match(onOneLine.stdout, /^ {8}Subject: C = US, ST = Virginia, O = University of Example, /m);
});

test('the lint says which of the requirements are not met, and ends with 1', async (context) => {
  const { netarium } = room(context);
  const good = await netarium('certificate', WEBSITE, '--lint');
  assert.equal(good.status, 0);
  assert.match(
    good.stdout,
    /^collab\.its\.example\.edu \(server\): obeys all 17 requirements\n.* \(intermediate\): obeys all 11 requirements\n$/,
  );
  const bad = await netarium('certificate', CARELESS, '--lint');
  assert.equal(bad.status, 1);
  assert.match(bad.stdout, /^www\.example\.com \(server\): 16 of 17 requirements are not met\n/);
  assert.equal(bad.stdout.match(/^ {2}.* \(BR §[\d.]+\): /gm)?.length, 16);
  const root = await netarium('certificate', ROOT, '--lint');
  assert.match(root.stdout, / \(root\): obeys all \d+ requirements\n$/);
});

test('whether it is believed depends on whom one trusts, on the time, and on the name', async (context) => {
  const { netarium } = room(context);
  const judge = async (...args: string[]): Promise<string> => {
    const { status, stdout } = await netarium('certificate', WEBSITE, ...args);
    return `${status} ${stdout.trim()}`;
  };
  assert.equal(
    await judge('--ca', ROOT, ...IN_TIME, '--for', 'collab.itc.example.edu'),
    '0 believed at Jun  1 12:00:00 2022 GMT: collab.its.example.edu, signed by Example Common RSA Server CA, ' +
      'signed by Example Trust RSA Certification Authority, which is trusted',
  );
  assert.match(await judge('--ca', ROOT), /^1 refused at .* has expired: Feb 28 23:59:59 2023 GMT /);
  assert.match(await judge('--ca', ROOT, ...IN_TIME, '--for', 'www.example.edu'), /^1 refused .* \(wrong-name, /);
  assert.match(await judge('--ca', CARELESS, ...IN_TIME), /^1 refused .*unknown-issuer/);
  const { status, stderr } = await netarium('certificate', WEBSITE, ...IN_TIME);
  assert.deepEqual([status, stderr.includes('--at needs --ca')], [2, true]);
});

test('who vouches for whom in a file, as text and as a picture', async (context) => {
  const { netarium, write } = room(context);
  write('all.pem', readFileSync(WEBSITE, 'utf8') + readFileSync(ROOT, 'utf8'));
  const { stdout } = await netarium('certificate', 'all.pem', '--tree');
  assert.equal(
    stdout.replaceAll(/ \(.*\)/g, ''),
    'Example Trust RSA Certification Authority\n└── Example Common RSA Server CA\n    └── collab.its.example.edu\n',
  );
  const picture = await netarium('certificate', 'all.pem', '--svg');
  assert.equal(picture.stdout.match(/<rect /g)?.length, 3);
});

test('DER is read as PEM is, and a revocation list takes a certificate back', async (context) => {
  const { netarium, write } = room(context);
  const root = CertificateAuthority.root(nodeCrypto, random('root'), { name: 'R', notBefore: NOON });
  const [leaf] = root.issueServer({ names: ['www.home.arpa'], notBefore: NOON }).chain;
  assert.ok(leaf !== undefined);
  write('leaf.der', leaf.bytes);
  write('root.pem', emitPem({ label: 'CERTIFICATE', bytes: root.certificate.bytes }));
  write('empty.crl', emitPem({ label: 'X509 CRL', bytes: root.issueRevocationList(NOON).bytes }));
  root.revoke(leaf, NOON);
  write('leaf.crl', root.issueRevocationList(NOON).bytes);
  const judge = (...args: string[]) =>
    netarium('certificate', 'leaf.der', '--ca', 'root.pem', '--at', '2026-03-01T12:00:00Z', ...args);
  assert.equal((await judge('--crl', 'empty.crl')).status, 0);
  const { status, stdout } = await judge('--crl', 'leaf.crl', '--json');
  assert.equal(status, 1);
  const { schema, certificates, verdict } = JSON.parse(stdout);
  assert.equal(schema, 'netarium.certificate/1');
  assert.deepEqual([certificates[0].subject, certificates[0].complaints], ['www.home.arpa', null]);
  assert.deepEqual([verdict.believed, verdict.rule, verdict.certificate], [false, 'revoked', 0]);
});

test('what is no certificate is said to be none', async (context) => {
  const { netarium, write } = room(context);
  write('key.pem', emitPem({ label: 'PUBLIC KEY', bytes: Uint8Array.of(1) }));
  const [block] = parsePem(readFileSync(ROOT, 'utf8')) ?? [];
  write('broken.pem', emitPem({ label: 'CERTIFICATE', bytes: (block?.bytes ?? assert.fail()).subarray(0, 99) }));
  for (const [file, reason] of [
    ['key.pem', /there is no certificate in it/],
    ['broken.pem', /certificate 1 cannot be read: /],
    ['absent.pem', /there is no such file/],
  ] as const) {
    const { status, stdout, stderr } = await netarium('certificate', file);
    assert.deepEqual([status, stdout], [3, ''], file);
    assert.match(stderr, reason);
  }
});
