import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes } from '../../../test/testing/bytes.ts';
import { SAMPLE_MESSAGES } from '../../../test/testing/tls_messages.ts';
import { root, tlsPair } from '../../../test/testing/tls_pair.ts';
import { overheard, recorded, secretsOf } from '../../../test/testing/tls_wiretap.ts';
import { utf8 } from '../../core/bytes.ts';
import { emitName, formatName } from '../pki/distinguished_name.ts';
import { type Explanation, explainMessage, explainOpened, explainRecord } from './explain.ts';
import { writeHandshakeMessage } from './handshake_writer.ts';

/** No byte is left out, and none told of twice. */
function assertGapless(explanation: Explanation, length: number, what: string): void {
  let at = 0;
  for (const { start, end, label } of explanation) {
    assert.ok(start === at && end > start && label !== '', `${what}: ${label} at ${start}, after ${at}`);
    at = end;
  }
  assert.equal(at, length, what);
}

const lines = (explanation: Explanation): string[] =>
  explanation.map(
    ({ start, end, label, value }) => `${start}-${end} ${label}${value === undefined ? '' : `: ${value}`}`,
  );

test('every byte of every message is told of once, and so is every byte of a malformed one', () => {
  for (const [name, { data }] of Object.entries(SAMPLE_MESSAGES)) {
    assertGapless(explainMessage(data), data.length, name);
    for (let length = 1; length < data.length; length++) {
      assertGapless(explainMessage(data.subarray(0, length)), length, `${name}, ${length} bytes`);
    }
  }
});

test('numbers have their names, those that mean nothing too', () => {
  const told = lines(explainMessage(SAMPLE_MESSAGES.clientHello.data));
  for (const line of [
    '0-1 handshake type: ClientHello',
    '4-6 legacy version: TLS 1.2',
    '73-75 cipher suite: GREASE 0x1a1a',
    '75-77 cipher suite: TLS_AES_128_GCM_SHA256',
    '85-87 extension type: GREASE 0xcaca',
    '98-110 host name: "www.foo.test"',
  ]) {
    assert.ok(told.includes(line), `${line}\n${told.join('\n')}`);
  }
});

test('what cannot be read says why', () => {
  const told = lines(explainMessage(bytes('18 00 00 02 01 07')));
  assert.deepEqual(told, [
    '0-1 handshake type: KeyUpdate',
    '1-4 length of message: 2',
    '4-5 request update: requested',
    '5-6 not read: malformed-message: 1 bytes behind the end of KeyUpdate',
  ]);
  assert.deepEqual(lines(explainMessage(bytes('63 00 00 01 07'))).at(-1), '4-5 not read: unexpected-message: 0x63');
});

test('every byte of a conversation is told of: outside and inside of protection, down to the certificates', () => {
  const pair = tlsPair();
  const pieces = recorded(pair);
  pair.client.write(utf8('ping'));
  pair.client.close();
  pieces.push(...recorded(pair));
  const secrets = secretsOf(pair.client);
  for (const records of [overheard(pieces), overheard(pieces, secrets)]) {
    for (const record of records) {
      assertGapless(explainRecord(record), record.bytes.length, 'outside');
      const opened = explainOpened(record);
      if (opened !== undefined) assertGapless(opened.explanation, opened.bytes.length, 'inside');
    }
  }
  const opened = overheard(pieces, secrets)
    .map(explainOpened)
    .filter((each) => each !== undefined);
  const labels = opened.flatMap(({ explanation }) => lines(explanation));
  for (const wanted of [
    / commonName: CA$/,
    / DNS name: www.foo.test$/,
    / alert description: close_notify$/,
    / application data$/,
  ]) {
    assert.ok(
      labels.some((label) => wanted.test(label)),
      String(wanted),
    );
  }
  const ping = opened.find(({ explanation }) => explanation[0]?.label === 'application data');
  assert.deepEqual(lines(ping?.explanation ?? []), ['0-4 application data', '4-5 content type: ApplicationData']);
});

test('a message that is cut over records is told of in each of them', () => {
  const pair = tlsPair({}, { maxRecordLength: 20 });
  const pieces = recorded(pair);
  const records = overheard(pieces, secretsOf(pair.client));
  const pings = records.map(explainOpened).filter((each) => each !== undefined);
  assert.ok(pings.length > 20);
  const cut = pings
    .flatMap(({ explanation }) => lines(explanation))
    .filter((line) => /, bytes? \d+( to \d+)? of/.test(line));
  assert.ok(
    cut.some((line) => /^0-12 serial number, bytes 7 to 18 of 18/.test(line)),
    cut.join('\n'),
  );
  for (const { explanation, bytes: inner } of pings) assertGapless(explanation, inner.length, 'a record');
});

test('a ServerHello says what its random stands for, and a CertificateRequest whom it trusts', () => {
  const { data } = SAMPLE_MESSAGES.helloRetryRequest;
  assert.ok(lines(explainMessage(data)).includes('6-38 random: none: this is a HelloRetryRequest'));
  const downgraded = SAMPLE_MESSAGES.serverHello.data.slice();
  downgraded.set(bytes('44 4f 57 4e 47 52 44 01'), 30);
  assert.ok(
    lines(explainMessage(downgraded)).includes('6-38 random: its end says that the server knows better versions'),
  );
  const name = root.certificate.subject;
  const certificateAuthorities = [emitName(name)];
  const meaning = { ...SAMPLE_MESSAGES.certificateRequest.meaning, certificateAuthorities };
  const told = lines(explainMessage(writeHandshakeMessage(meaning)));
  assert.ok(told.some((line) => line.endsWith(`distinguished name: ${formatName(name)}`)));
});
