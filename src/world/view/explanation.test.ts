import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runScenario, scenarioOf } from '../../../test/scenarios/shipped_scenarios.ts';
import { FRAMES, tcpFrame, udpFrame } from '../../../test/testing/frames.ts';
import { capturedTls } from '../../../test/testing/tls_capture.ts';
import { tlsPair } from '../../../test/testing/tls_pair.ts';
import { type Piece, recorded, secretsOf } from '../../../test/testing/tls_wiretap.ts';
import { runTwoHosts } from '../../../test/testing/two_hosts.ts';
import { joinBytes, utf8 } from '../../core/bytes.ts';
import type { Instant } from '../../core/time.ts';
import { nodeCrypto } from '../../secure/crypto/node.ts';
import { secretsIn } from '../../secure/tls/key_log.ts';
import { encodeDns } from '../../wire/dns_message.ts';
import { dnsName } from '../../wire/dns_name.ts';
import { TcpFlag } from '../../wire/tcp.ts';
import type { CapturedFrame } from './captured_frame.ts';
import { CaptureExplainer, type ExplainedPart } from './explanation.ts';

const frameOf = (bytes: Uint8Array, number = 1): CapturedFrame => ({
  number,
  time: 0 as Instant,
  network: 'lan',
  bytes,
});

/** Every byte of the frame, and every one that was under protection, is told of once, with a label. */
function assertWhole(parts: readonly ExplainedPart[], frame: CapturedFrame): void {
  const visible = parts.filter(({ at }) => at !== undefined);
  assert.deepEqual(joinBytes(visible.map(({ bytes }) => bytes)), frame.bytes);
  let next = 0;
  for (const { at, bytes } of visible) {
    assert.equal(at, next);
    next += bytes.length;
  }
  for (const { title, bytes, explanation } of parts) {
    let told = 0;
    for (const { start, end, label } of explanation) {
      assert.ok(start === told && end > start && label !== '', `${title}: ${label}`);
      told = end;
    }
    assert.equal(told, bytes.length, title);
  }
}

const lines = (parts: readonly ExplainedPart[]): string[] =>
  parts.flatMap(({ title, explanation }) => [
    title,
    ...explanation.map(({ label, value }) => `  ${label}${value === undefined ? '' : `: ${value}`}`),
  ]);

test('every byte of every kind of frame is told of once', () => {
  for (const bytes of Object.values(FRAMES)) {
    const frame = frameOf(bytes);
    assertWhole(new CaptureExplainer([frame]).explain(frame), frame);
    for (let length = 0; length < bytes.length; length += 3) {
      const cut = frameOf(bytes.subarray(0, length));
      assertWhole(new CaptureExplainer([cut]).explain(cut), cut);
    }
  }
});

test('a SYN, header by header', () => {
  const frame = frameOf(FRAMES.syn);
  assert.equal(
    `\n${lines(new CaptureExplainer([frame]).explain(frame)).join('\n')}\n`,
    `
Ethernet
  destination: 02:00:00:00:00:02
  source: 02:00:00:00:00:01
  type: 0x0800 (IPv4)
IPv4
  version and header length: version 4, 20 bytes
  DSCP and ECN: DSCP 0, ECN 0
  total length: 60
  identification: 4660
  flags and fragment offset: don't fragment, offset 0
  time to live: 64
  protocol: 6 (TCP)
  header checksum: 0x1486
  source: 10.0.0.1
  destination: 10.0.0.2
TCP
  source port: 4000
  destination port: 80
  sequence number: 4294967295
  acknowledgment number: 0
  header length: 40 bytes
  flags: SYN
  window: 65535
  checksum: 0x240f
  urgent pointer: 0
  maximum segment size: 1460
  SACK permitted: yes
  timestamps: value 4294967294, echo 0
  no operation
  window scale: 2^7
`,
  );
});

test('an ICMP error, and the packet that it is about', () => {
  const frame = frameOf(FRAMES.portUnreachable);
  const titles = new CaptureExplainer([frame]).explain(frame).map(({ title }) => title);
  assert.deepEqual(titles, ['Ethernet', 'IPv4', 'ICMP', 'IPv4', 'UDP']);
});

test('DNS over UDP and over TCP, and HTTP', () => {
  const question = { name: dnsName('www.foo.test.'), type: 1, class: 1 };
  const message = encodeDns({
    ...{ id: 7, isResponse: false, opcode: 0, isAuthoritative: false, isTruncated: false, isRecursionDesired: true },
    ...{ isRecursionAvailable: false, isAuthenticData: false, isCheckingDisabled: false, rcode: 0 },
    ...{ questions: [question], answers: [], authorities: [], additionals: [] },
  });
  const segment = { serverPort: 53, sequence: 1, flags: TcpFlag.Ack, window: 1 };
  const overTcp = tcpFrame({ ...segment, payload: joinBytes([Uint8Array.of(0, message.length), message]) });
  for (const bytes of [udpFrame(4000, 53, message), overTcp]) {
    const frame = frameOf(bytes);
    const parts = new CaptureExplainer([frame]).explain(frame);
    assertWhole(parts, frame);
    assert.ok(lines(parts).includes('  question name: www.foo.test.'));
  }
  const { world } = runTwoHosts();
  const frames = world.capture?.frames() ?? [];
  const explainer = new CaptureExplainer(frames);
  const told = frames.map((frame) => {
    const parts = explainer.explain(frame);
    assertWhole(parts, frame);
    return lines(parts);
  });
  assert.ok(told.some((each) => each.includes('  request line: GET / HTTP/1.1')));
  assert.ok(told.some((each) => each.includes('  body')));
});

function conversation(): { pieces: Piece[]; secrets: ReturnType<typeof secretsOf> } {
  const pair = tlsPair();
  const pieces = recorded(pair);
  pair.client.write(utf8('GET /secret HTTP/1.1\r\nHost: www.foo.test\r\n\r\n'));
  pieces.push(...recorded(pair));
  pair.client.close();
  pieces.push(...recorded(pair));
  return { pieces, secrets: secretsOf(pair.client) };
}

test('TLS, outside and inside of protection, wherever segments cut it', () => {
  const { pieces, secrets } = conversation();
  for (const size of [1460, 200, 7]) {
    const frames = capturedTls(pieces, { size });
    const [knowing, other] = [new CaptureExplainer(frames, secrets), new CaptureExplainer(frames)];
    const told = frames.flatMap((frame) => {
      assertWhole(other.explain(frame), frame);
      const parts = knowing.explain(frame);
      assertWhole(parts, frame);
      return lines(parts);
    });
    for (const wanted of [
      'under protection of SERVER_HANDSHAKE_TRAFFIC_SECRET: TLS [EncryptedExtensions, Certificate, CertificateVerify, Finished]',
      'under protection of CLIENT_TRAFFIC_SECRET_0: TLS [GET /secret]',
      '  request line: GET /secret HTTP/1.1',
      '  DNS name: www.foo.test',
      '  alert description: close_notify',
    ]) {
      assert.ok(told.includes(wanted), `${wanted}\n${told.join('\n')}`);
    }
  }
});

test('a record whose end was never captured is told of as one', () => {
  const { pieces } = conversation();
  const frames = capturedTls(pieces, { size: 100 }).slice(0, 7);
  const last = frames[6];
  assert.ok(last !== undefined);
  const parts = new CaptureExplainer(frames).explain(last);
  assertWhole(parts, last);
  assert.equal(parts.at(-1)?.title, 'TLS, the beginning of a record whose end was not captured');
});

test('every byte of a whole run is told of, and all of it is understood', () => {
  const { capture } = runScenario(scenarioOf('home-behind-nat.yaml')).world;
  const frames = capture?.frames() ?? [];
  const explainer = new CaptureExplainer(frames, secretsIn(capture?.keyLog() ?? '', nodeCrypto));
  let opened = 0;
  for (const frame of frames) {
    const parts = explainer.explain(frame);
    assertWhole(parts, frame);
    const labels = parts.flatMap(({ explanation }) => explanation.map(({ label }) => label));
    assert.ok(!labels.includes('not read'), `${frame.number}: ${labels.join(', ')}`);
    opened += parts.filter(({ at }) => at === undefined).length;
  }
  assert.ok(frames.length > 50 && opened > 10, `${opened} records opened in ${frames.length} frames`);
});

test('whatever a frame is, all of it is told of', () => {
  const { pieces, secrets } = conversation();
  const samples = [...Object.values(FRAMES), ...capturedTls(pieces).map(({ bytes }) => bytes)];
  const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 4 }), (sample, changes) => {
      const bytes = sample.slice();
      for (const [place, value] of changes) bytes[place % bytes.length] = value;
      const frame = frameOf(bytes);
      assertWhole(new CaptureExplainer([frame], secrets).explain(frame), frame);
    }),
    { numRuns: 500 },
  );
});
