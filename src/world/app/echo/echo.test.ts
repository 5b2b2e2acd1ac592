import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BenchPacket, ProgramBench } from '../../../../test/testing/program_bench.ts';
import { textOf, utf8 } from '../../../core/bytes.ts';
import { after, formatInstant, milliseconds, START, seconds } from '../../../core/time.ts';
import type { Ipv4Address } from '../../../wire/address.ts';
import { type Program, SocketError } from '../program.ts';
import { discardServer, tcpEcho, tcpEchoServer, udpDiscardServer, udpEcho, udpEchoServer } from './echo.ts';

const CLIENT = 0x0a000001 as Ipv4Address;
const SERVER = 0x0a000002 as Ipv4Address;

function machines() {
  const bench = new ProgramBench();
  return { bench, client: bench.machine('client', CLIENT), server: bench.machine('server', SERVER) };
}

/** The code of the error with which a program ends. */
function* failure(program: Program<unknown>): Program<string> {
  try {
    yield* program;
    return 'none';
  } catch (error) {
    if (error instanceof SocketError) return error.code;
    throw error;
  }
}

test('a datagram comes back, whole and as it was', () => {
  const { bench, client, server } = machines();
  server.spawn('echo', udpEchoServer(server));
  const result = bench.result(client, udpEcho(client, { address: SERVER, port: 7 }, utf8('hello')));
  assert.equal(textOf(result.data), 'hello');
  assert.deepEqual([result.time, result.attempts], [milliseconds(20), 1]);
  assert.equal(client.udpSockets.length, 0);
});

test('a lost datagram is sent again; a server that is silent is given up', () => {
  const { bench, client, server } = machines();
  server.spawn('echo', udpEchoServer(server));
  server.spawn('discard', udpDiscardServer(server));
  const lost: BenchPacket[] = [];
  bench.watch = (packet) => lost.length === 0 && lost.push(packet) === 1;
  assert.equal(bench.result(client, udpEcho(client, { address: SERVER, port: 7 }, utf8('a'))).attempts, 2);
  const silent = udpEcho(client, { address: SERVER, port: 9 }, utf8('a'), { timeout: seconds(2), attempts: 2 });
  const from = bench.now;
  assert.equal(bench.result(client, failure(silent)), 'ETIMEDOUT');
  assert.equal(formatInstant(bench.now), formatInstant(after(from, seconds(4))));
});

test('where nobody listens the client is told', () => {
  const { bench, client } = machines();
  const server = { address: SERVER, port: 7 };
  assert.equal(bench.result(client, failure(udpEcho(client, server, utf8('a')))), 'ECONNREFUSED');
  assert.equal(bench.result(client, failure(tcpEcho(client, server, utf8('a')))), 'ECONNREFUSED');
});

test('two echo servers do not keep each other busy', () => {
  const { bench, server } = machines();
  server.spawn('echo', udpEchoServer(server));
  let sent = 0;
  bench.watch = () => ++sent > 0;
  bench.deliver({
    transport: 'udp',
    from: { address: CLIENT, port: 7 },
    to: { address: SERVER, port: 7 },
    data: utf8('ping'),
  });
  bench.run();
  assert.equal(sent, 0);
});

test('a stream comes back; the server ends when the client does', () => {
  const { bench, client, server } = machines();
  server.spawn('echo', tcpEchoServer(server));
  const data = new Uint8Array(200_000).map((_, i) => i);
  const result = bench.result(client, tcpEcho(client, { address: SERVER, port: 7 }, data));
  assert.deepEqual(result.data, data);
  bench.run();
  assert.equal(server.processes.length, 1, 'only the one that accepts is left');
  assert.equal(server.tcpSockets.size + client.tcpSockets.size, 0);
});

test('discard reads and says nothing', () => {
  const { bench, client, server } = machines();
  server.spawn('discard', discardServer(server));
  const deadline = after(START, seconds(1));
  const asked = tcpEcho(client, { address: SERVER, port: 9 }, utf8('anyone?'), deadline);
  assert.equal(bench.result(client, failure(asked)), 'EAGAIN');
  bench.run();
  assert.equal(server.processes.length, 1);
});
