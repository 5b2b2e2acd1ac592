import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpsWorld } from '../../../test/testing/https_world.ts';
import { runTwoHosts, TWO_HOSTS } from '../../../test/testing/two_hosts.ts';
import { formatDuration, formatInstant } from '../../core/time.ts';
import { nodeCrypto } from '../../secure/crypto/node.ts';
import { secretsIn } from '../../secure/tls/key_log.ts';
import type { Simulation } from '../sim/simulation.ts';
import { FrameReader } from './frame_text.ts';
import { storyOf } from './story.ts';

function told({ world, steps }: Simulation, id: string): string {
  const step = steps.find((each) => each.id === id);
  assert.ok(step !== undefined);
  const stations = new Set(world.host(step.host).network.interfaces.map(({ linkAddress }) => linkAddress));
  const reader = new FrameReader(secretsIn(world.capture?.keyLog() ?? '', nodeCrypto));
  const dissections = (world.capture?.frames() ?? []).map((frame) => reader.read(frame));
  const phases = storyOf(dissections, stations, step.startedAt, step.endedAt ?? world.now);
  const told = phases.map(({ time, sign, protocol, text, duration }) => {
    const took = duration === undefined ? '' : ` ${formatDuration(duration)}`;
    return `${formatInstant(time).slice(0, -6)} ${sign} ${protocol} ${text.replace(/02:[0-9a-f:]{14}/, 'LINK')}${took}\n`;
  });
  return `\n${told.join('')}`;
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

test('a page over TLS, for whoever has the secrets: the hello and its answer, then what is inside', () => {
  const simulation = httpsWorld({ service: ', groups: [P-384]', commands: [[1, 'curl https://www/']] });
  assert.equal(
    told(simulation, 's0').replace(/10\.0\.0\.1:\d+/, '10.0.0.1:PORT'),
    `
1.000 * ARP 10.0.0.2 is at LINK 10ms
1.020 * TCP 10.0.0.1:PORT to 10.0.0.2:443 10ms
1.040 * TLS hello to www, asked 2 times, who takes TLS_AES_128_GCM_SHA256 30ms
1.080 > HTTP GET / for www
1.090 < HTTP 200 10ms
`,
  );
});
