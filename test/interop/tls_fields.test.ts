// The fields of TLS, judged by tshark: with the secrets in the capture and without, records in one segment and in many.

import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { joinBytes, utf8 } from '../../src/core/bytes.ts';
import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import { keyLogLine, secretsIn } from '../../src/secure/tls/key_log.ts';
import { PcapngWriter } from '../../src/wire/pcapng_writer.ts';
import type { CapturedFrame } from '../../src/world/view/captured_frame.ts';
import { packetObjects } from '../../src/world/view/packet_list.ts';
import { capturedTls } from '../testing/tls_capture.ts';
import { eventsOf, tlsPair } from '../testing/tls_pair.ts';
import { type Piece, recorded } from '../testing/tls_wiretap.ts';
import { Tshark } from './tshark.ts';

const tshark = Tshark.find();
const absent = 'tshark is not installed: scripts/install-interop-tools.sh installs it';
const skip = tshark === undefined && process.env['CI'] !== 'true' ? absent : false;

const FIELDS = [
  'tls.record.content_type',
  'tls.record.opaque_type',
  'tls.handshake.type',
  'tls.handshake.ciphersuite',
  'tls.handshake.extensions_server_name',
  'tls.alert_message.desc',
  'http.request.method',
  'http.response.code',
] as const;

/** A handshake with a retry, a request and its answer, new keys, and the ends. */
function conversation(): { readonly pieces: readonly Piece[]; readonly keyLog: string } {
  const pair = tlsPair({ keyShares: ['P-256'] }, { groups: ['X25519'] });
  const pieces = recorded(pair);
  pair.client.write(utf8('GET / HTTP/1.1\r\nHost: www.foo.test\r\n\r\n'));
  pieces.push(...recorded(pair));
  pair.client.updateKeys(true);
  pair.server.write(utf8('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'));
  pieces.push(...recorded(pair));
  pair.client.close();
  pair.server.close();
  pieces.push(...recorded(pair));
  const lines = eventsOf(pair.client).flatMap((event) =>
    event.kind === 'secret' ? [`${keyLogLine(event.label, event.clientRandom, event.secret)}\n`] : [],
  );
  return { pieces, keyLog: lines.join('') };
}

function fileOf(frames: readonly CapturedFrame[], keyLog: string): Uint8Array {
  const writer = new PcapngWriter({ seconds: 1, nanoseconds: 0 }, 'netarium');
  const secrets = keyLog === '' ? [] : [writer.tlsSecrets(keyLog)];
  const head = [writer.header(), writer.interface('lan'), ...secrets];
  return joinBytes([...head, ...frames.map(({ time, bytes }) => writer.packet(0, time, bytes))]);
}

// Cipher suites are printed as hexadecimal, others as they are.
const plain = (value: string): string => (value.startsWith('0x') ? String(Number(value)) : value);

suite('Fields of TLS, judged by tshark', { skip, concurrency: 2 }, () => {
  after(() => tshark?.close());
  const { pieces, keyLog } = conversation();

  for (const { size, known } of [
    { size: 1460, known: keyLog },
    { size: 1460, known: '' },
    { size: 100, known: keyLog },
  ]) {
    test(`are what tshark shows in segments of ${size} bytes, ${known === '' ? 'without' : 'with'} secrets`, async () => {
      assert.ok(tshark !== undefined, absent);
      const frames = capturedTls(pieces, { size });
      const file = fileOf(frames, known);
      const { problems } = await tshark.judge(file);
      assert.deepEqual(problems, []);
      const ours = packetObjects(frames, () => true, secretsIn(known, nodeCrypto));
      const theirs = await tshark.fields(file, FIELDS);
      assert.equal(theirs.length, frames.length);
      for (const [i, { fields }] of ours.entries()) {
        const shown = Object.fromEntries(FIELDS.map((name, column) => [name, theirs[i]?.[column]?.map(plain)]));
        assert.deepEqual(Object.fromEntries(FIELDS.map((name) => [name, fields[name] ?? []])), shown, `frame ${i + 1}`);
      }
    });
  }
});
