import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpsFile } from '../testing/https_world.ts';
import { room } from './command_line.ts';

const FILE = httpsFile({ commands: [[1, 'curl https://www/']] });

test('a capture opens TLS for who lists it, unless its secrets were left out or are not wanted', async (context) => {
  const { write, netarium } = room(context);
  write('https.yaml', FILE);
  assert.match((await netarium('run', 'https.yaml', '--out', 'open')).stdout, / > {2}HTTP {2}GET \/ for www\n/);
  await netarium('run', 'https.yaml', '--no-secrets', '--out', 'shut');
  const pages = async (...args: string[]): Promise<number> =>
    (await netarium('packets', ...args)).stdout.split('\n').filter((line) => line.includes('GET /')).length;
  assert.equal(await pages('https.yaml'), 1);
  assert.equal(await pages('open/https.1.pcapng'), 1);
  assert.equal(await pages('open/https.1.pcapng', 'http'), 1);
  assert.equal(await pages('open/https.1.pcapng', '--no-secrets'), 0);
  assert.equal(await pages('shut/https.1.pcapng'), 0);
  assert.match((await netarium('ladder', 'open/https.1.pcapng')).stdout, /TLS \[alert close_notify\]/);
  assert.doesNotMatch((await netarium('ladder', 'open/https.1.pcapng', '--no-secrets')).stdout, /close_notify/);
});

test('run --json says over which TLS a page came', async (context) => {
  const { write, netarium } = room(context);
  write('https.yaml', FILE);
  const { steps } = JSON.parse((await netarium('run', 'https.yaml', '--json')).stdout);
  assert.deepEqual([steps[0].tls, steps[0].resumed], ['1.3', false]);
});

test('pki shows who vouches for whom, as text, as a picture and as objects, and each certificate', async (context) => {
  const { write, netarium } = room(context);
  write('https.yaml', FILE);
  assert.equal(
    (await netarium('pki', 'https.yaml')).stdout,
    `root (root, until Feb 27 11:59:59 2036 GMT)
└── ca (intermediate, until Feb 27 11:59:59 2036 GMT)
    └── www (end entity, until May 30 11:59:59 2026 GMT)
`,
  );
  assert.match((await netarium('pki', 'https.yaml', '--svg')).stdout, /^<svg [\s\S]*>ca<[\s\S]*<\/svg>\n$/);
  const text = (await netarium('pki', 'https.yaml', 'www')).stdout;
  assert.match(text, /^Certificate:\n[\s\S]*Issuer: CN = ca\n[\s\S]*DNS:www\n/);
  const { certificates } = JSON.parse((await netarium('pki', 'https.yaml', '--json')).stdout);
  assert.deepEqual(
    certificates.map(({ name, issuer, isAuthority }: Record<string, unknown>) => [name, issuer, isAuthority]),
    [
      ['root', 'root', true],
      ['ca', 'root', true],
      ['www', 'ca', false],
    ],
  );
  assert.match((await netarium('pki', 'https.yaml', 'www', '--long-names')).stdout, /^ {12}commonName +=/m);
  const linted = await netarium('pki', 'https.yaml', '--lint');
  assert.equal(linted.status, 1);
  assert.match(linted.stdout, /^www \(server\): \d+ of 17 requirements are not met\n {2}.* \(BR §/m);
  const seeded = (await netarium('pki', 'https.yaml', 'www', '--seed', '2')).stdout;
  assert.notEqual(seeded, text);
  const unknown = await netarium('pki', 'https.yaml', 'wwww');
  assert.equal(unknown.status, 2);
  assert.match(unknown.stderr, /There is no authority and no certificate "wwww"\.[\s\S]*Did you mean "www"\?/);
  assert.equal((await netarium('pki', 'https.yaml', 'www', '--variant', 'x')).status, 2);
});
