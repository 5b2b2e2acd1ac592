import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { room } from './command_line.ts';

const PASSES = '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 close(3) = 0\n';
const FAILS = `${PASSES}+0 < S 0:0(0) win 1\n+0 > R. 0:0(0)! ack 2 win 0\n`;
const SKIPPED = '--ip_version=ipv6\n0 close(3) = 0\n';

test('packetdrill runs scripts and directories, tells what failed, and counts', async (context) => {
  const { netarium, write, directory } = room(context);
  mkdirSync(join(directory, 'all', 'deep'), { recursive: true });
  write('all/a.pkt', PASSES);
  write('all/notes.txt', 'no script');
  write('all/deep/b.pkt', FAILS);
  write('all/deep/c.pkt', SKIPPED);
  const { status, stdout, stderr } = await netarium('packetdrill', 'all');
  assert.deepEqual([status, stderr], [1, '']);
  assert.equal(
    stdout,
    [
      'passed   all/a.pkt',
      'failed   all/deep/b.pkt:4: the packet is not the one that was expected',
      '  expected  R. 0:0(0)! ack 2 win 0',
      '  actual    R. 0:0(0) ack 1 win 0, at 0.000000',
      '  acknowledgment: expected 2, was 1',
      '  what crossed last:',
      '    0.000000 < S 0:0(0) win 1',
      '    0.000000 > R. 0:0(0) ack 1 win 0',
      'skipped  all/deep/c.pkt:1: TCP over IPv6 is not built',
      '1 passed, 1 failed, 1 skipped',
      '',
    ].join('\n'),
  );
  const quiet = await netarium('packetdrill', '--quiet', 'all/a.pkt', 'all/deep/c.pkt');
  assert.deepEqual([quiet.status, quiet.stdout], [0, '1 passed, 0 failed, 1 skipped\n']);
});

test('packetdrill --json has totals and each script', async (context) => {
  const { netarium, write } = room(context);
  write('a.pkt', PASSES);
  write('b.pkt', FAILS);
  const { status, stdout } = await netarium('packetdrill', 'a.pkt', 'b.pkt', '--json', '--mode', 'strict');
  assert.equal(status, 1);
  const { scripts, ...totals } = JSON.parse(stdout);
  assert.deepEqual(totals, { schema: 'netarium.packetdrill/1', mode: 'strict', passed: 1, failed: 1, skipped: 0 });
  assert.deepEqual(scripts[0], { file: 'a.pkt', status: 'passed' });
  assert.deepEqual(scripts[1].differences, [{ what: 'acknowledgment', expected: '2', actual: '1' }]);
  assert.equal(scripts[1].line, 4);
});

test('packetdrill says what is wrong with its arguments', async (context) => {
  const { netarium, write } = room(context);
  write('a.pkt', '0 write(3, ..., LENGTH) = -1 EBADF (Bad file descriptor)\n');
  const cases: readonly (readonly [words: readonly string[], status: number, told: RegExp])[] = [
    [[], 2, /lacks <paths>/],
    [['nothing.pkt'], 3, /nothing\.pkt cannot be read/],
    [['.', '--mode', 'loose'], 2, /There is no mode "loose"/],
    [['.', '--define', '=3'], 2, /--define =3 defines nothing/],
  ];
  for (const [words, status, told] of cases) {
    const ended = await netarium('packetdrill', ...words);
    assert.equal(ended.status, status, words.join(' '));
    assert.match(ended.stderr, told);
  }
  const defined = await netarium('packetdrill', 'a.pkt', '--define', 'LENGTH=10', '-q');
  assert.deepEqual([defined.status, defined.stdout], [0, '1 passed, 0 failed, 0 skipped\n']);
});
