import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, hex } from '../../../test/testing/bytes.ts';
import { SAMPLE_MESSAGES } from '../../../test/testing/tls_messages.ts';
import type { ByteSpan } from '../../core/byte_reader.ts';
import { joinBytes } from '../../core/bytes.ts';
import { type FailureReason, isFailure } from './failure.ts';
import type { ClientHello, HandshakeMessage, ServerHello } from './handshake_message.ts';
import { MAX_CERTIFICATE_ENTRIES, readHandshakeMessage } from './handshake_reader.ts';
import { writeHandshakeMessage } from './handshake_writer.ts';

const valid = (data: Uint8Array): HandshakeMessage => {
  const message = readHandshakeMessage(data);
  assert.ok(!isFailure(message), JSON.stringify(message));
  return message;
};

const reasonOf = (data: Uint8Array): FailureReason | 'none' => {
  const message = readHandshakeMessage(data);
  return isFailure(message) ? message.reason : 'none';
};

/** A number of `size` bytes, as hex. */
const number = (value: number, size: number): string => value.toString(16).padStart(2 * size, '0');

const vector = (size: number, ...contents: readonly string[]): string => {
  const whole = contents.join('').replaceAll(/\s/g, '');
  return number(whole.length / 2, size) + whole;
};

const message = (type: number, ...contents: readonly string[]): Uint8Array =>
  bytes(number(type, 1) + vector(3, ...contents));

const extension = (type: number, ...contents: readonly string[]): string => number(type, 2) + vector(2, ...contents);

const RANDOM = '5a'.repeat(32);
const RETRY = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';

const clientHello = (...extensions: readonly string[]): Uint8Array =>
  message(1, '0303', RANDOM, vector(1), vector(2, '1301'), vector(1, '00'), vector(2, ...extensions));

const serverHello = (...extensions: readonly string[]): Uint8Array =>
  message(2, '0303', RANDOM, vector(1), '1301', '00', vector(2, ...extensions));

const retryRequest = (...extensions: readonly string[]): Uint8Array =>
  message(2, '0303', RETRY, vector(1), '1301', '00', vector(2, ...extensions));

const encryptedExtensions = (...extensions: readonly string[]): Uint8Array => message(8, vector(2, ...extensions));

const certificateRequest = (...extensions: readonly string[]): Uint8Array =>
  message(13, vector(1), vector(2, ...extensions));

const certificate = (...extensions: readonly string[]): Uint8Array =>
  message(11, vector(1), vector(3, vector(3, '30'), vector(2, ...extensions)));

const newSessionTicket = (...extensions: readonly string[]): Uint8Array =>
  message(4, '00000001', '00000002', vector(1), vector(2, '07'), vector(2, ...extensions));

const SELECTED_VERSION = extension(43, '0304');

test('each message is read, and written byte for byte', () => {
  for (const [name, { data, meaning }] of Object.entries(SAMPLE_MESSAGES)) {
    assert.deepEqual(valid(data), meaning, name);
    assert.equal(hex(writeHandshakeMessage(meaning)), hex(data), name);
  }
});

test('each byte of each message is recorded once', () => {
  for (const [name, { data }] of Object.entries(SAMPLE_MESSAGES)) {
    const spans: ByteSpan[] = [];
    readHandshakeMessage(data, spans);
    let at = 0;
    for (const { start, end } of spans) {
      assert.equal(start, at, `${name}: from ${at}`);
      at = end;
    }
    assert.equal(at, data.length, name);
  }
});

test('no message is read from a part of it, nor with anything behind it', () => {
  for (const [name, { data }] of Object.entries(SAMPLE_MESSAGES)) {
    for (let length = 0; length < data.length; length++) {
      assert.equal(reasonOf(data.subarray(0, length)), 'malformed-message', `${name}, ${length} bytes`);
    }
    assert.equal(reasonOf(joinBytes([data, Uint8Array.of(0)])), 'malformed-message', name);
    const longer = joinBytes([data, Uint8Array.of(0)]);
    longer[3] = ((longer[3] ?? 0) + 1) & 0xff;
    // Any bytes are a Finished.
    if (name !== 'finished') assert.equal(reasonOf(longer), 'malformed-message', `${name}, and a byte more`);
  }
});

test('what is malformed is refused for what it is', () => {
  const table: readonly (readonly [what: string, data: Uint8Array, reason: FailureReason | 'none'])[] = [
    ['HelloRequest', message(0), 'unexpected-message'],
    ['message_hash', message(254, RANDOM), 'unexpected-message'],
    [
      'a session id of 33 bytes',
      message(1, '0303', RANDOM, vector(1, '00'.repeat(33)), vector(2, '1301'), vector(1, '00')),
      'malformed-message',
    ],
    ['no cipher suites', message(1, '0303', RANDOM, vector(1), vector(2), vector(1, '00')), 'malformed-message'],
    [
      'half a cipher suite',
      message(1, '0303', RANDOM, vector(1), vector(2, '130113'), vector(1, '00')),
      'malformed-message',
    ],
    [
      'no compression methods',
      message(1, '0303', RANDOM, vector(1), vector(2, '1301'), vector(1)),
      'malformed-message',
    ],
    [
      'a hello without a block of extensions',
      message(1, '0303', RANDOM, vector(1), vector(2, '1301'), vector(1, '00')),
      'none',
    ],
    ['an empty block of extensions', clientHello(), 'none'],
    ['an extension that runs over the end', clientHello('0000 0005 00'), 'malformed-message'],
    ['an unknown extension twice', clientHello(extension(0x1234), extension(0x1234)), 'repeated-extension'],
    ['a known extension twice', clientHello(extension(42), extension(42)), 'repeated-extension'],
    ['unknown extensions', clientHello(extension(0x1234, 'ff'), extension(0x1235)), 'none'],
    // server_name
    ['an empty server_name', clientHello(extension(0)), 'malformed-message'],
    ['no server names', clientHello(extension(0, vector(2))), 'malformed-message'],
    ['an empty host name', clientHello(extension(0, vector(2, '00', vector(2)))), 'malformed-message'],
    ['a name of another type', clientHello(extension(0, vector(2, '01', vector(2, '61')))), 'malformed-message'],
    [
      'two host names',
      clientHello(extension(0, vector(2, '00', vector(2, '61'), '00', vector(2, '62')))),
      'malformed-message',
    ],
    ['a host name with a zero', clientHello(extension(0, vector(2, '00', vector(2, '6100')))), 'illegal-value'],
    ['a host name in UTF-8', clientHello(extension(0, vector(2, '00', vector(2, 'c3a4')))), 'illegal-value'],
    [
      'bytes behind the server names',
      clientHello(extension(0, vector(2, '00', vector(2, '61')), '00')),
      'malformed-message',
    ],
    ['an answer to server_name that says something', encryptedExtensions(extension(0, '00')), 'malformed-message'],
    // lists of numbers
    ['no groups', clientHello(extension(10, vector(2))), 'malformed-message'],
    ['half a group', clientHello(extension(10, vector(2, '001d00'))), 'malformed-message'],
    ['no signature schemes', clientHello(extension(13, vector(2))), 'malformed-message'],
    ['half a signature scheme', clientHello(extension(50, vector(2, '04'))), 'malformed-message'],
    ['no versions', clientHello(extension(43, vector(1))), 'malformed-message'],
    ['half a version', clientHello(extension(43, vector(1, '030403'))), 'malformed-message'],
    ['no PSK modes', clientHello(extension(45, vector(1))), 'malformed-message'],
    // application_layer_protocol_negotiation
    ['no protocols', clientHello(extension(16, vector(2))), 'malformed-message'],
    ['an empty protocol', clientHello(extension(16, vector(2, vector(1), vector(1, '61')))), 'malformed-message'],
    ['no chosen protocol', encryptedExtensions(extension(16, vector(2))), 'malformed-message'],
    [
      'two chosen protocols',
      encryptedExtensions(extension(16, vector(2, vector(1, '61'), vector(1, '62')))),
      'malformed-message',
    ],
    // key_share
    ['no key shares', clientHello(extension(51, vector(2))), 'none'],
    ['an empty key share', clientHello(extension(51, vector(2, '001d', vector(2)))), 'malformed-message'],
    [
      'two key shares of a group',
      clientHello(extension(51, vector(2, '001d', vector(2, '01'), '001d', vector(2, '02')))),
      'illegal-value',
    ],
    [
      'a list of shares as an answer',
      serverHello(SELECTED_VERSION, extension(51, vector(2, '001d', vector(2, '01')))),
      'malformed-message',
    ],
    [
      'a share in a HelloRetryRequest',
      retryRequest(SELECTED_VERSION, extension(51, '001d', vector(2, '01'))),
      'malformed-message',
    ],
    // cookie, early_data, post_handshake_auth
    ['an empty cookie', clientHello(extension(44, vector(2))), 'malformed-message'],
    ['an empty cookie from the server', retryRequest(SELECTED_VERSION, extension(44, vector(2))), 'malformed-message'],
    ['early_data that says something', clientHello(extension(42, '00')), 'malformed-message'],
    ['post_handshake_auth that says something', clientHello(extension(49, '00')), 'malformed-message'],
    ['early_data without a size in a ticket', newSessionTicket(extension(42)), 'malformed-message'],
    // pre_shared_key
    ['no identities', clientHello(extension(41, vector(2), vector(2, vector(1, RANDOM)))), 'malformed-message'],
    [
      'an empty identity',
      clientHello(extension(41, vector(2, vector(2), '00000000', vector(2), '00000000'), vector(2, vector(1, RANDOM)))),
      'malformed-message',
    ],
    ['no binders', clientHello(extension(41, vector(2, vector(2, '07'), '00000000'), vector(2))), 'malformed-message'],
    [
      'a binder of 31 bytes',
      clientHello(
        extension(41, vector(2, vector(2, '07'), '00000000'), vector(2, vector(1, '00'.repeat(31)), vector(1))),
      ),
      'malformed-message',
    ],
    [
      'two binders for one identity',
      clientHello(
        extension(41, vector(2, vector(2, '07'), '00000000'), vector(2, vector(1, RANDOM), vector(1, RANDOM))),
      ),
      'illegal-value',
    ],
    [
      'something behind pre_shared_key',
      clientHello(extension(41, vector(2, vector(2, '07'), '00000000'), vector(2, vector(1, RANDOM))), extension(21)),
      'illegal-value',
    ],
    // certificates
    ['an empty certificate', message(11, vector(1), vector(3, vector(3), vector(2))), 'malformed-message'],
    ['no certificates', message(11, vector(1), vector(3)), 'none'],
    [
      'as many certificates as are read',
      message(11, vector(1), vector(3, (vector(3, '30') + vector(2)).repeat(MAX_CERTIFICATE_ENTRIES))),
      'none',
    ],
    [
      'one more',
      message(11, vector(1), vector(3, (vector(3, '30') + vector(2)).repeat(MAX_CERTIFICATE_ENTRIES + 1))),
      'illegal-value',
    ],
    ['an extension of a certificate twice', certificate(extension(5), extension(5)), 'repeated-extension'],
    ['no authorities', certificateRequest(extension(47, vector(2))), 'malformed-message'],
    [
      'an empty authority',
      certificateRequest(extension(47, vector(2, vector(2), vector(2, '30')))),
      'malformed-message',
    ],
    // others
    ['an empty ticket', message(4, '00000001', '00000002', vector(1), vector(2), vector(2)), 'malformed-message'],
    ['an EndOfEarlyData that says something', message(5, '00'), 'malformed-message'],
    ['an empty KeyUpdate', message(24), 'malformed-message'],
    ['a KeyUpdate of 2', message(24, '02'), 'illegal-value'],
  ];
  for (const [what, data, reason] of table) assert.equal(reasonOf(data), reason, what);
});

test('an extension stands only where RFC 8446 §4.2 lets it', () => {
  // Which of the messages may carry it, with contents that are right there.
  const group = extension(51, '001d');
  const share = extension(51, '001d', vector(2, '01'));
  const size = extension(42, '00000000');
  const places: readonly (readonly [
    place: string,
    make: (...extensions: string[]) => Uint8Array,
    allowed: readonly string[],
  ])[] = [
    ['ServerHello', (...extra) => serverHello(SELECTED_VERSION, ...extra), [share, extension(41, '0000')]],
    [
      'HelloRetryRequest',
      (...extra) => retryRequest(SELECTED_VERSION, ...extra),
      [group, extension(44, vector(2, '01'))],
    ],
    [
      'EncryptedExtensions',
      encryptedExtensions,
      [extension(0), extension(10, vector(2, '001d')), extension(16, vector(2, vector(1, '61'))), extension(42)],
    ],
    [
      'CertificateRequest',
      certificateRequest,
      [
        extension(5),
        extension(13, vector(2, '0403')),
        extension(18),
        extension(47, vector(2, vector(2, '30'))),
        extension(50, vector(2, '0403')),
      ],
    ],
    ['Certificate', certificate, [extension(5, 'ff'), extension(18, 'ff')]],
    ['NewSessionTicket', newSessionTicket, [size]],
  ];
  const known = [0, 5, 10, 13, 16, 18, 21, 41, 42, 43, 44, 45, 47, 49, 50, 51];
  for (const [place, make, allowed] of places) {
    assert.equal(reasonOf(make(...allowed)), 'none', place);
    assert.equal(reasonOf(make(extension(0xabcd, 'ff'))), 'none', place);
    const types = allowed.map((text) => Number.parseInt(text.slice(0, 4), 16));
    if (place.startsWith('Server') || place.startsWith('Hello')) types.push(43);
    for (const type of known.filter((each) => !types.includes(each))) {
      assert.equal(reasonOf(make(extension(type))), 'misplaced-extension', `${type} in ${place}`);
    }
  }
});

test('the ServerHello of TLS 1.2 is read, whatever it answers there: nobody need guess why there is no common version', () => {
  const old = valid(serverHello(extension(0), extension(0xff01, '00'), extension(16, vector(2, vector(1, '61')))));
  assert.deepEqual(old, {
    kind: 'server-hello',
    legacyVersion: 0x0303,
    random: bytes(RANDOM),
    legacySessionIdEcho: new Uint8Array(0),
    cipherSuite: 0x1301,
    compressionMethod: 0,
    extensionTypes: [0, 0xff01, 16],
  } satisfies ServerHello);
  const bare = valid(message(2, '0303', RANDOM, vector(1), '1301', '00'));
  assert.deepEqual(bare.kind === 'server-hello' && bare.extensionTypes, []);
});

test('a name of a protocol is kept as it is, byte for character', () => {
  const hello = valid(clientHello(extension(16, vector(2, vector(1, '0aff00')))));
  assert.ok(hello.kind === 'client-hello');
  assert.deepEqual(hello.alpn, ['\n\xff\0']);
  assert.equal(hex(writeHandshakeMessage(hello)), hex(clientHello(extension(16, vector(2, vector(1, '0aff00'))))));
});

test('a hello as full of extensions as one can be is read in a moment', () => {
  const many = Array.from({ length: 16_383 }, (_, type) => extension(type + 100));
  const hello = valid(clientHello(...many));
  assert.equal(hello.kind === 'client-hello' && hello.extensionTypes.length, many.length);
});

test('what is to be written must be possible', () => {
  const hello = SAMPLE_MESSAGES.clientHello.meaning;
  const without = (change: Partial<ClientHello>): HandshakeMessage => ({ ...hello, ...change });
  const table: readonly (readonly [message: HandshakeMessage, why: RegExp])[] = [
    [without({ extensionTypes: [] }), /must name server_name, which is set/],
    [without({ extensionTypes: [0] }), /must name/],
    [{ kind: 'encrypted-extensions', extensionTypes: [16] }, /must not name application_layer_protocol_negotiation/],
    [{ kind: 'encrypted-extensions', extensionTypes: [16], alpn: 'a'.repeat(256) }, /at most 255 bytes/],
    [{ kind: 'encrypted-extensions', extensionTypes: [16], alpn: '\u2603' }, /one byte for each character/],
    [{ kind: 'certificate-verify', scheme: 0, signature: new Uint8Array(65_536) }, /at most 65535 bytes/],
  ];
  for (const [impossible, why] of table) {
    assert.throws(
      () => writeHandshakeMessage(impossible),
      (error: Error) => error instanceof RangeError && why.test(error.message),
    );
  }
});

test('whatever bytes come, reading ends with a message or a failure, explains no byte twice, and can be written again', () => {
  const samples = Object.values(SAMPLE_MESSAGES).map(({ data }) => data);
  const change = fc.record({
    at: fc.nat(),
    value: fc.integer({ min: 0, max: 255 }),
    kind: fc.constantFrom('set', 'insert', 'remove'),
  });
  const mutated = fc
    .tuple(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([data, changes]) => {
      const mutant = [...data];
      for (const { at, value, kind } of changes) {
        const place = at % (mutant.length + 1);
        if (kind === 'set') mutant[place % mutant.length] = value;
        else if (kind === 'insert') mutant.splice(place, 0, value);
        else if (mutant.length > 1) mutant.splice(place, 1);
      }
      // So that more than the length is put to the test.
      if (mutant.length >= 4) mutant.splice(1, 3, 0, (mutant.length - 4) >>> 8, (mutant.length - 4) & 0xff);
      return Uint8Array.from(mutant);
    });
  fc.assert(
    fc.property(mutated, (data) => {
      const spans: ByteSpan[] = [];
      const read = readHandshakeMessage(data, spans);
      let at = 0;
      for (const { start, end } of spans) {
        assert.ok(start === at && end <= data.length);
        at = end;
      }
      if (isFailure(read)) return;
      assert.equal(at, data.length);
      assert.deepEqual(valid(writeHandshakeMessage(read)), read);
    }),
    { numRuns: 3000 },
  );
});
