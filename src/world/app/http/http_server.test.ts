import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type BenchMachine, ProgramBench } from '../../../../test/testing/program_bench.ts';
import { joinBytes, textOf } from '../../../core/bytes.ts';
import { after, elapsed, formatDuration, milliseconds, seconds } from '../../../core/time.ts';
import type { Ipv4Address } from '../../../wire/address.ts';
import { type Endpoint, type Program, SocketError } from '../program.ts';
import { HttpConnection, httpFetch } from './http_client.ts';
import { latin1Bytes } from './http_line_buffer.ts';
import type { HttpResponse } from './http_message.ts';
import { HttpServer, type HttpServerConfig, httpServer } from './http_server.ts';
import { HTTP_REQUEST_SAMPLES } from './samples.ts';

const CLIENT = 0x0a000001 as Ipv4Address;
const SERVER = 0x0a000002 as Ipv4Address;
const PATHS = { '/': { text: 'hello from foo' } };

class Web {
  readonly bench = new ProgramBench();
  readonly client: BenchMachine = this.bench.machine('client', CLIENT);
  readonly machine: BenchMachine = this.bench.machine('server', SERVER);
  readonly server: HttpServer;

  constructor(config: Partial<HttpServerConfig> = {}) {
    this.server = new HttpServer(this.machine, { port: 80, paths: PATHS, ...config });
    this.machine.spawn('httpd', this.server.serve());
    const names = new Map([['www.foo.test', SERVER]]);
    // biome-ignore lint/correctness/useYield: the answer is known
    this.client.getAddressInfo = function* (host?: string, port?: string | number): Program<readonly Endpoint[]> {
      const address = names.get(host ?? '');
      if (address === undefined) throw new SocketError('ENOTFOUND', `${host}`);
      return [{ address, port: Number(port) }];
    };
  }

  run<Result>(program: Program<Result>): Result {
    return this.bench.result(this.client, program);
  }

  /** Sends the text as it is, ends, and returns all that comes back. */
  raw(...pieces: string[]): string {
    const { client } = this;
    return this.run(
      (function* () {
        const socket = client.tcp();
        yield* socket.connect(SERVER, 80);
        for (const piece of pieces) {
          yield* socket.write(latin1Bytes(piece));
          yield* client.sleep(milliseconds(1));
        }
        const answer: Uint8Array[] = [];
        for (let data = yield* socket.read(); data !== undefined; data = yield* socket.read()) answer.push(data);
        socket.close();
        return textOf(joinBytes(answer));
      })(),
    );
  }

  /** The status lines of all answers. */
  statuses(...pieces: string[]): string[] {
    return this.raw(...pieces).match(/HTTP\/1\.1 \d+/g) ?? [];
  }

  fetch(uri: string, options: Parameters<typeof httpFetch>[2] = {}): HttpResponse {
    return this.run(httpFetch(this.client, uri, options)).response;
  }
}

const text = ({ body }: HttpResponse): string => textOf(body);
const get = (target: string, ...fields: string[]): string =>
  `GET ${target} HTTP/1.1\r\n${['Host: www.foo.test', ...fields, ''].join('\r\n')}\r\n`;
const CLOSE = 'Connection: close';

test('a page, as the bytes that go over the wire', () => {
  assert.equal(
    new Web().raw(get('/', CLOSE)),
    [
      'HTTP/1.1 200 OK',
      'Date: Thu, 01 Jan 1970 00:00:00 GMT',
      'Server: netarium',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Length: 14',
      'Connection: close',
      '',
      'hello from foo',
    ].join('\r\n'),
  );
});

test('virtual hosts: one address, several sites, chosen by the field Host', () => {
  const sites = { 'www.bar.test': { '/': { text: 'bar' } } };
  const ask = (web: Web, host: string): string => web.raw(`GET / HTTP/1.1\r\nHost: ${host}\r\n${CLOSE}\r\n\r\n`);
  const web = new Web({ sites });
  assert.match(ask(web, 'www.bar.test'), /\r\n\r\nbar$/);
  assert.match(ask(web, 'WWW.BAR.TEST:80'), /\r\n\r\nbar$/);
  assert.match(ask(web, 'elsewhere'), /hello from foo$/);
  assert.match(web.raw(`GET http://www.bar.test/ HTTP/1.1\r\nHost: elsewhere\r\n${CLOSE}\r\n\r\n`), /\r\n\r\nbar$/);
  assert.match(ask(new Web({ sites, ignoreHost: true }), 'www.bar.test'), /hello from foo$/);
});

test('a server without a default site answers 421 for names that it does not know', () => {
  const bench = new ProgramBench();
  const server = bench.machine('server', SERVER);
  const client = bench.machine('client', CLIENT);
  server.spawn('httpd', httpServer(server, { port: 80, sites: { a: PATHS } }));
  const exchange = function* (): Program<number> {
    const socket = client.tcp();
    yield* socket.connect(SERVER, 80);
    const connection = new HttpConnection(socket);
    const { status } = yield* connection.request({ method: 'GET', target: '/', fields: [['Host', 'b']] });
    connection.close();
    return status;
  };
  assert.equal(bench.result(client, exchange()), 421);
});

test('what is wrong with a request is told by its status', () => {
  const long = 'a'.repeat(9000);
  const table: readonly (readonly [string, number])[] = [
    [`GET / HTTP/1.1\r\n${CLOSE}\r\n\r\n`, 400],
    [`GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n${CLOSE}\r\n\r\n`, 400],
    [`GET / HTTP/1.1\r\nHost: a b\r\n${CLOSE}\r\n\r\n`, 400],
    [`GET / HTTP/1.1\r\nHost: u@b\r\n${CLOSE}\r\n\r\n`, 400],
    ['GET / HTTP/1.0\r\n\r\n', 200],
    [get('/nowhere', CLOSE), 404],
    [get('/__proto__', CLOSE), 404],
    [get('/', CLOSE).replace('GET', 'DELETE'), 405],
    [get('/', CLOSE).replace('GET', 'BREW'), 501],
    [get('*', CLOSE).replace('GET', 'OPTIONS'), 405],
    [get('www.foo.test:443', CLOSE).replace('GET', 'CONNECT'), 405],
    [get(`/${long}`), 414],
    [get('/', `X: ${long.repeat(5)}`), 431],
    [get('/').replace('1.1', '2.0'), 505],
    [get('/', 'Content-Length: 1', 'Transfer-Encoding: chunked'), 400],
    [get('/', 'Content-Length: 99999999'), 413],
    [get('/', 'Expect: a miracle'), 417],
    ['nonsense\r\n\r\n', 400],
  ];
  for (const [request, status] of table) {
    assert.deepEqual(new Web().statuses(request), [`HTTP/1.1 ${status}`], request.slice(0, 60));
  }
});

test('a connection is kept, and requests may follow without waiting', () => {
  assert.deepEqual(new Web().statuses(get('/') + get('/nowhere') + get('/', CLOSE) + get('/')), [
    'HTTP/1.1 200',
    'HTTP/1.1 404',
    'HTTP/1.1 200',
  ]);
});

test('an idle connection is closed after a while; a slow request is told so', () => {
  const web = new Web({ keepAlive: seconds(7), requestTimeout: seconds(3) });
  const from = web.bench.now;
  assert.deepEqual(web.statuses(get('/')), ['HTTP/1.1 200']);
  assert.equal(formatDuration(elapsed(from, web.bench.now)), '7.05s');
  assert.deepEqual(web.statuses('GET / HT'), ['HTTP/1.1 408']);
  assert.deepEqual(web.statuses(get('/', 'Content-Length: 5')), ['HTTP/1.1 408']);
  assert.deepEqual(web.statuses(), [], 'silence is answered by silence');
});

test('HTTP/1.0 closes unless it asks for the contrary, and gets no chunks', () => {
  const web = new Web({ paths: { '/': { text: 'a' }, '/c': { text: 'chunk', chunked: true } } });
  const ask = (path: string, field = ''): string => `GET ${path} HTTP/1.0\r\n${field}\r\n`;
  assert.deepEqual(web.statuses(ask('/') + ask('/')), ['HTTP/1.1 200']);
  const kept = web.raw(ask('/', 'Connection: keep-alive\r\n') + ask('/'));
  assert.equal(kept.match(/200 OK/g)?.length, 2);
  assert.match(kept, /Connection: keep-alive/);
  assert.match(web.raw(ask('/c')), /Connection: close\r\n\r\nchunk$/);
  assert.match(web.raw(get('/c', CLOSE)), /Transfer-Encoding: chunked\r\n.*\r\n\r\n5\r\nchunk\r\n0\r\n\r\n$/s);
});

test('HEAD is told the length and gets no body', () => {
  const answer = new Web().raw(get('/', CLOSE).replace('GET', 'HEAD'));
  assert.match(answer, /Content-Length: 14\r\n/);
  assert.ok(answer.endsWith('\r\n\r\n'));
});

test('every kind of content', () => {
  const web = new Web({
    paths: {
      '/json': { json: { a: [1, 2] } },
      '/bytes': { bytes: latin1Bytes('\xff\0'), headers: { 'Content-Type': 'image/x', ETag: '"1"' } },
      '/size': { size: 40_000 },
      '/chunks': { size: 40_000, chunked: true },
      '/teapot': { status: 418, text: 'short and stout' },
      '/none': { status: 204 },
      '/old': { redirect: '/json' },
      '/loop': { redirect: 'loop' },
      '/form': { text: 'thanks', methods: ['POST'] },
    },
  });
  const fetch = (path: string, options = {}): HttpResponse => web.fetch(`http://www.foo.test${path}`, options);
  assert.equal(text(fetch('/json')), '{"a":[1,2]}\n');
  const bytes = fetch('/bytes');
  assert.deepEqual([...bytes.body], [255, 0]);
  assert.deepEqual(bytes.fields.slice(2, 4), [
    ['Content-Type', 'image/x'],
    ['ETag', '"1"'],
  ]);
  assert.equal(fetch('/size').body.length, 40_000);
  assert.deepEqual(fetch('/size').body, fetch('/size').body);
  assert.equal(fetch('/chunks').body.length, 40_000);
  assert.deepEqual([fetch('/teapot').status, fetch('/teapot').reason], [418, "I'm a teapot"]);
  assert.deepEqual([fetch('/none').status, fetch('/none').body.length], [204, 0]);
  assert.equal(fetch('/old').status, 302);
  assert.equal(text(fetch('/old', { followsRedirects: true })), '{"a":[1,2]}\n');
  assert.equal(text(fetch('/form', { method: 'POST', body: latin1Bytes('a=b') })), 'thanks');
  assert.throws(() => web.run(httpFetch(web.client, 'http://www.foo.test/loop', { followsRedirects: true })));
});

test('content that could not be sent is refused when the server is made', () => {
  const make = (resource: object): HttpServer => new Web({ paths: { '/': resource } }).server;
  assert.throws(() => make({ headers: { 'Content-Length': '5' } }), /the server's to send/);
  assert.throws(() => make({ headers: { A: 'b\r\nC: d' } }), TypeError);
  assert.throws(() => make({ redirect: '/\u{20ac}' }), TypeError);
  assert.throws(() => make({ size: -1 }), RangeError);
  assert.throws(() => make({ status: 99 }), RangeError);
  assert.throws(() => new Web({ paths: { relative: {} } }), TypeError);
});

test('a client that asks first is told to go on', () => {
  const web = new Web({ paths: { '/': { text: 'thanks', methods: ['POST'] } } });
  const request = get('/', 'Content-Length: 5', 'Expect: 100-continue', CLOSE).replace('GET', 'POST');
  assert.deepEqual(web.statuses(request, 'hello'), ['HTTP/1.1 100', 'HTTP/1.1 200']);
});

test('work and delay take their time', () => {
  const paths = { '/': { text: 'a', delay: milliseconds(300) } };
  const web = new Web({ paths, workPerRequest: milliseconds(40) });
  const from = web.bench.now;
  web.fetch('http://www.foo.test/');
  assert.ok(web.bench.now >= after(from, milliseconds(380)));
});

test('too many connections at once are told to come back', () => {
  const web = new Web({ limits: { connections: 1 }, paths: { '/': { text: 'a', delay: seconds(5) } } });
  const slow = web.client.spawn('slow', httpFetch(web.client, 'http://www.foo.test/'));
  assert.deepEqual(web.statuses(get('/', CLOSE)), ['HTTP/1.1 503']);
  web.bench.run();
  assert.ok(slow.isDone);
  assert.deepEqual(web.statuses(get('/', CLOSE)), ['HTTP/1.1 200']);
});

test('the log tells each request', () => {
  const web = new Web();
  web.statuses(get('/') + get('/nowhere?x', CLOSE));
  web.statuses('nonsense\r\n\r\n');
  const lines: string[] = [];
  for (let entry = web.server.pollLog(); entry !== undefined; entry = web.server.pollLog()) {
    assert.equal(entry.client?.address, CLIENT);
    lines.push(`${entry.host} ${entry.method} ${entry.target} ${entry.status} ${entry.length}`);
  }
  assert.deepEqual(lines, ['www.foo.test GET / 200 14', 'www.foo.test GET /nowhere?x 404 14', '   400 16']);
});

test('one connection serves a client several times', () => {
  const web = new Web();
  const exchange = function* (): Program<string[]> {
    const socket = web.client.tcp();
    yield* socket.connect(SERVER, 80);
    const connection = new HttpConnection(socket);
    const seen: string[] = [];
    for (const fields of [[], [], [['Connection', 'close']]] as [string, string][][]) {
      const response = yield* connection.request({ method: 'GET', target: '/', fields: [['Host', 'a'], ...fields] });
      seen.push(`${response.status} ${connection.isReusable}`);
    }
    connection.close();
    return seen;
  };
  assert.deepEqual(web.run(exchange()), ['200 true', '200 true', '200 false']);
});

test('a client whose server breaks the protocol, ends early or is silent gets the error that says so', () => {
  const table: readonly (readonly [string | undefined, boolean, string])[] = [
    ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n', true, 'EPROTO'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi', true, 'EPROTO'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nhi', false, 'ETIMEDOUT'],
    ['', true, 'ECONNRESET'],
    ['', false, 'ETIMEDOUT'],
  ];
  for (const [answer = '', closes, code] of table) {
    const bench = new ProgramBench();
    const client = bench.machine('client', CLIENT);
    const server = bench.machine('server', SERVER);
    const listener = server.listen(undefined, 80);
    server.spawn(
      'odd',
      (function* () {
        const socket = yield* listener.accept();
        yield* socket?.write(latin1Bytes(answer)) ?? [];
        if (closes) socket?.close();
      })(),
    );
    const exchange = function* (): Program<string> {
      const socket = client.tcp();
      yield* socket.connect(SERVER, 80);
      try {
        const request = { method: 'GET', target: '/', fields: [] };
        yield* new HttpConnection(socket).request(request, after(client.now, seconds(9)));
        return 'none';
      } catch (error) {
        return error instanceof SocketError ? error.code : 'other';
      }
    };
    assert.equal(bench.result(client, exchange()), code);
  }
});

test('whatever clients send, the server goes on and keeps nothing of them', () => {
  const web = new Web({ requestTimeout: seconds(1), keepAlive: seconds(1) });
  const insert = fc.oneof(fc.constantFrom('\r\n', '\r\n\r\n', '\0', ' '), fc.string({ maxLength: 9 }));
  fc.assert(
    fc.property(fc.constantFrom(...HTTP_REQUEST_SAMPLES), fc.nat(), insert, (sample, at, piece) => {
      const place = at % sample.length;
      web.raw(sample.slice(0, place) + piece + sample.slice(place + 1));
      assert.equal(web.machine.failure, undefined);
    }),
  );
  assert.deepEqual(web.statuses(get('/', CLOSE)), ['HTTP/1.1 200']);
  web.bench.run();
  assert.equal(web.machine.processes.length, 1, 'only the one that accepts is left');
  assert.equal(web.machine.tcpSockets.size, 0);
});
