// `openssl s_client` on a machine: what it prints of a handshake, and what it does not refuse.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { httpsWorld, printed } from '../testing/https_world.ts';

const CONNECT = 'openssl s_client -connect www:443';

test('what the handshake showed is told in the words of openssl', () => {
  const simulation = httpsWorld({ commands: [[1, `${CONNECT} -alpn http/1.1`]] });
  const text = printed(simulation);
  const pem = /-----BEGIN CERTIFICATE-----[\s\S]*-----END CERTIFICATE-----/.exec(text)?.[0] ?? '';
  assert.equal(new X509Certificate(pem).subject, 'CN=www');
  assert.equal(
    text.replace(pem, 'PEM'),
    `CONNECTED(00000003)
depth=2 CN = root
verify return:1
depth=1 CN = ca
verify return:1
depth=0 CN = www
verify return:1
---
Certificate chain
 0 s:CN = www
   i:CN = ca
   a:PKEY: id-ecPublicKey, 256 (bit); sigalg: ecdsa-with-SHA256
   v:NotBefore: Mar  1 11:00:00 2026 GMT; NotAfter: May 30 11:59:59 2026 GMT
 1 s:CN = ca
   i:CN = root
   a:PKEY: id-ecPublicKey, 256 (bit); sigalg: ecdsa-with-SHA256
   v:NotBefore: Mar  1 11:00:00 2026 GMT; NotAfter: Feb 27 11:59:59 2036 GMT
---
Server certificate
PEM
subject=CN = www
issuer=CN = ca
---
No client certificate CA names sent
Peer signing digest: SHA256
Peer signature type: ECDSA
Server Temp Key: X25519, 253 bits
---
SSL handshake has read ${/read (\d+) bytes/.exec(text)?.[1]} bytes and written ${/written (\d+) bytes/.exec(text)?.[1]} bytes
Verification: OK
---
New, TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256
Server public key is 256 bit
ALPN protocol: http/1.1
Early data was not sent
Verify return code: 0 (ok)
---
---
Post-Handshake New Session Ticket arrived:
SSL-Session:
    Protocol  : TLSv1.3
    Cipher    : TLS_AES_128_GCM_SHA256
    TLS session ticket lifetime hint: 7200 (seconds)
    TLS session ticket: ${/ticket: (\d+) bytes/.exec(text)?.[1]} bytes
    Start Time: 1772366401
    Timeout   : 7200 (sec)
    Max Early Data: 0
---
DONE`,
  );
  const [step] = simulation.steps;
  assert.deepEqual([step?.exitCode, step?.tls, step?.isResumed], [0, '1.3', false]);
});

test('it goes on with any certificate, and says what is wrong with it', () => {
  const verdict = (world: Partial<Parameters<typeof httpsWorld>[0]>, flags = ''): string[] => {
    const simulation = httpsWorld({ commands: [[1, `${CONNECT}${flags}`]], ...world });
    assert.equal(simulation.steps[0]?.exitCode, 0);
    return printed(simulation)
      .split('\n')
      .filter((line) => /^verify error|^Verif/.test(line));
  };
  assert.deepEqual(verdict({ certificates: 'www: { issuer: ca, names: [www], chain: [] }' }), [
    'verify error:num=20:unable to get local issuer certificate',
    'verify error:num=21:unable to verify the first certificate',
    'Verification error: unable to verify the first certificate',
    'Verify return code: 21 (unable to verify the first certificate)',
  ]);
  assert.deepEqual(verdict({ certificates: 'www: { issuer: ca, names: [www], not-before: -2d, valid: 1d }' }), [
    'verify error:num=10:certificate has expired',
    'Verification error: certificate has expired',
    'Verify return code: 10 (certificate has expired)',
  ]);
  const other = { authorities: 'root: {}, other: {}, ca: { issuer: other }' };
  assert.match(verdict(other).at(-1) ?? '', /20 \(unable to get local issuer certificate\)/);
  assert.match(verdict(other, ' -CAfile other').at(-1) ?? '', /0 \(ok\)/);
  const renamed = { certificates: 'www: { issuer: ca, names: [somebody-else] }' };
  assert.match(verdict(renamed).at(-1) ?? '', /0 \(ok\)/, 'names are not looked at');
});

test('a session is kept under a name, and gone on with', () => {
  const simulation = httpsWorld({
    service: ', client-certificates: optional, client-trust: [ca]',
    alice: ', certificates: [alice]',
    certificates: 'www: { issuer: ca, names: [www], key: ed25519 }, alice: { issuer: ca, names: [alice@foo.test] }',
    commands: [
      [1, `${CONNECT} -sess_out mine -showcerts -cert alice`],
      [2, `${CONNECT} -sess_in mine`],
      [3, `${CONNECT} -sess_in yours`],
      [4, 'openssl s_client -connect 10.0.0.2:443 -groups P-384 -ciphersuites TLS_CHACHA20_POLY1305_SHA256'],
    ],
  });
  assert.equal(printed(simulation).match(/BEGIN CERTIFICATE/g)?.length, 3, 'two of the chain, and its own once more');
  assert.match(printed(simulation), /\nClient certificate requested\nPeer signature type: Ed25519\n/);
  assert.match(printed(simulation, 1), /\nReused, TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256\n/);
  assert.doesNotMatch(printed(simulation, 1), /Certificate chain|Peer signature/);
  assert.equal(printed(simulation, 2), "Can't open session file yours");
  assert.match(printed(simulation, 3), /Can't use SSL_get_servername[\s\S]*ECDH, secp384r1, 384[\s\S]*CHACHA20/);
});

test('what cannot come together, or is not there, says so', () => {
  const simulation = httpsWorld({
    service: ', groups: [P-384]',
    commands: [
      [1, `${CONNECT} -groups X25519`],
      [2, `${CONNECT} -cert nobody`],
      [3, `${CONNECT} -CAfile nobody`],
      [4, 'openssl s_client -connect www:8443'],
      [5, `${CONNECT} -alpn h2,h3`],
    ],
  });
  assert.deepEqual(
    simulation.steps.map(({ exitCode, error }) => [exitCode, error]),
    [
      [1, 'alert-handshake-failure'],
      [1, 'unknown-certificate'],
      [1, 'unknown-authority'],
      [1, 'ECONNREFUSED'],
      [1, 'alert-no-application-protocol'],
    ],
  );
  assert.match(printed(simulation), /error: alert handshake failure\n---\nno peer certificate available\n---$/);
  for (const [line, complaint] of [
    ['openssl x509', /openssl is s_client alone here/],
    ['openssl s_client', /-connect takes a host and a port/],
    ['openssl s_client -connect www', /-connect takes a host and a port/],
    ['openssl s_client -connect www:443 -tls1_2', /there is no option -tls1_2/],
    ['openssl s_client -connect www:443 -groups x448', /-groups does not know x448/],
    ['openssl s_client -connect', /option -connect needs a value/],
  ] as const) {
    assert.throws(() => httpsWorld({ commands: [[1, line]] }), complaint);
  }
});
