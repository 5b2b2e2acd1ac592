import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResumableSession } from '../../../secure/tls/session.ts';
import { parseIpv4Address } from '../../../wire/address.ts';
import { TlsSessionCache } from './session_cache.ts';

const address = parseIpv4Address('10.0.0.2') ?? assert.fail();
const server = { address, port: 443 };
const NOW = 1_772_366_400_000;

const session = (serverName: string, number = 0, receivedAt = NOW): ResumableSession => ({
  ticket: Uint8Array.of(number),
  secret: new Uint8Array(32),
  cipherSuite: 'TLS_AES_128_GCM_SHA256',
  serverName,
  alpn: undefined,
  receivedAt,
  lifetime: 60,
  ageAdd: 0,
  maxEarlyData: 0,
  peerCertificates: [],
});

test('the latest session of a server and name is given out once', () => {
  const cache = new TlsSessionCache();
  for (const number of [1, 2]) cache.keep(server, session('Www.foo.test', number));
  assert.equal(cache.take(server, 'www.bar.test', NOW), undefined);
  assert.equal(cache.take({ address, port: 8443 }, 'www.foo.test', NOW), undefined);
  assert.deepEqual(cache.take(server, 'www.foo.test', NOW)?.ticket, Uint8Array.of(2));
  assert.deepEqual(cache.take(server, 'www.foo.test', NOW)?.ticket, Uint8Array.of(1));
  assert.equal(cache.take(server, 'www.foo.test', NOW), undefined);
  assert.equal(cache.length, 0);
});

test('one that is over is not given out, nor kept any longer', () => {
  const cache = new TlsSessionCache();
  cache.keep(server, session('a.test', 1));
  cache.keep(server, session('a.test', 2, NOW + 30_000));
  assert.deepEqual(cache.take(server, 'a.test', NOW + 61_000)?.ticket, Uint8Array.of(2));
  assert.equal(cache.length, 0);
});

test('at the bound the oldest goes', () => {
  const cache = new TlsSessionCache();
  for (let number = 0; number < 300; number++) cache.keep(server, session(`host-${number % 299}.test`, number % 256));
  assert.equal(cache.length, 256);
  assert.equal(cache.take(server, 'host-43.test', NOW), undefined);
  assert.notEqual(cache.take(server, 'host-44.test', NOW), undefined);
  assert.notEqual(cache.take(server, 'host-0.test', NOW), undefined, 'the last one is of this host');
});
