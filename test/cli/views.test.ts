import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { HOST_TABLE_ROWS } from '../../src/world/view/table_rows.ts';
import { HOST_TABLES } from '../../src/world/view/tables.ts';
import { TWO_HOSTS } from '../testing/two_hosts.ts';
import { type Room, room } from './command_line.ts';

const TRACE = 'out/two-hosts.7.trace.json';
const PCAPNG = 'out/two-hosts.7.pcapng';

/** A room in which the scenario has been run. */
async function roomAfterRun(context: TestContext): Promise<Room> {
  const made = room(context);
  made.write('two.yaml', TWO_HOSTS);
  assert.equal((await made.netarium('run', 'two.yaml', '-q', '--out', 'out')).status, 0);
  return made;
}

test('packets lists the same from a scenario, its trace and its capture', async (context) => {
  const { netarium } = await roomAfterRun(context);
  const lists = await Promise.all(['two.yaml', TRACE, PCAPNG].map((file) => netarium('packets', file, 'icmp')));
  const [scenario, trace, capture] = lists.map(({ stdout }) => stdout);
  assert.match(scenario ?? '', /^ {3}3 {2}1\.002000000 {2}lan {2}IP 10\.0\.0\.1 > 10\.0\.0\.2: ICMP echo request/);
  assert.equal(trace, scenario);
  // A capture knows the time of day: its times count from its first packet.
  assert.match(capture ?? '', /^ {3}3 {2}0\.002000000 {2}lan {2}IP 10\.0\.0\.1 > 10\.0\.0\.2: ICMP echo request/);
});

test('packets -o json is one object a line, -o hex adds the bytes', async (context) => {
  const { netarium } = await roomAfterRun(context);
  const json = await netarium('packets', TRACE, 'icmp', '-o', 'json');
  const packets = json.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    packets.map(({ number }) => number),
    [3, 5],
  );
  assert.deepEqual(packets[0].fields['icmp.type'], ['8']);
  assert.match((await netarium('packets', TRACE, 'icmp', '-o', 'hex')).stdout, /\n {2}0000 {2}02 /);
  assert.equal((await netarium('packets', TRACE, '-o', 'xml')).status, 2);
});

test('a filter that lets nothing through prints nothing, and says so beside', async (context) => {
  const { netarium } = await roomAfterRun(context);
  const { status, stdout, stderr } = await netarium('packets', PCAPNG, 'dns');
  assert.deepEqual([status, stdout, stderr], [0, '', 'None of the 15 packets passes the filter.\n']);
});

test('ladder draws a capture without its scenario', async (context) => {
  const { netarium } = await roomAfterRun(context);
  const { stdout } = await netarium('ladder', PCAPNG, 'icmp');
  assert.match(stdout, /10\.0\.0\.1 +10\.0\.0\.2\n.*│── echo request, seq 1 ─+▶│\n.*│◀─+ echo reply, seq 1 ──│\n$/);
});

test('show tells a table as it stood', async (context) => {
  const { netarium } = await roomAfterRun(context);
  assert.equal((await netarium('show', TRACE, 'arp', 'alice', '--at', '0.5s')).stdout, '');
  const { stdout } = await netarium('show', TRACE, 'arp', 'alice', '--at', '2s');
  assert.match(stdout, /^\? \(10\.0\.0\.2\) at 02:[0-9a-f:]+ \[ether\] on lan\n$/);
  assert.match((await netarium('show', 'two.yaml', 'routes')).stdout, /^alice\nKernel IP routing table\n/);
  assert.match((await netarium('show', 'two.yaml', 'sockets', 'bob')).stdout, /LISTEN/);
  assert.match((await netarium('show', 'two.yaml', 'switch')).stdout, /^lan\nAddress +Port/);
  assert.equal((await netarium('show', 'two.yaml', 'nat', 'bob')).status, 2);
  assert.equal((await netarium('show', PCAPNG, 'arp')).status, 2);
});

test('show --json tells the rows of a table', async (context) => {
  const { netarium } = await roomAfterRun(context);
  const rowsOf = async (...args: string[]): Promise<unknown> => {
    const shown = JSON.parse((await netarium('show', TRACE, ...args, '--at', '2s', '--json')).stdout);
    assert.deepEqual([shown.schema, shown.table, shown.atMs], ['netarium.show/1', args[0], 2000]);
    return shown.tables;
  };
  const known = { address: '10.0.0.2', linkAddress: '02:d1:90:15:c1:0c', state: 'reachable', interface: 'lan' };
  assert.deepEqual(await rowsOf('arp', 'alice'), [{ owner: 'alice', rows: [known] }]);
  const route = { destination: '10.0.0.0/24', gateway: null, metric: 100, interface: 'lan', up: true };
  assert.deepEqual(await rowsOf('routes'), [
    { owner: 'alice', rows: [route] },
    { owner: 'bob', rows: [route] },
  ]);
  const listening = { protocol: 'tcp', state: 'LISTEN', receiveQueue: 0, sendQueue: 128, local: '0.0.0.0:80' };
  assert.deepEqual(await rowsOf('sockets', 'bob'), [
    { owner: 'bob', rows: [{ ...listening, peer: '0.0.0.0:*', program: 'http' }] },
  ]);
  assert.deepEqual(await rowsOf('nat'), []);
  assert.deepEqual(
    ((await rowsOf('switch')) as { rows: { port: number }[] }[]).map(({ rows }) => rows.map(({ port }) => port).sort()),
    [[0, 1]],
  );
});

test('every table that can be shown has its rows too', () => {
  assert.deepEqual([...HOST_TABLE_ROWS.keys()], [...HOST_TABLES.keys()]);
});

test('replay --json is one object, whatever comes out', async (context) => {
  const { netarium, write, directory } = await roomAfterRun(context);
  const trace = JSON.parse(readFileSync(join(directory, TRACE), 'utf8'));
  write('other.json', JSON.stringify({ ...trace, digest: '0'.repeat(64) }));
  const good = await netarium('replay', TRACE, '--json');
  const bad = await netarium('replay', 'other.json', '--json');
  assert.deepEqual([good.status, bad.status], [0, 4]);
  assert.deepEqual([JSON.parse(good.stdout).same, JSON.parse(bad.stdout).same], [true, false]);
});

test('replay agrees with its trace, and ends with 4 where the digest differs', async (context) => {
  const { netarium, write, directory } = await roomAfterRun(context);
  assert.match((await netarium('replay', TRACE)).stdout, /^same: 15 packets, digest [0-9a-f]{64}\n$/);
  const trace = JSON.parse(readFileSync(join(directory, TRACE), 'utf8'));
  write('other.json', JSON.stringify({ ...trace, digest: '0'.repeat(64) }));
  const { status, stdout, stderr } = await netarium('replay', 'other.json');
  assert.deepEqual([status, stdout], [4, '']);
  assert.match(stderr, /other\.json came out differently/);
  write('future.json', JSON.stringify({ ...trace, format: 'trace/2' }));
  const future = await netarium('replay', 'future.json');
  assert.equal(future.status, 2);
  assert.match(future.stderr, /This trace is "trace\/2".*only "trace\/1" is known here/);
});

test('where a scenario is wanted, a trace or a capture is told apart, and what it is good for', async (context) => {
  const { netarium } = await roomAfterRun(context);
  for (const command of ['run', 'check', 'shell']) {
    const trace = await netarium(command, TRACE);
    assert.deepEqual([trace.status, trace.stdout], [2, ''], command);
    assert.match(trace.stderr, /trace\.json is a trace, and no scenario\./);
    const capture = await netarium(command, PCAPNG);
    assert.deepEqual([capture.status, capture.stdout], [2, ''], command);
    assert.match(capture.stderr, /pcapng is a capture, and no scenario\./);
  }
});

test('of several files that are wrong, the gravest decides about the status of check', async (context) => {
  const { netarium, write } = room(context);
  write('bad.yaml', TWO_HOSTS.replace('10.0.0.2', '10.0.9.2'));
  assert.equal((await netarium('check', 'nothing.yaml', 'bad.yaml')).status, 3);
  assert.equal((await netarium('check', 'bad.yaml', 'nothing.yaml')).status, 3);
});

test('diff finds the first packet that differs, and ends with 1', async (context) => {
  const { netarium, write } = await roomAfterRun(context);
  assert.equal((await netarium('diff', TRACE, PCAPNG)).stdout, 'no difference in 15 packets\n');
  write('later.yaml', TWO_HOSTS.replace('at: 5s', 'at: 6s'));
  const { status, stdout } = await netarium('diff', TRACE, 'later.yaml');
  assert.equal(status, 1);
  assert.match(stdout, /^packet 7 is the first difference: they differ in time/);
  const json = await netarium('diff', TRACE, 'later.yaml', '--json');
  assert.equal(json.status, 1);
  const { schema, same, packets, difference } = JSON.parse(json.stdout);
  assert.deepEqual([schema, same, packets], ['netarium.diff/1', false, [15, 15]]);
  assert.deepEqual([difference.number, difference.what], [7, ['time', 'bytes']]);
  assert.deepEqual([difference.first.time, difference.second.time], ['5.000000000', '6.000000000']);
  const equal = JSON.parse((await netarium('diff', TRACE, PCAPNG, '--json')).stdout);
  assert.deepEqual([equal.same, equal.difference], [true, null]);
});

test('check names each problem with its place, and ends with 2', async (context) => {
  const { netarium, write } = room(context);
  write('good.yaml', TWO_HOSTS);
  write('bad.yaml', TWO_HOSTS.replace('10.0.0.2 }', '10.0.9.2 }').replace('lan: 10.0.0.2', 'lan: 10.0.9.2'));
  const { status, stdout, stderr } = await netarium('check', 'good.yaml', 'bad.yaml');
  assert.equal(status, 2);
  assert.match(stdout, /^bad\.yaml:9:\d+ {2}error {2}10\.0\.9\.2 is outside 10\.0\.0\.0\/24/);
  assert.match(stderr, /^good\.yaml: good\nbad\.yaml: cannot run, 1 error\n$/);
  assert.equal((await netarium('check', 'good.yaml')).status, 0);
  const json = JSON.parse((await netarium('check', 'bad.yaml', '--json')).stdout);
  assert.equal(json.diagnostics[0].line, 9);
});

test('shell performs a line on a machine, and passes its status on', async (context) => {
  const { netarium, netariumReading, write } = room(context);
  write('two.yaml', TWO_HOSTS);
  const good = await netarium('shell', 'two.yaml', '-c', 'alice ping -c 1 bob');
  assert.equal(good.status, 0);
  assert.match(good.stdout, /64 bytes from 10\.0\.0\.2: icmp_seq=1/);
  assert.equal((await netarium('shell', 'two.yaml', '-c', 'alice ping -c 1 -W 1 10.0.0.9')).status, 1);
  const wrong = await netarium('shell', 'two.yaml', '-c', 'alcie ping bob');
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /There is no host "alcie"\.\n +Did you mean "alice"\?/);
  const session = await netariumReading('alice ping -c 1 bob\nrun 5s\nalice arp -an\nexit\n', 'shell', 'two.yaml');
  assert.equal(session.status, 0);
  assert.match(session.stdout, /1 packets transmitted, 1 received[\s\S]*\? \(10\.0\.0\.2\) at 02:/);
});

test('route explain shows destination AND mask for each line, and the one that won', async (context) => {
  const { netarium, write } = room(context);
  write('two.yaml', TWO_HOSTS.replace('lan: 10.0.0.1 } }', 'lan: 10.0.0.1 }, routes: { default: 10.0.0.2 } }'));
  const where = ['--scenario', 'two.yaml', '--host', 'alice'];
  const { stdout } = await netarium('route', 'explain', '9.9.9.9', ...where);
  assert.equal(
    `\n${stdout}`,
    `
9.9.9.9 AND 0.0.0.0        = 0.0.0.0  is 0.0.0.0       via 10.0.0.2 on lan, metric 100  <- wins
9.9.9.9 AND 255.255.255.0  = 9.9.9.0  is not 10.0.0.0  on the link on lan, metric 100
/0 is the longest mask that fits: the next hop is 10.0.0.2, over lan
`,
  );
  const { own, routes } = JSON.parse((await netarium('route', 'explain', '9.9.9.9', ...where, '--json')).stdout);
  assert.equal(own, null);
  assert.deepEqual(
    routes.map(({ mask, masked, matches, wins, gateway }: Record<string, unknown>) => {
      return [mask, masked, matches, wins, gateway];
    }),
    [
      ['0.0.0.0', '0.0.0.0', true, true, '10.0.0.2'],
      ['255.255.255.0', '9.9.9.0', false, false, null],
    ],
  );
  assert.match((await netarium('route', 'explain', '10.0.0.1', ...where)).stdout, /alice's own address on lan/);
  assert.equal((await netarium('route', 'explain', '9.9.9', ...where)).status, 2);
  assert.equal((await netarium('route', 'explain', '9.9.9.9')).status, 2);
});

test('help and version go to stdout', async (context) => {
  const { netarium } = room(context);
  assert.match((await netarium('--help')).stdout, /run <file> +Run a scenario/);
  assert.match((await netarium('run', '--help')).stdout, /--seed <number>/);
  assert.match((await netarium('--version')).stdout, /^netarium\/\d/);
});

test('explain tells of every byte of a packet', async (context) => {
  const { netarium } = await roomAfterRun(context);
  const { status, stdout } = await netarium('explain', PCAPNG, '3');
  assert.equal(status, 0);
  assert.match(stdout, /^ {3}3 {2}.*ICMP echo request.*\n\nEthernet\n {2}0000 {2}02 .* destination: 02:/);
  assert.match(stdout, /\n\nIPv4\n {2}000e {2}45 +version and header length: version 4, 20 bytes\n/);
  const { parts } = JSON.parse((await netarium('explain', 'two.yaml', '3', '--json')).stdout);
  const [{ bytes }] = (await netarium('packets', 'two.yaml', 'frame.number == 3', '-o', 'json')).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const told = parts.flatMap(({ fields }: { fields: { bytes: string }[] }) => fields.map((field) => field.bytes));
  assert.equal(told.join(''), bytes);
  for (const number of ['0', '16', 'x']) {
    const { status: wrong, stderr } = await netarium('explain', PCAPNG, number);
    assert.equal(wrong, 2);
    assert.match(stderr, /There is no packet .*\n.*numbered from 1 to 15/);
  }
});
