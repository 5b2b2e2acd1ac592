import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mode } from './comparison.ts';
import { runScript } from './run_script.ts';
import { failureLines } from './verdict.ts';

const OPEN = `
  0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
  +0 setsockopt(3, SOL_SOCKET, SO_RCVBUF, [65535], 4) = 0
  +0 bind(3, ..., ...) = 0
  +0 listen(3, 1) = 0
  +0 < S 0:0(0) win 65535 <mss 1000>
  +0 > S. 0:0(0) ack 1 <mss 1460>
  +.1 < . 1:1(0) ack 1 win 65535
  +0 accept(3, ..., ...) = 4
`;

function outcome(script: string, mode: Mode = 'strict'): string {
  const verdict = runScript(script, { mode });
  if (verdict.status === 'failed') return `${verdict.line}: ${verdict.reason}`;
  return verdict.status === 'skipped' ? `skipped: ${verdict.reason}` : 'passed';
}

test('a connection is opened, used and closed', () => {
  const script = `${OPEN}
    +0 write(4, ..., 2500) = 2500
    +0 > . 1:1001(1000) ack 1
    +0 > . 1001:2001(1000) ack 1
    +.1 < . 1:1(0) ack 2001 win 65535
    +0 > P. 2001:2501(500) ack 1
    +.1 < P. 1:11(10) ack 2501 win 65535
    +0 read(4, ..., 100) = 10
    +0 close(4) = 0
    +0 > F. 2501:2501(0) ack 11
    +.1 < F. 11:11(0) ack 2502 win 65535
    +0 > . 2502:2502(0) ack 12`;
  assert.equal(outcome(script), 'passed');
});

test('what differs is shown beside what was expected', () => {
  const verdict = runScript(`${OPEN}\n+0 write(4, ..., 10) = 10\n+0 > P. 1:12(11) ack 2`, { mode: 'strict' });
  assert.equal(verdict.status, 'failed');
  const [first, ...lines] = verdict.status === 'failed' ? failureLines(verdict) : [];
  assert.equal(first, 'the packet is not the one that was expected');
  assert.deepEqual(lines.slice(0, 4), [
    '  expected  P. 1:12(11) ack 2',
    '  actual    P. 1:11(10) ack 1 win 65535, at 0.100000',
    '  length: expected 11, was 10',
    '  acknowledgment: expected 2, was 1',
  ]);
  assert.match(lines.at(-1) ?? '', /^ {4}0\.100000 > P\. 1:11\(10\) ack 1 win 65535$/);
});

test('each way to fail has its sentence and its line', () => {
  const cases: readonly (readonly [more: string, expected: RegExp])[] = [
    ['+0 > . 1:1(0) ack 2', /^10: no packet came by 2\.104000$/],
    ['+0 write(4, ..., 1) = 1\n+.5 > P. 1:2(1) ack 1', /^11: the packet came too early: at 0\.100000/],
    ['+0 write(4, ..., 1) = 1\n+0 > P. 1:2(1) ack 1\n+0 > P. 1:2(1) ack 1', /^12: the packet came too late/],
    ['+0 write(4, ..., 1) = 2', /^10: write returned 1, and not 2$/],
    ['+0 close(5) = 0', /^10: close returned -1 EBADF, and not 0$/],
    ['+0 read(4, ..., 1) = 1', /^10: read waits, and the script does not say until when$/],
    ['+0...1 read(4, ..., 1) = 1\n+1.5 close(4) = 0', /^10: read has not returned by 1\.104000$/],
    [
      '+0...1 read(4, ..., 1) = 1\n+.5 < . 1:2(1) ack 1 win 9',
      /^10: read returned at 0\.600000, and not at 1\.100000$/,
    ],
    ['+0 %{ assert tcpi_state == TCP_CLOSE }%', /^10: assertion failed \(tcpi_state is 1, TCP_CLOSE is 7\)$/],
    ['+0 `sockstat | grep LISTEN | grep -c TIME_WAIT | grep 1`', /^10: the command ended with 1/],
    [
      '+0 write(4, ..., 1) = 1',
      /^10: the script ends, and the machine has sent what it does not expect: 0\.100000 > P\./,
    ],
    ['+0 getsockopt(4, SOL_TCP, TCP_NODELAY, [1], [4]) = 0', /^10: getsockopt: TCP_NODELAY is 0, and not 1$/],
    ['+0 > S', /^10: syntax error: the sequence number is missing/],
  ];
  for (const [more, expected] of cases) assert.match(outcome(`${OPEN.trim()}\n\n${more}`), expected, more);
});

test('what is not built skips a script, with the reason', () => {
  for (const more of [
    '+0 epoll_create(1) = 5',
    '+0 `sysctl -w net.inet.tcp.insecure_rst=1`\n+0 close(4) = 0',
    '+0 `rm -rf /`',
    '+0 setsockopt(4, SOL_TCP, TCP_MD5SIG, [1], 4) = 0',
    '+0 sendto(4, ..., 10, MSG_FASTOPEN, ..., ...) = 10',
    '+0 %{ assert tcpi_unheard_of == 1 }%',
  ]) {
    assert.match(outcome(`${OPEN}\n${more}`), /^skipped: /, more);
  }
});

test('what a script puts back at its end does not count', () => {
  assert.equal(outcome(`${OPEN}\n+0 \`sysctl -w net.inet.tcp.insecure_rst=1\``), 'passed');
});

test('calls that wait return when they can', () => {
  const script = `${OPEN}
    +0...0.2 read(4, ..., 100) = 10
    +.2 < P. 1:11(10) ack 1 win 65535
    +.04 > . 1:1(0) ack 11
    +.06...0.4 poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 1000) = 1
    +.34 < P. 11:12(1) ack 1 win 65535
    +0 > . 1:1(0) ack 12
    +0 read(4, ..., 100) = 1
    +0...0.5 poll([{fd=4, events=POLLIN, revents=0}], 1, 500) = 0`;
  assert.equal(outcome(script, 'semantic'), 'passed');
});

test('segments in pieces count for the whole in semantic mode alone', () => {
  const script = `${OPEN}\n+0 write(4, ..., 3000) = 3000\n+0 > P. 1:3001(3000) ack 1`;
  assert.equal(outcome(script, 'semantic'), 'passed');
  assert.match(outcome(script), /the packet is not the one/);
});

test('news of what has arrived may wait for half a second in semantic mode', () => {
  const script = `${OPEN}\n+0 < P. 1:2(1) ack 1 win 9\n+0 > . 1:1(0) ack 2`;
  assert.equal(outcome(script, 'semantic'), 'passed');
  assert.match(outcome(script), /too late/);
});
