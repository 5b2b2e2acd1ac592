import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FRAMES } from '../../../test/testing/frames.ts';
import { runTwoHosts, TWO_HOSTS } from '../../../test/testing/two_hosts.ts';
import { type Duration, type Instant, milliseconds } from '../../core/time.ts';
import type { CapturedFrame } from './captured_frame.ts';
import { parseFilter } from './filter.ts';
import { formatLadder } from './ladder.ts';
import { stationsInFrames, stationsOfHosts } from './stations.ts';

const all = (): boolean => true;
const at = (time: Duration): Instant => time as number as Instant;

const captured = (names: readonly (keyof typeof FRAMES)[], lost?: number): readonly CapturedFrame[] =>
  names.map((name, i) => {
    const frame = { number: i + 1, time: at(milliseconds(i)), network: 'lan', bytes: FRAMES[name] };
    return i === lost ? { ...frame, comment: 'lost on the link' } : frame;
  });

test('a run is drawn with its machines as lanes, and TCP counts from the beginning of the connection', () => {
  const { world } = runTwoHosts();
  const lines = formatLadder(world.capture?.frames() ?? [], all, stationsOfHosts(world.hosts.values()));
  assert.equal(
    `\n${lines.join('\n')}\n`,
    `
                             alice                            bob
1.000000  lan                  │┄┄ ARP who-has 10.0.0.2? ┄┄┄┄┄▶│
1.001000  lan                  │◀────── ARP 10.0.0.2 is here ──│
1.002000  lan                  │── echo request, seq 1 ───────▶│
1.003000  lan                  │◀───── ARP who-has 10.0.0.1? ──│
1.003000  lan                  │◀───────── echo reply, seq 1 ──│
1.004000  lan                  │── ARP 10.0.0.1 is here ──────▶│
5.000000  lan                  │── SYN seq 0 ─────────────────▶│
5.001000  lan                  │◀─────── SYN,ACK seq 0 ack 1 ──│
5.002000  lan                  │── ACK ack 1 ─────────────────▶│
5.002000  lan                  │── GET / ─────────────────────▶│
5.003000  lan                  │◀─────── HTTP 200, seq 1:122 ──│
5.004000  lan                  │── FIN,ACK seq 70 ack 122 ────▶│
5.005000  lan                  │◀──────────────── ACK ack 71 ──│
5.005000  lan                  │◀──── FIN,ACK seq 122 ack 71 ──│
5.006000  lan                  │── ACK ack 123 ───────────────▶│
`,
  );
});

test('a lost frame ends in a cross and says so; without a world the addresses are lanes', () => {
  const frames = captured(['arpRequest', 'syn', 'reset'], 1);
  const lines = formatLadder(frames, all, stationsInFrames(frames));
  assert.equal(
    `\n${lines.join('\n')}\n`,
    `
                           10.0.0.1                    02:00:00:00:00:02
0.000000  lan                  │── ARP who-has 10.0.0.2? ─────▶│
0.001000  lan                  │── SYN seq 0 ─────────────────✗│  lost on the link
0.002000  lan                  │◀─────── RST,ACK seq 1 ack 6 ──│
`,
  );
});

test('two connections between two machines are told apart by their ports', () => {
  const second = TWO_HOSTS.replace('expect:', '  - { at: 6s, host: alice, run: "curl http://10.0.0.2/" }\nexpect:');
  const { world } = runTwoHosts(second);
  const filter = parseFilter('tcp.flags.syn == 1 || http');
  assert.ok(typeof filter === 'function');
  const lines = formatLadder(world.capture?.frames() ?? [], filter, stationsOfHosts(world.hosts.values()));
  const titles = lines.slice(1).map((line) => /(\d+) > (\d+) ([A-Z]+)/.exec(line)?.slice(1) ?? []);
  const clients = titles.map(([from = '', to = '']) => (to === '80' ? from : to));
  assert.equal(new Set(clients.slice(0, 4)).size, 1);
  assert.equal(new Set(clients.slice(4)).size, 1);
  assert.notEqual(clients[0], clients[4]);
  assert.deepEqual(
    titles.map(([, , word]) => word),
    ['SYN', 'SYN', 'GET', 'HTTP', 'SYN', 'SYN', 'GET', 'HTTP'],
  );
});

test('what the filter holds back still counts for the numbers of what it lets through', () => {
  const filter = parseFilter('tcp.len > 0');
  assert.ok(typeof filter === 'function');
  const frames = captured(['syn', 'data']);
  assert.match(formatLadder(frames, filter, stationsInFrames(frames)).join('\n'), /PSH,ACK seq 1:6/);
});

test('nothing that passes, nothing that is drawn', () => {
  assert.deepEqual(
    formatLadder(captured(['syn']), () => false, new Map()),
    [],
  );
  assert.deepEqual(formatLadder([], all, new Map()), []);
});

test('frames that are no Ethernet are left out, and times of nanoseconds are shown whole', () => {
  const frames = [
    { number: 1, time: 1 as Instant, network: 'lan', bytes: new Uint8Array(3) },
    { number: 2, time: 2 as Instant, network: 'lan', bytes: FRAMES.udp },
  ];
  const lines = formatLadder(frames, all, stationsInFrames(frames));
  assert.equal(lines.length, 2);
  assert.match(lines[1] ?? '', /^0\.000000002 .*UDP 5353 > 53, 5 bytes/);
});
