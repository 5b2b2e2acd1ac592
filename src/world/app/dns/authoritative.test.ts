import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ALICE, FOO_RECORDS, ip, zoneText } from '../../../../test/testing/dns_world.ts';
import { ProgramBench } from '../../../../test/testing/program_bench.ts';
import { viewOf } from '../../../core/bytes.ts';
import { after, seconds } from '../../../core/time.ts';
import { formatDnsDig } from '../../../wire/dns_format.ts';
import { type DnsMessage, dnsQuery, encodeDns, PLAIN_EDNS, parseDns } from '../../../wire/dns_message.ts';
import { dnsName } from '../../../wire/dns_name.ts';
import { parseDnsType } from '../../../wire/dns_type.ts';
import type { Program } from '../program.ts';
import { answerFrom, authoritativeServer, zoneIndex } from './authoritative.ts';
import { MAX_CONNECTIONS } from './service.ts';
import { framed, MessageStream } from './transport.ts';
import { zoneFromRecords } from './zone.ts';

const SERVER = ip('198.51.100.12');
const RECORDS = `${FOO_RECORDS}
  sub    NS    ns.sub
  ns.sub A     198.51.100.13
  down   CNAME www.sub
  gone   CNAME nobody
  *.any  CNAME www`;
const ZONES = [
  zoneFromRecords(dnsName('foo.test'), 300, zoneText(RECORDS)),
  zoneFromRecords(dnsName('bar.test'), 300, zoneText('www A 198.51.100.90')),
];

const queryFor = (name: string, type: string, options: Partial<DnsMessage> = {}): DnsMessage =>
  dnsQuery(7, { name: dnsName(name), type: parseDnsType(type) ?? assert.fail(), class: 1 }, options);

const answer = (name: string, type = 'A'): string => {
  const query = queryFor(name, type);
  const [question] = query.questions;
  const reply = answerFrom(zoneIndex(ZONES), query, question ?? assert.fail());
  return formatDnsDig(reply)
    .replaceAll(/\t+/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !/^;(?!; (->>|AUTH|ADD))/.test(line))
    .map((line) => /status: [A-Z]+/.exec(line)?.[0] ?? line)
    .join('\n');
};

const SOA = 'foo.test. 300 IN SOA ns.foo.test. hostmaster.foo.test. 1 3600 600 604800 300';
const QUESTIONS: readonly (readonly [name: string, type: string, answer: string])[] = [
  ['www.foo.test', 'A', 'status: NOERROR\nwww.foo.test. 300 IN A 198.51.100.80'],
  ['www.foo.test', 'MX', `status: NOERROR\n;; AUTHORITY SECTION:\n${SOA}`],
  ['nobody.foo.test', 'A', `status: NXDOMAIN\n;; AUTHORITY SECTION:\n${SOA}`],
  [
    'alias.foo.test',
    'A',
    'status: NOERROR\nalias.foo.test. 300 IN CNAME www.foo.test.\nwww.foo.test. 300 IN A 198.51.100.80',
  ],
  [
    'out.foo.test',
    'A',
    'status: NOERROR\nout.foo.test. 300 IN CNAME www.bar.test.\nwww.bar.test. 300 IN A 198.51.100.90',
  ],
  [
    'gone.foo.test',
    'A',
    `status: NXDOMAIN\ngone.foo.test. 300 IN CNAME nobody.foo.test.\n;; AUTHORITY SECTION:\n${SOA}`,
  ],
  ['down.foo.test', 'A', 'status: NOERROR\ndown.foo.test. 300 IN CNAME www.sub.foo.test.'],
  [
    'x.any.foo.test',
    'A',
    'status: NOERROR\nx.any.foo.test. 300 IN CNAME www.foo.test.\nwww.foo.test. 300 IN A 198.51.100.80',
  ],
  [
    'round.foo.test',
    'A',
    'status: NOERROR\nround.foo.test. 300 IN CNAME about.foo.test.\nabout.foo.test. 300 IN CNAME round.foo.test.',
  ],
  [
    'www.sub.foo.test',
    'A',
    'status: NOERROR\n;; AUTHORITY SECTION:\nsub.foo.test. 300 IN NS ns.sub.foo.test.\n;; ADDITIONAL SECTION:\nns.sub.foo.test. 300 IN A 198.51.100.13',
  ],
  ['www.elsewhere.test', 'A', 'status: REFUSED'],
  ['www.foo.test', 'ANY', 'status: NOERROR\nwww.foo.test. 3600 IN HINFO "RFC8482" ""'],
];
for (const [name, type, expected] of QUESTIONS) {
  test(`${name} ${type}: ${expected.split('\n')[0]}`, () => assert.equal(answer(name, type), expected));
}

function served(): ProgramBench {
  const bench = new ProgramBench();
  const server = bench.machine('server', SERVER);
  server.spawn('named', authoritativeServer(server, ZONES));
  bench.machine('alice', ALICE);
  bench.run();
  return bench;
}

/** What comes back for `data` over UDP within a second. */
function send(bench: ProgramBench, data: Uint8Array): DnsMessage | undefined {
  const alice = bench.machines.get(ALICE) ?? assert.fail();
  const program = (function* (): Program<Uint8Array | undefined> {
    const socket = alice.udp();
    socket.sendTo(data, SERVER, 53);
    const datagram = yield* socket.receive(after(alice.now, seconds(1)));
    socket.close();
    return datagram?.data;
  })();
  const reply = bench.result(alice, program);
  if (reply === undefined) return undefined;
  const message = parseDns(viewOf(reply), 0, reply.length);
  return typeof message === 'number' ? assert.fail() : message;
}

test('what is not a plain question is told so', () => {
  const bench = served();
  const rcode = (query: DnsMessage): number | undefined => send(bench, encodeDns(query))?.rcode;
  const query = queryFor('www.foo.test', 'A');
  assert.equal(rcode(query), 0);
  assert.equal(rcode({ ...query, opcode: 5 }), 4, 'NOTIMP');
  assert.equal(rcode({ ...query, questions: [] }), 1, 'FORMERR');
  assert.equal(rcode({ ...query, questions: [...query.questions, ...query.questions] }), 1, 'FORMERR');
  assert.equal(rcode({ ...query, edns: { ...PLAIN_EDNS, version: 1 } }), 16, 'BADVERS');
  assert.equal(rcode(queryFor('foo.test', 'AXFR')), 5, 'REFUSED');
  assert.equal(rcode({ ...query, questions: [{ name: dnsName('version.bind'), type: 16, class: 3 }] }), 5, 'REFUSED');
  assert.equal(send(bench, encodeDns(query).subarray(0, 20))?.rcode, 1, 'FORMERR');
  assert.equal(send(bench, encodeDns(query).subarray(0, 11)), undefined, 'too short to have an id');
  assert.equal(send(bench, encodeDns({ ...query, isResponse: true })), undefined, 'answers are not answered');
});

test('an answer over UDP is as long as the client can take, and never longer than 1,232 bytes', () => {
  const bench = served();
  const length = (udpPayload: number): readonly [boolean | undefined, number | undefined] => {
    const reply = send(bench, encodeDns({ ...queryFor('long.foo.test', 'TXT'), edns: { ...PLAIN_EDNS, udpPayload } }));
    return [reply?.isTruncated, reply?.answers.length];
  };
  assert.deepEqual(length(65_535), [true, 0]);
  const www = send(bench, encodeDns(queryFor('www.foo.test', 'A')));
  assert.equal(www?.isTruncated, false);
  assert.equal(www?.edns, undefined, 'no EDNS where none was offered');
});

/** Sends pieces over one connection and returns the ids of the answers. */
function* converse(bench: ProgramBench, pieces: readonly Uint8Array[], answers: number): Program<number[]> {
  const alice = bench.machines.get(ALICE) ?? assert.fail();
  const socket = alice.tcp();
  yield* socket.connect(SERVER, 53);
  for (const piece of pieces) {
    yield* socket.write(piece);
    yield* alice.sleep(seconds(0.1));
  }
  const stream = new MessageStream(socket);
  const ids: number[] = [];
  while (ids.length < answers) {
    const message = yield* stream.read(after(alice.now, seconds(60)));
    if (message === undefined) break;
    ids.push(viewOf(message).getUint16(0));
  }
  socket.close();
  return ids;
}

test('over TCP many questions go over one connection, however they are cut', () => {
  const bench = served();
  const alice = bench.machines.get(ALICE) ?? assert.fail();
  const questions = [1, 2, 3].map((id) => framed(encodeDns({ ...queryFor('www.foo.test', 'A'), id })));
  const all = Uint8Array.from(questions.flatMap((question) => [...question]));
  assert.deepEqual(bench.result(alice, converse(bench, [all], 3)), [1, 2, 3]);
  assert.deepEqual(
    bench.result(alice, converse(bench, [all.subarray(0, 1), all.subarray(1, 50), all.subarray(50)], 3)),
    [1, 2, 3],
  );
});

test('a connection that stays silent is closed after ten seconds', () => {
  const bench = served();
  const alice = bench.machines.get(ALICE) ?? assert.fail();
  assert.deepEqual(bench.result(alice, converse(bench, [Uint8Array.of(0)], 1)), []);
  assert.ok(bench.now < after(alice.now, seconds(11)));
  bench.run();
  assert.equal(bench.machines.get(SERVER)?.tcpSockets.size, 0);
});

test('a connection too many is reset, and the others go on', () => {
  const bench = served();
  const server = bench.machines.get(SERVER) ?? assert.fail();
  const alice = bench.machines.get(ALICE) ?? assert.fail();
  let most = 0;
  for (let i = 0; i < MAX_CONNECTIONS + 20; i++) alice.spawn('idle', converse(bench, [Uint8Array.of(0)], 1));
  for (let i = 0; i < 50; i++)
    bench.at(after(bench.now, seconds(i / 10)), () => (most = Math.max(most, server.tcpSockets.size)));
  bench.run();
  assert.equal(most, MAX_CONNECTIONS);
  assert.equal(server.tcpSockets.size, 0);
});

test('a server that is killed lets go of its ports', () => {
  const bench = served();
  const server = bench.machines.get(SERVER) ?? assert.fail();
  for (const process of [...server.processes]) process.kill();
  bench.run();
  assert.equal(server.udpSockets.length, 0);
  assert.equal(server.listeners.size, 0);
  assert.equal(server.processes.length, 0);
});

test('whatever is sent to it, it goes on', () => {
  const bench = served();
  const query = encodeDns({ ...queryFor('www.foo.test', 'A'), edns: PLAIN_EDNS });
  const mutation = fc.tuple(fc.nat(query.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(mutation, { maxLength: 6 }), fc.nat(query.length), (mutations, length) => {
      const data = query.slice();
      for (const [at, value] of mutations) data[at] = value;
      send(bench, data.subarray(0, length));
      assert.equal(send(bench, query)?.answers.length, 1);
    }),
  );
  assert.equal(bench.machines.get(SERVER)?.failure, undefined);
});
