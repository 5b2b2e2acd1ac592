import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpsWorld } from '../../../test/testing/https_world.ts';
import { capturedTls } from '../../../test/testing/tls_capture.ts';
import { tlsPair } from '../../../test/testing/tls_pair.ts';
import { type Piece, recorded, secretsOf } from '../../../test/testing/tls_wiretap.ts';
import { runTwoHosts, TWO_HOSTS } from '../../../test/testing/two_hosts.ts';
import { utf8 } from '../../core/bytes.ts';
import { formatDuration, formatInstant, type Instant, seconds } from '../../core/time.ts';
import { nodeCrypto } from '../../secure/crypto/node.ts';
import type { TlsSecrets } from '../../secure/tls/eavesdropper.ts';
import { secretsIn } from '../../secure/tls/key_log.ts';
import type { LinkAddress } from '../../wire/address.ts';
import type { Simulation } from '../sim/simulation.ts';
import { FrameReader } from './frame_text.ts';
import { storyOf } from './story.ts';

function told({ world, steps }: Simulation, id: string): string {
  const step = steps.find((each) => each.id === id);
  assert.ok(step !== undefined);
  const stations = new Set(world.host(step.host).network.interfaces.map(({ linkAddress }) => linkAddress));
  const reader = new FrameReader(secretsIn(world.capture?.keyLog() ?? '', nodeCrypto));
  const frames = (world.capture?.frames() ?? []).map((frame) => reader.read(frame));
  const phases = storyOf(frames, stations, step.startedAt, step.endedAt ?? world.now);
  const lines = phases.map(({ time, sign, protocol, text, duration }) => {
    const took = duration === undefined ? '' : ` ${formatDuration(duration)}`;
    return `${formatInstant(time).slice(0, -6)} ${sign} ${protocol} ${text.replace(/02:[0-9a-f:]{14}/, 'LINK')}${took}\n`;
  });
  return `\n${lines.join('')}`;
}

const NAMED = `version: 1
name: named
networks:
  home: { subnet: 192.168.1.0/24, medium: wifi, delay: 1ms }
  net: { subnet: 198.51.100.0/24, medium: ethernet, delay: 5ms }
hosts:
  alice: { interfaces: { home: 192.168.1.2 }, routes: { default: 192.168.1.1 }, nameservers: [ns] }
  router:
    kind: router
    interfaces: { home: 192.168.1.1, net: 198.51.100.1 }
    nat: { inside: home, outside: net }
  ns: { interfaces: { net: 198.51.100.53 }, dns: { mode: authoritative } }
  www:
    interfaces: { net: 198.51.100.80 }
    services: [{ http: { port: 80, paths: { "/": { text: "hi" } } } }]
zones:
  test: { primary: ns, records: { www: { A: www } } }
timeline:
  - { at: 1s, id: load, host: alice, run: "curl http://www.test/" }
  - { at: 3s, id: refused, host: alice, run: "curl http://198.51.100.80:81/" }
  - { at: 5s, id: unknown, host: alice, run: "curl http://nobody.test/" }
`;

test('a page on the link: connection, request, answer', () => {
  assert.equal(
    told(runTwoHosts(), 'load').replace(/10\.0\.0\.1:\d+/, '10.0.0.1:PORT'),
    `
5.000 * TCP 10.0.0.1:PORT to 10.0.0.2:80 1ms
5.002 > HTTP GET / for 10.0.0.2
5.003 < HTTP 200 1ms
`,
  );
});

test('a page behind a name and a NAT: who said so, and under which address it went out', () => {
  assert.equal(
    told(runTwoHosts(NAMED), 'load').replaceAll(/(192\.168\.1\.2|198\.51\.100\.1):\d+/g, '$1:PORT'),
    `
1.000 * ARP 192.168.1.1 is at LINK 1ms
1.002 * DNS www.test is 198.51.100.80, says 198.51.100.53 21ms
1.024 * TCP 192.168.1.2:PORT to 198.51.100.80:80, outside 198.51.100.1:PORT on net 21ms
1.046 > HTTP GET / for www.test
1.057 < HTTP 200 11ms
`,
  );
});

test('a refused connection and an unknown name say so', () => {
  const simulation = runTwoHosts(NAMED);
  assert.match(told(simulation, 'refused'), /TCP .* to 198\.51\.100\.80:81.*: refused/);
  assert.match(told(simulation, 'unknown'), /DNS there is no nobody\.test, says 198\.51\.100\.53/);
});

test('a question without an answer is told once, with how often it was asked, and takes no time', () => {
  const silent = runTwoHosts(
    TWO_HOSTS.replace('ping -c 1 10.0.0.2', 'ping -c 1 10.0.0.9').replace('exit: 0', 'exit: 1'),
  );
  assert.equal(told(silent, 'echo'), '\n1.000 * ARP who has 10.0.0.9?, asked 3 times\n');
});

test('a page over TLS, in a world whose machines give their secrets away', () => {
  const simulation = httpsWorld({ service: ', groups: [P-384]', commands: [[1, 'curl https://www/']] });
  assert.equal(
    told(simulation, 's0').replace(/10\.0\.0\.1:\d+/, '10.0.0.1:PORT'),
    `
1.000 * ARP 10.0.0.2 is at LINK 10ms
1.020 * TCP 10.0.0.1:PORT to 10.0.0.2:443 10ms
1.040 * TLS www, asked again, TLS_AES_128_GCM_SHA256, secp384r1 40ms
1.080 > HTTP GET / for www
1.090 < HTTP 200 10ms
`,
  );
});

/** The story of 10.0.0.1 in such a conversation. */
function toldOfTls(pieces: readonly Piece[], secrets?: TlsSecrets): string[] {
  const reader = new FrameReader(secrets);
  const frames = capturedTls(pieces).map((frame) => reader.read(frame));
  const phases = storyOf(
    frames,
    new Set([0x02_00_00_00_00_01 as LinkAddress]),
    0 as Instant,
    seconds(1) as number as Instant,
  );
  return phases.map(
    ({ sign, protocol, text, duration }) =>
      `${sign} ${protocol} ${text}${duration === undefined ? '' : ` ${formatDuration(duration)}`}`,
  );
}

test('a handshake of TLS: with whom, what was agreed on, and how long it took; and what it protects, to who knows', () => {
  const pair = tlsPair();
  const pieces = recorded(pair);
  pair.client.write(utf8('GET / HTTP/1.1\r\nHost: www.foo.test\r\n\r\n'));
  pieces.push(...recorded(pair));
  pair.client.close();
  pieces.push(...recorded(pair));
  const connection = [
    '* TCP 10.0.0.1:4000 to 10.0.0.2:443 1us',
    '* TLS www.foo.test, TLS_AES_128_GCM_SHA256, x25519 2us',
  ];
  assert.deepEqual(toldOfTls(pieces), connection);
  assert.deepEqual(toldOfTls(pieces, secretsOf(pair.client)), [...connection, '> HTTP GET / for www.foo.test']);
});

test('a handshake that fails says by which alert, and never ends', () => {
  const pair = tlsPair({ groups: ['X25519'] }, { groups: ['P-256'] });
  assert.deepEqual(toldOfTls(recorded(pair)).slice(1), ['* TLS www.foo.test', '< TLS alert handshake_failure']);
});

test('a hello that is asked for again says so', () => {
  const pair = tlsPair({ keyShares: ['P-256'] }, { groups: ['X25519'] });
  const [, handshake] = toldOfTls(recorded(pair));
  assert.equal(handshake, '* TLS www.foo.test, asked again, TLS_AES_128_GCM_SHA256, x25519 4us');
});
