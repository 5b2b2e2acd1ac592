// What a machine's tables and the journal tell of TLS: connections with their states, and certificates with what was thought of
// them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Journal, JournalTable } from '../../src/core/journal.ts';
import { formatInstant } from '../../src/core/time.ts';
import type { Simulation } from '../../src/world/sim/simulation.ts';
import { HOST_TABLE_ROWS } from '../../src/world/view/table_rows.ts';
import { HOST_TABLES } from '../../src/world/view/tables.ts';
import { httpsWorld } from '../testing/https_world.ts';

const table = ({ world }: Simulation, host: string, name: string): string =>
  (HOST_TABLES.get(name)?.(world.host(host), world.now) ?? assert.fail(`${host} has no ${name} table`)).replaceAll(
    /(10\.0\.0\.1):\d{5}/g,
    '$1:PORT',
  );

const COMMANDS = [
  [1, 'curl --ssl-sessions https://www/'],
  [2, 'curl --ssl-sessions https://www/'],
  [3, 'curl https://10.0.0.2/'],
] as const;

test('connections are listed with what was agreed on, also when they are over', () => {
  const simulation = httpsWorld({ commands: COMMANDS });
  const failure =
    'certificate-refused: www is for other addresses: 10.0.0.2 is not among DNS:www (wrong-address, RFC 9525 §6.5; ERR_TLS_CERT_ALTNAME_INVALID, OpenSSL 64)';
  assert.equal(
    table(simulation, 'alice', 'tls'),
    `role    state   local           peer          name      suite                   group   resumed  failure
client  Closed  10.0.0.1:PORT  10.0.0.2:443  www       TLS_AES_128_GCM_SHA256  X25519  no
client  Closed  10.0.0.1:PORT  10.0.0.2:443  www       TLS_AES_128_GCM_SHA256  X25519  yes
client  Failed  10.0.0.1:PORT  10.0.0.2:443  10.0.0.2  -                       -       -        ${failure}
`,
  );
  const served = HOST_TABLE_ROWS.get('tls')?.(simulation.world.host('www'), simulation.world.now) ?? [];
  assert.deepEqual(
    served.map(({ role, state, name, resumed, alpn }) => [role, state, name, resumed, alpn]),
    [
      ['server', 'Closed', 'www', false, 'http/1.1'],
      ['server', 'Closed', 'www', true, 'http/1.1'],
      ['server', 'Failed', null, null, null],
    ],
  );
});

test('certificates are listed with why a machine has them, and what it thought of those that it was shown', () => {
  const simulation = httpsWorld({ commands: COMMANDS });
  assert.equal(
    table(simulation, 'alice', 'certificates'),
    `use      subject  issuer  names    not before                not after                 verdict
trusted  root     root    -        Mar  1 11:00:00 2026 GMT  Feb 27 11:59:59 2036 GMT
shown    www      ca      DNS:www  Mar  1 11:00:00 2026 GMT  May 30 11:59:59 2026 GMT  valid
shown    www      ca      DNS:www  Mar  1 11:00:00 2026 GMT  May 30 11:59:59 2026 GMT  wrong-address
`,
  );
  assert.match(table(simulation, 'www', 'certificates'), /\nown {2}www {6}ca/);
});

test('the journal tells each state of a handshake with the message that led there, and each certificate', () => {
  const journal = new Journal();
  const told: string[] = [];
  journal.watch(JournalTable.Tls, ({ time, host, change, cause, row }) => {
    told.push(`${formatInstant(time).slice(0, 5)} ${host} ${change} ${row['state']}: ${cause}`);
  });
  const certificates: string[] = [];
  journal.watch(JournalTable.Certificate, ({ host, key, cause }) => certificates.push(`${host} ${key}: ${cause}`));
  httpsWorld({ commands: [[1, 'curl https://www/']] }, { journal });
  assert.deepEqual(
    told.filter((line) => line.includes('alice')),
    [
      '1.040 alice added WaitServerHello: connects',
      '1.040 alice changed WaitServerHello: sent ClientHello',
      '1.060 alice changed WaitEncryptedExtensions: received ServerHello',
      '1.060 alice changed WaitCertificateOrRequest: received EncryptedExtensions',
      '1.060 alice changed WaitCertificateVerify: received Certificate',
      '1.060 alice changed WaitFinished: received CertificateVerify',
      '1.060 alice changed ClientConnected: received Finished',
      '1.060 alice changed ClientConnected: sent Finished',
      '1.060 alice changed ClientConnected: the handshake is done',
      '1.080 alice changed ClientConnected: received NewSessionTicket',
      '1.100 alice changed Closed: the peer sends no more',
      '1.100 alice removed Closed: closed by the program',
    ],
  );
  assert.deepEqual(certificates, [
    'alice trusted root: the scenario trusts it',
    'www own www: issued by ca',
    'alice shown www: shown by 10.0.0.2:443',
  ]);
});

test('whoever has nothing to do with TLS has no such tables', () => {
  const { world } = httpsWorld({ commands: [[1, 'arp']] });
  const stranger = world.addHost('stranger');
  for (const name of ['tls', 'certificates']) assert.equal(HOST_TABLES.get(name)?.(stranger, world.now), undefined);
});
