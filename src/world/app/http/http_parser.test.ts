import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { textOf } from '../../../core/bytes.ts';
import { encodeChunk, encodeLastChunk, encodeRequest, encodeResponseHead } from './http_encoder.ts';
import { latin1, latin1Bytes } from './http_line_buffer.ts';
import type { HttpFields, HttpRequestHead, HttpResponseHead } from './http_message.ts';
import { type HttpEvent, HttpRequestParser, HttpResponseParser } from './http_parser.ts';
import { HTTP_REQUEST_SAMPLES, HTTP_RESPONSE_SAMPLES } from './samples.ts';

type Head = HttpRequestHead | HttpResponseHead;

const showFields = (fields: HttpFields): string => fields.map(([name, value]) => ` ${name}=${value}`).join('');

function show(event: HttpEvent<Head>): string {
  switch (event.kind) {
    case 'Head':
    case 'Interim': {
      const { head } = event;
      const line = 'method' in head ? `${head.method} ${head.target}` : `${head.status} ${head.reason}`;
      return `${event.kind} ${line} ${head.version}${showFields(head.fields)}`;
    }
    case 'Body':
      return `Body ${latin1(event.data)}`;
    case 'End':
      return `End${showFields(event.trailers)}`;
    default:
      return `Refused ${event.status}: ${event.message}`;
  }
}

/** All events of a stream that arrives in the given pieces and then ends; pieces of body that touch are joined. */
function read(parser: HttpRequestParser | HttpResponseParser, pieces: readonly string[]): string[] {
  const events: string[] = [];
  const drain = (): void => {
    for (let event = parser.poll(); event !== undefined; event = parser.poll()) {
      const text = show(event);
      const last = events.at(-1);
      if (event.kind === 'Body' && last?.startsWith('Body ')) events[events.length - 1] = last + text.slice(5);
      else events.push(text);
    }
  };
  for (const piece of pieces) {
    parser.push(latin1Bytes(piece));
    drain();
  }
  parser.end();
  drain();
  return events;
}

const requests = (...pieces: string[]): string[] => read(new HttpRequestParser(), pieces);

function responses(method: string, ...pieces: string[]): string[] {
  const parser = new HttpResponseParser();
  parser.expect(method);
  return read(parser, pieces);
}

test('requests of every framing, one behind the other', () => {
  assert.deepEqual(requests(HTTP_REQUEST_SAMPLES.join('')), [
    'Head GET /foo/bar?quux 1.1 Host=www.foo.com:80',
    'End',
    'Head GET / 1.0 Connection=keep-alive',
    'End',
    'Head HEAD http://www.foo.com/ 1.1 host=www.foo.com Connection=close',
    'End',
    'Head POST /form 1.1 Host=a Content-Length=5',
    'Body hello',
    'End',
    'Head GET /next 1.1 Host=a',
    'End',
    'Head POST /form 1.1 Host=a Transfer-Encoding=chunked',
    'Body hello',
    'End Digest=1',
  ]);
});

test('responses of every framing', () => {
  const [length = '', interim = '', chunked = '', untilClose = ''] = HTTP_RESPONSE_SAMPLES;
  assert.deepEqual(responses('GET', length), ['Head 200 OK 1.1 Content-Length=5', 'Body hello', 'End']);
  assert.deepEqual(responses('GET', interim), [
    'Interim 100 Continue 1.1',
    'Head 404 Not Found 1.1 Content-Length=0',
    'End',
  ]);
  assert.deepEqual(responses('GET', chunked), [
    'Head 200 OK 1.1 Transfer-Encoding=chunked',
    'Body 0123456789',
    'End Digest=1',
  ]);
  assert.deepEqual(responses('GET', untilClose), ['Head 200  1.0 Server=old', 'Body until the end', 'End']);
  assert.deepEqual(responses('HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n').at(-1), 'End');
  assert.deepEqual(responses('GET', 'HTTP/1.1 204 No Content\r\n\r\n').at(-1), 'End');
});

test('it does not matter in which pieces a stream arrives', () => {
  const stream = HTTP_REQUEST_SAMPLES.join('');
  const whole = requests(stream);
  assert.deepEqual(requests(...stream), whole, 'byte by byte');
  for (const sample of HTTP_RESPONSE_SAMPLES) assert.deepEqual(responses('GET', ...sample), responses('GET', sample));
});

test('what two readers could read differently is refused', () => {
  const post = (fields: string, body = ''): string =>
    requests(`POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n${body}`).at(-1) ?? '';
  const chunked = (body: string): string => post('Transfer-Encoding: chunked\r\n', body);
  const table: readonly (readonly [string, string])[] = [
    [post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'), 'Refused 400: both a transfer coding and a length'],
    [post('Content-Length: 5\r\nContent-Length: 6\r\n'), 'Refused 400: several content lengths'],
    [post('Content-Length: 5\r\nContent-Length: 5\r\n'), 'Refused 400: several content lengths'],
    [post('Content-Length: 5, 5\r\n'), 'Refused 400: a content length that is no number'],
    [post('Content-Length: +5\r\n'), 'Refused 400: a content length that is no number'],
    [post('Content-Length: 0x5\r\n'), 'Refused 400: a content length that is no number'],
    [post('Content-Length:\r\n'), 'Refused 400: a content length that is no number'],
    [post('Content-Length: 1234567890123456\r\n'), 'Refused 400: a content length beyond all measure'],
    [post('Transfer-Encoding: chunked, identity\r\n'), 'Refused 400: the last transfer coding is not chunked'],
    [post('Transfer-Encoding: xchunked\r\n'), 'Refused 400: the last transfer coding is not chunked'],
    [post('Transfer-Encoding:\r\n'), 'Refused 400: the last transfer coding is not chunked'],
    [post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n'), 'Refused 400: chunked twice'],
    [post('Transfer-Encoding: gzip, chunked\r\n'), 'Refused 501: a transfer coding that is not spoken here'],
    [post('Transfer-Encoding : chunked\r\n'), 'Refused 400: a field has a name that cannot be'],
    [post(' folded\r\n'), 'Refused 400: a field has a name that cannot be'],
    [post('X: a\r\n\tfolded: b\r\n'), 'Refused 400: a field has a name that cannot be'],
    [post('X: a\rb\r\n'), 'Refused 400: the field X has a control character'],
    [post('X: a\0b\r\n'), 'Refused 400: the field X has a control character'],
    [post('X: a\nY: b\r\n'), 'Refused 400: a line does not end with CR LF'],
    [chunked('5 \r\nhello\r\n'), 'Refused 400: a chunk has a size that cannot be'],
    [chunked('-5\r\nhello\r\n'), 'Refused 400: a chunk has a size that cannot be'],
    [chunked('0x5\r\nhello\r\n'), 'Refused 400: a chunk has a size that cannot be'],
    [chunked('\r\nhello\r\n'), 'Refused 400: a chunk has a size that cannot be'],
    [chunked('123456789\r\nhello\r\n'), 'Refused 400: a chunk has a size that cannot be'],
    [chunked('5\nhello\r\n'), 'Refused 400: a chunk has a size that cannot be'],
    [chunked('4\r\nhello\r\n'), 'Refused 400: a chunk is longer than its size'],
    [chunked('5\r\nhell'), 'Refused 400: the stream ended inside the body'],
    [
      requests('POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n').join(),
      'Refused 400: a transfer coding in HTTP/1.0',
    ],
    [
      requests('GET  / HTTP/1.1\r\n\r\n').join(),
      'Refused 400: the request line is not a method, a target and a version',
    ],
    [
      requests('GET /a b HTTP/1.1\r\n\r\n').join(),
      'Refused 400: the request line is not a method, a target and a version',
    ],
    [requests('GET /\r\n\r\n').join(), 'Refused 400: the request line is not a method, a target and a version'],
    [requests('GET / HTTP/2.0\r\n\r\n').join(), 'Refused 505: HTTP/2.0 is not spoken here'],
    [requests('GET / HTTP/1.1\r\nHos').join(), 'Refused 400: the stream ended inside the head'],
    [
      responses('GET', 'HTTP/1.1 99 No\r\n\r\n').join(),
      'Refused 502: the status line is not a version, a code and a reason',
    ],
    [
      responses('GET', 'HTTP/1.1 101 Switching\r\n\r\n').join(),
      'Refused 502: a change of protocol that nobody asked for',
    ],
    [
      read(new HttpResponseParser(), ['HTTP/1.1 200 OK\r\n\r\n']).join(),
      'Refused 502: a response to nothing that was asked',
    ],
  ];
  for (const [found, expected] of table) assert.equal(found, expected);
});

test('every bound holds: first line, head, fields, trailers, interim responses', () => {
  const line = (length: number): string => `GET /${'a'.repeat(length)} HTTP/1.1\r\n\r\n`;
  assert.match(requests(line(9000)).join(), /^Refused 414/);
  assert.match(requests('a'.repeat(9000)).join(), /^Refused 414/);
  assert.match(requests('\r\n'.repeat(20_000)).join(), /^Refused 4/);
  assert.match(requests(`GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(101)}\r\n`).join(), /^Refused 431/);
  assert.match(requests(`GET / HTTP/1.1\r\nA: ${'b'.repeat(40_000)}`).join(), /^Refused 431/);
  const trailers = `POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${'A: b\r\n'.repeat(101)}`;
  assert.match(requests(trailers).at(-1) ?? '', /^Refused 431/);
  assert.match(responses('GET', 'HTTP/1.1 103 Hints\r\n\r\n'.repeat(17)).at(-1) ?? '', /^Refused 502/);
});

test('what is encoded is parsed again', () => {
  const body = latin1Bytes('body');
  const request = encodeRequest({ method: 'POST', target: '/a', fields: [['Host', 'b']], body });
  assert.deepEqual(requests(latin1(request)), ['Head POST /a 1.1 Host=b Content-Length=4', 'Body body', 'End']);
  const head = encodeResponseHead({ status: 404, reason: '', fields: [['Transfer-Encoding', 'chunked']] });
  const response = [head, encodeChunk(body), encodeChunk(new Uint8Array(0)), encodeLastChunk([['A', 'b']])];
  assert.deepEqual(responses('GET', ...response.map(latin1)), [
    'Head 404 Not Found 1.1 Transfer-Encoding=chunked',
    'Body body',
    'End A=b',
  ]);
  assert.equal(textOf(head).split('\r\n')[0], 'HTTP/1.1 404 Not Found');
});

test('a caller cannot write a second message into the first', () => {
  const fields: HttpFields = [];
  assert.throws(() => encodeRequest({ method: 'GET', target: '/ HTTP/1.1\r\nX: y', fields }), TypeError);
  assert.throws(() => encodeRequest({ method: 'GET ', target: '/', fields }), TypeError);
  assert.throws(() => encodeRequest({ method: 'GET', target: '/', fields: [['A', 'b\r\nC: d']] }), TypeError);
  assert.throws(() => encodeRequest({ method: 'GET', target: '/', fields: [['A:', 'b']] }), TypeError);
  assert.throws(() => encodeResponseHead({ status: 200, reason: 'a\r\nb', fields }), TypeError);
});

test('mutated streams never throw, in whatever pieces, and read the same in all of them', () => {
  const samples = [...HTTP_REQUEST_SAMPLES, ...HTTP_RESPONSE_SAMPLES];
  const insert = fc.oneof(
    fc.constantFrom('\r\n', '\n', '\r', ' ', ':', '0', 'ffffffff', '\0'),
    fc.string({ maxLength: 4 }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...samples),
      fc.nat(),
      insert,
      fc.nat({ max: 4 }),
      fc.nat(),
      (sample, at, text, cut, split) => {
        const place = at % sample.length;
        const stream = latin1(latin1Bytes(sample.slice(0, place) + text + sample.slice(place + cut)));
        const middle = split % (stream.length + 1);
        const pieces = [stream.slice(0, middle), stream.slice(middle)];
        assert.deepEqual(requests(...pieces), requests(stream));
        assert.deepEqual(responses('GET', ...pieces), responses('GET', stream));
      },
    ),
    { numRuns: 1000 },
  );
});

test('random bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (data) => {
      requests(latin1(data));
      responses('GET', latin1(data));
    }),
  );
});
