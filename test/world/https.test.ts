// Web servers over TLS and `curl https://`, from one machine of a scenario to another: each option of the service and each flag
// of the command, by what changes with it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Journal, JournalTable } from '../../src/core/journal.ts';
import type { Instant } from '../../src/core/time.ts';
import { portableCrypto } from '../../src/secure/crypto/portable.ts';
import { parseIpv4Address } from '../../src/wire/address.ts';
import type { Program } from '../../src/world/app/program.ts';
import type { Simulation } from '../../src/world/sim/simulation.ts';
import { roundTripsTo } from '../../src/world/view/round_trips.ts';
import { httpsWorld, outcomes, printed } from '../testing/https_world.ts';

const PAGE = 'curl https://www/';

const resumed = ({ steps }: Simulation): (boolean | undefined)[] => steps.map(({ isResumed }) => isResumed);

function roundTrips({ steps, world }: Simulation): number[] {
  const frames = world.capture?.frames() ?? [];
  return steps.map(({ firstByte }) =>
    firstByte === undefined ? 0 : roundTripsTo(frames, firstByte.local, firstByte.remote, firstByte.at),
  );
}

test('a page comes over TLS, and says so', () => {
  const simulation = httpsWorld({ commands: [[1, `${PAGE} -v`]] });
  const [step] = simulation.steps;
  assert.deepEqual([step?.status, step?.tls, step?.isResumed], [200, '1.3', false]);
  const text = printed(simulation);
  assert.equal(
    text.replace(/^([<>]) .*\n/gm, ''),
    `*   Trying 10.0.0.2:443...
* Connected to www (10.0.0.2) port 443
* ALPN: curl offers http/1.1
* TLSv1.3 (OUT), TLS handshake, Client hello (1):
* TLSv1.3 (IN), TLS handshake, Server hello (2):
* TLSv1.3 (IN), TLS handshake, Encrypted Extensions (8):
* TLSv1.3 (IN), TLS handshake, Certificate (11):
* TLSv1.3 (IN), TLS handshake, CERT verify (15):
* TLSv1.3 (IN), TLS handshake, Finished (20):
* TLSv1.3 (OUT), TLS handshake, Finished (20):
* SSL connection using TLSv1.3 / TLS_AES_128_GCM_SHA256 / X25519 / id-ecPublicKey
* ALPN: server accepted http/1.1
* Server certificate:
*  subject: CN=www
*  start date: Mar  1 11:00:00 2026 GMT
*  expire date: May 30 11:59:59 2026 GMT
*  subjectAltName: host "www" matched cert's "www"
*  issuer: CN=ca
*  SSL certificate verify ok.
*   Certificate level 0: Public key type EC/prime256v1 (256/128 Bits/secBits), signed using ecdsa-with-SHA256
*   Certificate level 1: Public key type EC/prime256v1 (256/128 Bits/secBits), signed using ecdsa-with-SHA256
*   Certificate level 2: Public key type EC/prime256v1 (256/128 Bits/secBits), signed using ecdsa-with-SHA256
>
* TLSv1.3 (IN), TLS handshake, Newsession Ticket (4):
<
hello
* Connection #0 to host www left intact`,
  );
});

test('nobody is reset, and nothing of the page is on the network', () => {
  const simulation = httpsWorld({
    commands: [
      [1, PAGE],
      [2, 'curl -H "Connection: close" https://www/big -o /dev/null'],
    ],
  });
  assert.deepEqual(outcomes(simulation), ['200', '200']);
  const frames = simulation.world.capture?.frames() ?? [];
  const all = frames.map(({ bytes }) => String.fromCharCode(...bytes)).join('\n');
  assert.ok(!all.includes('hello'));
  assert.ok(all.includes('www'), 'though whom she asked for is: the name goes in the clear');
  assert.equal(frames.filter(({ bytes }) => bytes[23] === 6 && ((bytes[47] ?? 0) & 4) !== 0).length, 0);
});

test('any provider makes the same bytes', () => {
  const commands = [[1, PAGE]] as const;
  const digests = [httpsWorld({ commands }), httpsWorld({ commands }, { crypto: portableCrypto })].map(({ world }) =>
    world.capture?.digest(),
  );
  assert.equal(digests[0], digests[1]);
});

test('a certificate is refused for what is wrong with it, and -k takes it all the same', () => {
  const refused = (world: Partial<Parameters<typeof httpsWorld>[0]>, command = PAGE): string[] => {
    const simulation = httpsWorld({
      ...world,
      commands: [
        [1, command],
        [2, command.replace('curl', 'curl -k')],
      ],
    });
    return [...outcomes(simulation), printed(simulation).split('\n').at(-1) ?? ''];
  };
  assert.deepEqual(refused({ certificates: 'www: { issuer: ca, names: [other] }' }), [
    '60 wrong-name',
    '200',
    "curl: (60) SSL: no alternative certificate subject name matches target host name 'www'",
  ]);
  assert.deepEqual(refused({}, 'curl https://10.0.0.2/'), [
    '60 wrong-name',
    '200',
    "curl: (60) SSL: no alternative certificate subject name matches target ipv4 address '10.0.0.2'",
  ]);
  assert.deepEqual(refused({ authorities: 'root: {}, other: {}, ca: { issuer: other }' }), [
    '60 untrusted-certificate',
    '200',
    'curl: (60) SSL certificate problem: unable to get local issuer certificate',
  ]);
  assert.deepEqual(refused({ certificates: 'www: { issuer: ca, names: [www], chain: [] }' }), [
    '60 untrusted-certificate',
    '200',
    'curl: (60) SSL certificate problem: unable to get local issuer certificate',
  ]);
  assert.deepEqual(refused({ certificates: 'www: { issuer: ca, names: [www], not-before: -2d, valid: 1d }' }), [
    '60 expired-certificate',
    '200',
    'curl: (60) SSL certificate problem: certificate has expired',
  ]);
  assert.deepEqual(refused({ certificates: 'www: { issuer: ca, names: [www], not-before: 1d }' }), [
    '60 certificate-not-yet-valid',
    '200',
    'curl: (60) SSL certificate problem: certificate is not yet valid',
  ]);
  const constrained = 'root: {}, ca: { issuer: root, name-constraints: { permitted: [foo.test] } }';
  assert.deepEqual(refused({ authorities: constrained }), [
    '60 forbidden-name',
    '200',
    'curl: (60) SSL certificate problem: permitted subtree violation',
  ]);
  assert.deepEqual(refused({ certificates: 'www: { issuer: ca, names: [www], purposes: [client] }' }), [
    '60 wrong-purpose',
    '200',
    'curl: (60) SSL certificate problem: unsuitable certificate purpose',
  ]);
});

test('-k says what would have been said', () => {
  const simulation = httpsWorld({
    authorities: 'root: {}, other: {}, ca: { issuer: other }',
    commands: [[1, `${PAGE} -kv`]],
  });
  assert.match(
    printed(simulation),
    /\* {2}SSL certificate verify result: unable to get local issuer certificate \(20\), continuing anyway\./,
  );
});

test('a certificate expires while you watch, by the clock of who judges it', () => {
  const certificates = 'www: { issuer: ca, names: [www], valid: 30s }';
  const commands = [
    [29, PAGE],
    [31, PAGE],
  ] as const;
  assert.deepEqual(outcomes(httpsWorld({ certificates, commands })), ['200', '60 expired-certificate']);
  const late = ', clock: { skew: 5m }';
  assert.deepEqual(outcomes(httpsWorld({ alice: late, certificates, commands })), [
    '60 expired-certificate',
    '60 expired-certificate',
  ]);
  const early = ', clock: { skew: -2h }';
  assert.deepEqual(outcomes(httpsWorld({ alice: early, commands })), Array(2).fill('60 certificate-not-yet-valid'));
});

test('--cacert believes another authority than the machine does', () => {
  const simulation = httpsWorld({
    authorities: 'root: {}, other: {}, ca: { issuer: other }',
    commands: [
      [1, `${PAGE} --cacert other`],
      [2, `${PAGE} --cacert ca`],
      [3, `${PAGE} --cacert root`],
      [4, `${PAGE} --cacert nobody`],
    ],
  });
  assert.deepEqual(outcomes(simulation), ['200', '200', '60 untrusted-certificate', '77 unknown-authority']);
});

test('a server that wants a certificate of its clients serves those that show one that it believes', () => {
  const world = {
    service: ', client-certificates: required, client-trust: [clients]',
    alice: ', certificates: [alice, stranger]',
    authorities: 'root: {}, ca: { issuer: root }, clients: {}',
    certificates:
      'www: { issuer: ca, names: [www] }, alice: { issuer: clients, names: [alice@foo.test], purposes: [client] }, stranger: { issuer: ca, names: [stranger@foo.test] }',
    commands: [
      [1, PAGE],
      [2, `${PAGE} -E alice`],
      [3, `${PAGE} --cert stranger`],
      [4, `${PAGE} -E www`],
    ],
  } as const;
  assert.deepEqual(outcomes(httpsWorld(world)), [
    '56 alert-certificate-required',
    '200',
    '56 alert-unknown-ca',
    '58 unknown-certificate',
  ]);
  const optional = { ...world, service: ', client-certificates: optional, client-trust: [clients]' };
  assert.deepEqual(outcomes(httpsWorld(optional)).slice(0, 3), ['200', '200', '56 alert-unknown-ca']);
  const shown = httpsWorld({ ...world, commands: [[1, `${PAGE} -v -E alice`]] });
  assert.match(printed(shown), /Request CERT \(13\)/);
  assert.match(printed(shown), /\(OUT\), TLS handshake, CERT verify \(15\)/);
});

test('ends that have nothing in common do not come together', () => {
  const simulation = httpsWorld({
    service: ', cipher-suites: [TLS_CHACHA20_POLY1305_SHA256], groups: [P-384]',
    commands: [
      [1, `${PAGE} -v`],
      [2, `${PAGE} --tls13-ciphers TLS_AES_128_GCM_SHA256`],
      [3, `${PAGE} --curves X25519`],
      [4, `${PAGE} -v --curves P-384:X25519`],
    ],
  });
  assert.deepEqual(outcomes(simulation), ['200', '35 alert-handshake-failure', '35 alert-handshake-failure', '200']);
  assert.match(printed(simulation), /TLSv1.3 \/ TLS_CHACHA20_POLY1305_SHA256 \/ secp384r1 \//);
  assert.match(printed(simulation), /\(IN\), TLS handshake, Hello retry request \(2\)/);
  assert.doesNotMatch(printed(simulation, 3), /Hello retry/, 'whose first wish is the right one is asked once');
  assert.equal(printed(simulation, 1), 'curl: (35) TLS connect error: alert handshake failure');
});

test('without ALPN nothing is agreed on, and HTTP is spoken all the same', () => {
  const simulation = httpsWorld({ commands: [[1, `${PAGE} -v --no-alpn`]] });
  assert.match(printed(simulation), /ALPN: server did not agree on a protocol/);
  assert.doesNotMatch(printed(simulation), /curl offers/);
});

test('one more round trip than in the clear; without it once there is a session with early data; with one more for a retry', () => {
  const again = `${PAGE} --ssl-sessions`;
  const simulation = httpsWorld({
    service: ', max-early-data: 16KiB',
    commands: [
      [1, again],
      [2, again],
      [3, `${again} --tls-earlydata`],
      [4, PAGE],
      [5, `${PAGE} --curves P-384:X25519`],
    ],
  });
  assert.deepEqual(outcomes(simulation), Array(5).fill('200'));
  assert.deepEqual(resumed(simulation), [false, true, true, false, false]);
  assert.deepEqual(roundTrips(simulation), [3, 3, 2, 3, 3]);
  const retried = httpsWorld({ service: ', groups: [X25519]', commands: [[1, `${PAGE} --curves P-384:X25519`]] });
  assert.deepEqual(roundTrips(retried), [4]);
});

test('expectations know the version, resumption and round trips, and what was seen instead', () => {
  const again = `${PAGE} --ssl-sessions`;
  const simulation = httpsWorld({
    commands: [
      [1, again],
      [2, again],
      [3, 'curl https://nobody/'],
      [4, 'curl http://www:443/'],
    ],
    more: `expect:
  - { name: first, step: s0, tls: "1.3", resumed: false, round-trips: 3 }
  - { name: second, step: s1, tls: "1.3", resumed: true, round-trips: { max: 3 } }
  - { name: wrong, step: s1, resumed: false, round-trips: 2 }
  - { name: nowhere, step: s2, round-trips: 0 }
  - { name: in the clear, step: s3, tls: "1.3" }
`,
  });
  assert.deepEqual(
    simulation.judge().map(({ name, isMet, detail }) => `${name} ${isMet}: ${detail}`),
    [
      'first true: TLS 1.3; resumed false; 3 round trips to the first byte',
      'second true: TLS 1.3; resumed true; 3 round trips to the first byte',
      'wrong false: expected resumed false, saw true; expected 2 round trips to the first byte, saw 3',
      'nowhere false: no answer came, so that no round trips are counted',
      'in the clear false: expected TLS 1.3, saw none (EPROTO)',
    ],
  );
});

test('tickets are given out as many as said, for as long as said', () => {
  const again = `${PAGE} --ssl-sessions`;
  const times = (service: string): (boolean | undefined)[] =>
    resumed(
      httpsWorld({
        service,
        commands: [
          [1, again],
          [2, again],
          [40, again],
        ],
      }),
    );
  assert.deepEqual(times(''), [false, true, true]);
  assert.deepEqual(times(', tickets: 0'), [false, false, false]);
  assert.deepEqual(times(', ticket-lifetime: 30s'), [false, true, false]);
  const two = httpsWorld({ service: ', tickets: 2', commands: [[1, `${again} -v`]] });
  assert.equal(printed(two).match(/Newsession Ticket/g)?.length, 2);
  assert.deepEqual(
    resumed(
      httpsWorld({
        commands: [
          [1, PAGE],
          [2, again],
        ],
      }),
    ),
    [false, false],
    'none was kept',
  );
});

test('early data is sent only if the server takes it, and a form waits for proof', () => {
  const early = 'curl -v --ssl-sessions --tls-earlydata https://www/';
  const simulation = httpsWorld({
    service: ', max-early-data: 100B',
    commands: [
      [1, `${PAGE} --ssl-sessions`],
      [2, early],
      [3, early.replace('https', '-d a=1 https')],
      [4, `${early}${'x'.repeat(100)}`],
    ],
  });
  assert.deepEqual(outcomes(simulation), ['200', '200', '200', '404']);
  assert.match(printed(simulation, 1), /Server accepted TLS early data/);
  assert.doesNotMatch(printed(simulation, 3), /early data\./, 'too long a request waits for the handshake');
  const none = httpsWorld({
    commands: [
      [1, `${PAGE} --ssl-sessions`],
      [2, early],
    ],
  });
  assert.doesNotMatch(printed(none, 1), /early data/);
});

test('a form that came as early data is answered after the handshake, when nobody can have sent it again', () => {
  const commands = [
    [1, `${PAGE} --ssl-sessions`],
    [2, 'curl --ssl-sessions --tls-earlydata -d a=1 https://www/form'],
    [3, 'curl --ssl-sessions --tls-earlydata https://www/form'],
  ] as const;
  const simulation = httpsWorld({ service: ', max-early-data: 1KiB', commands });
  assert.deepEqual(roundTrips(simulation), [3, 3, 2]);
});

const NAMES = `zones: { test: { primary: www, records: { bar: { A: www }, foo: { A: www }, shop: { A: www } } } }\n`;

/** How often the server takes early data, if somebody sends it once more who recorded it. */
function timesTaken(service: string): number {
  const journal = new Journal();
  let taken = 0;
  journal.watch(JournalTable.Tls, ({ cause }) => {
    if (cause === 'takes early data') taken++;
  });
  const commands = [
    [1, `${PAGE} --ssl-sessions`],
    [2, `${PAGE} --ssl-sessions --tls-earlydata`],
  ] as const;
  const more = '  - { at: 4s, host: www, run: arp }\n';
  const simulation = httpsWorld({ service: `, max-early-data: 1KiB${service}`, commands, more }, { journal }, (begun) =>
    begun.at(3e9 as Instant, ({ world }) => {
      const [hello] = world.capture?.frames().filter(({ time, bytes }) => time > 2e9 && bytes[66] === 22) ?? [];
      const recorded = hello?.bytes.subarray(66) ?? assert.fail('the hello was captured');
      const alice = world.host('alice');
      alice.spawn('replay', function* (system): Program<void> {
        const socket = system.tcp();
        yield* socket.connect(parseIpv4Address('10.0.0.2') ?? assert.fail(), 443);
        yield* socket.write(recorded);
        yield* socket.read();
        socket.close();
      });
      alice.settle(world.now);
    }),
  );
  assert.deepEqual(outcomes(simulation).slice(0, 2), ['200', '200']);
  return taken;
}

test('early data that somebody recorded and sends again is not taken, unless the server does not look', () => {
  assert.equal(timesTaken(''), 1);
  assert.equal(timesTaken(', replay-defence: false'), 2);
});

test('virtual hosts show certificates of their own, to those who ask for their names', () => {
  const simulation = httpsWorld({
    service:
      ', hosts: { bar.test: { cert: bar, paths: { "/": { text: bar } } }, foo.test: { paths: { "/": { text: foo } } } }',
    certificates: 'www: { issuer: ca, names: [www, "*.test"] }, bar: { issuer: ca, names: [bar.test], key: ed25519 }',
    alice: ', nameservers: [www]',
    www: '    dns: { mode: authoritative }',
    more: NAMES,
    commands: [
      [1, 'curl -v https://bar.test/'],
      [2, 'curl -v https://foo.test/'],
      [3, 'curl -v https://shop.test/'],
    ],
  });
  const seen = [0, 1, 2].map((number) => {
    const text = printed(simulation, number);
    return [/subject: CN=(.*)/.exec(text)?.[1], /\n(bar|foo|hello)\n/.exec(text)?.[1]];
  });
  assert.deepEqual(seen, [
    ['bar.test', 'bar'],
    ['www', 'foo'],
    ['www', 'hello'],
  ]);
  assert.match(printed(simulation), /X25519 \/ ED25519\n[\s\S]*level 0: Public key type ED25519/);
});

test('a redirect from the clear goes over to TLS, on another connection', () => {
  const simulation = httpsWorld({
    services: ', { http: { paths: { "/": { redirect: "https://www/" } } } }',
    commands: [[1, 'curl -v -L http://www/']],
  });
  const [step] = simulation.steps;
  assert.deepEqual([step?.status, step?.tls], [200, '1.3']);
  assert.match(
    printed(simulation),
    /Connected to www \(10.0.0.2\) port 80[\s\S]*Connected to www \(10.0.0.2\) port 443/,
  );
  assert.deepEqual(roundTrips(simulation), [3], 'of the last connection');
});

test('a cut connection is no end of a page', () => {
  const simulation = httpsWorld({
    commands: [[1, 'curl https://www/big -o /dev/null']],
    more: '  - { at: 1090ms, host: www, service: https, do: stop }\n',
  });
  assert.deepEqual(outcomes(simulation), ['56 truncated']);
  assert.equal(printed(simulation), 'curl: (56) TLS read error: unexpected eof while reading');
});

test('a server that is busy with something else is given up', () => {
  const simulation = httpsWorld({
    services: ', { discard-tcp: { port: 9 } }, { echo-tcp: { port: 7 } }',
    commands: [
      [1, 'curl -m 3 https://www:9/'],
      [5, 'curl -m 3 https://www:7/'],
      [9, 'curl -m 3 https://www:8/'],
    ],
  });
  assert.deepEqual(outcomes(simulation), ['28 ETIMEDOUT', '35 unexpected-message', '7 ECONNREFUSED']);
});

test('what makes no sense is refused before anything happens', () => {
  for (const [flags, complaint] of [
    ['--tls-max 1.2', /TLS 1.3 is the only version/],
    ['--tls13-ciphers TLS_RSA_WITH_RC4', /there is no cipher suite/],
    ['--curves secp521r1', /there is no group/],
    ['--tls-earlydata', /early data needs a session/],
    ['--ssl-sessions -E alice', /does not go with -E/],
  ] as const) {
    assert.throws(() => httpsWorld({ commands: [[1, `curl ${flags} https://www/`]] }), complaint);
  }
  assert.deepEqual(outcomes(httpsWorld({ commands: [[1, `${PAGE} --tls-max 1.3 --tlsv1.3`]] })), ['200']);
});
