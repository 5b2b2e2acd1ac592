import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FRAMES } from '../../../test/testing/frames.ts';
import { capturedTls } from '../../../test/testing/tls_capture.ts';
import { tlsPair } from '../../../test/testing/tls_pair.ts';
import { type Piece, recorded, recordText, secretsOf } from '../../../test/testing/tls_wiretap.ts';
import { utf8 } from '../../core/bytes.ts';
import type { Instant } from '../../core/time.ts';
import type { TlsSecrets } from '../../secure/tls/eavesdropper.ts';
import type { CapturedFrame } from './captured_frame.ts';
import { dissect } from './dissection.ts';
import { parseFilter } from './filter.ts';
import { FrameReader } from './frame_text.ts';
import { frameTitle } from './frame_title.ts';
import { packetLines, passingFrames } from './packet_list.ts';

/** A client asks for a page over TLS, and gets it. */
function conversation(): { readonly pieces: readonly Piece[]; readonly secrets: TlsSecrets } {
  const pair = tlsPair();
  const pieces = recorded(pair);
  pair.client.write(utf8('GET /secret HTTP/1.1\r\nHost: www.foo.test\r\n\r\n'));
  pieces.push(...recorded(pair));
  pair.server.write(utf8('HTTP/1.1 200 OK\r\n\r\nhello'));
  pair.server.close();
  pieces.push(...recorded(pair));
  return { pieces, secrets: secretsOf(pair.client) };
}

const { pieces, secrets } = conversation();

function titles(frames: readonly CapturedFrame[], known?: TlsSecrets): string[] {
  const reader = new FrameReader(known);
  // Lengths depend on signatures.
  return frames.map((frame) => frameTitle(reader.read(frame), reader).replaceAll(/protected, \d+ bytes/g, 'protected'));
}

/** All records that were found, each once. */
function recordsIn(frames: readonly CapturedFrame[]): string[] {
  const reader = new FrameReader(secrets);
  const records = frames.flatMap((frame) => reader.read(frame).tls?.records ?? []);
  return [...new Set(records.map((record) => `${record.offset} ${recordText(record)}`))].toSorted();
}

function found(frames: readonly CapturedFrame[], text: string, known?: TlsSecrets): number[] {
  const filter = parseFilter(text);
  assert.ok(typeof filter === 'function');
  return passingFrames(frames, filter, known).map(({ number }) => number);
}

test('titles tell what is in the clear', () => {
  assert.deepEqual(titles(capturedTls(pieces)), [
    'SYN seq 0',
    'SYN,ACK seq 0 ack 1',
    'TLS ClientHello, SNI www.foo.test',
    'TLS ServerHello, protected',
    'TLS protected',
    'TLS protected',
    'TLS protected, protected',
  ]);
});

test('titles tell what is protected to those who have the secrets, in brackets', () => {
  assert.deepEqual(titles(capturedTls(pieces), secrets).slice(2), [
    'TLS ClientHello, SNI www.foo.test',
    'TLS ServerHello, [EncryptedExtensions, Certificate, CertificateVerify, Finished]',
    'TLS [Finished]',
    'TLS [GET /secret]',
    'TLS [HTTP 200, alert close_notify]',
  ]);
});

test('lines tell it in the words of tcpdump', () => {
  const lines = packetLines(capturedTls(pieces), () => true, secrets).map(({ text }) => text);
  assert.match(
    lines[2] ?? '',
    /^IP 10\.0\.0\.1\.4000 > 10\.0\.0\.2\.443: Flags \[P\.\], .*: TLS: ClientHello, SNI www\.foo\.test$/,
  );
});

test('a record that lies in many segments is told of in the one that ends it', () => {
  const frames = capturedTls(pieces, { size: 100 });
  const told = titles(frames, secrets);
  assert.deepEqual(told.slice(2, 6), [
    'TLS a part of a record',
    'TLS a part of a record',
    'TLS ClientHello, SNI www.foo.test',
    'TLS a part of a record',
  ]);
  assert.equal(told.filter((title) => /EncryptedExtensions/.test(title)).length, 1);
  assert.deepEqual(found(frames, 'tls.handshake.type == 1'), [5]);
});

test('segments may come in any order, and more than once', () => {
  const frames = capturedTls(pieces, { size: 50 });
  const [synAndAnswer, data] = [frames.slice(0, 2), frames.slice(2)];
  const inOrder = recordsIn(frames);
  // Never far from its place: what an end has to say depends on what it has heard.
  const places = fc.array(fc.nat(3), { minLength: data.length, maxLength: data.length });
  const shuffled = places.map((delays) =>
    data
      .map((frame, i) => ({ frame, place: i + (delays[i] ?? 0) }))
      .sort((a, b) => a.place - b.place)
      .map(({ frame }) => frame),
  );
  fc.assert(
    fc.property(shuffled, fc.nat(data.length), (order, again) => {
      assert.deepEqual(recordsIn([...synAndAnswer, ...order, ...order.slice(0, again)]), inOrder);
    }),
  );
});

test('a segment that is sent again says the same again', () => {
  const frames = capturedTls(pieces);
  const told = titles([...frames.slice(0, 4), ...frames.slice(2, 4)], secrets);
  assert.deepEqual(told.slice(2, 4), told.slice(4, 6));
});

test('what a router passes on is read on both networks', () => {
  const both = capturedTls(pieces).flatMap((frame) => [frame, { ...frame, network: 'wan' }]);
  assert.equal(found(both, 'http.request.uri == "/secret"', secrets).length, 2);
});

test('a new connection between the same ends is another one', () => {
  const shifted = capturedTls(recorded(tlsPair())).map((frame) => {
    const bytes = frame.bytes.slice();
    bytes[14 + 20 + 4] = (bytes[14 + 20 + 4] ?? 0) ^ 0x40; // other sequence numbers
    return { ...frame, bytes };
  });
  const told = titles([...capturedTls(pieces), ...shifted]);
  assert.equal(told.filter((title) => title === 'TLS ClientHello, SNI www.foo.test').length, 2);
});

test('fields have the values of the records that end in a segment', () => {
  const frames = capturedTls(pieces);
  const table: readonly (readonly [filter: string, withSecrets: number[], without: number[]])[] = [
    ['tls', [3, 4, 5, 6, 7], [3, 4, 5, 6, 7]],
    ['tls.handshake.type == 1', [3], [3]],
    ['tls.handshake.type == 2', [4], [4]],
    ['tls.handshake.type == 11', [4], []],
    ['tls.handshake.type == 20', [4, 5], []],
    ['tls.record.content_type == 20', [4, 5], [4, 5]],
    ['tls.record.content_type == 22', [3, 4, 5], [3, 4]],
    ['tls.record.content_type == 23', [6, 7], []],
    ['tls.record.opaque_type == 23', [4, 5, 6, 7], [4, 5, 6, 7]],
    ['tls.handshake.extensions_server_name == "www.foo.test"', [3], [3]],
    ['tls.handshake.ciphersuite == 0x1301', [3, 4], [3, 4]],
    ['tls.alert_message.desc == 0', [7], []],
    ['http.request.method == "GET"', [6], []],
    ['http.response.code == 200', [7], []],
  ];
  for (const [filter, withSecrets, without] of table) {
    assert.deepEqual(found(frames, filter, secrets), withSecrets, filter);
    assert.deepEqual(found(frames, filter), without, filter);
  }
});

test('a frame by itself shows the records that begin with its segment', () => {
  const filter = parseFilter('tls.handshake.type == 1');
  assert.ok(typeof filter === 'function');
  const passing = (size: number): number[] =>
    capturedTls(pieces, { size })
      .filter((frame) => filter(dissect(frame)))
      .map(({ number }) => number);
  assert.deepEqual(passing(1460), [3]);
  assert.deepEqual(passing(100), []);
});

test('what is no TLS stays what it is', () => {
  const frames = Object.values(FRAMES).map((bytes, i) => ({
    number: i + 1,
    time: i as Instant,
    network: 'lan',
    bytes,
  }));
  assert.deepEqual(found(frames, 'tls'), []);
  const plain: Piece[] = [
    { from: 'client', bytes: utf8('hi\n') },
    { from: 'server', bytes: utf8('hi yourself\n') },
    { from: 'client', bytes: utf8('GET / HTTP/1.1\r\n\r\n') },
  ];
  assert.deepEqual(found(capturedTls(plain), 'tls'), []);
  assert.deepEqual(found(capturedTls(plain), 'http'), [5]);
});

test('a capture that begins in the middle shows protected records where they begin', () => {
  const frames = capturedTls(pieces).slice(5);
  assert.deepEqual(titles(frames, secrets), ['TLS protected', 'TLS protected, protected']);
});
