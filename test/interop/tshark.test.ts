// tshark's verdict on every shipped scenario: no frame is malformed, cut short or has a wrong checksum, those of links
// that lose, reorder and damage included (a capture holds frames as their senders sent them, so that none needs to be
// excused). And our packet filters mean what tshark says that they mean.

import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { pcapngOf, type TlsSecret } from '../../src/world/sim/capture.ts';
import type { Scenario } from '../../src/world/sim/scenario/types.ts';
import type { CapturedFrame } from '../../src/world/view/captured_frame.ts';
import { dissect } from '../../src/world/view/dissection.ts';
import { parseFilter } from '../../src/world/view/filter.ts';
import { passingFrames } from '../../src/world/view/packet_list.ts';
import { runScenario, SHIPPED_RUNS, type ShippedRun, scenarioOf } from '../scenarios/shipped_scenarios.ts';
import { httpsWorld } from '../testing/https_world.ts';
import { Tshark } from './tshark.ts';

const tshark = Tshark.find();
const { CI } = process.env;
const isDemanded = CI === 'true';
const absent = 'tshark is not installed: scripts/install-interop-tools.sh installs it';
const skip = tshark === undefined && !isDemanded ? absent : false;

interface Captured {
  readonly scenario: Scenario;
  readonly frames: readonly CapturedFrame[];
}

suite('Judged by tshark', { skip, concurrency: 8 }, () => {
  after(() => tshark?.close());

  test('the judge is there', (t) => {
    assert.ok(tshark !== undefined, absent);
    t.diagnostic(`${tshark.version} judges ${SHIPPED_RUNS.length} runs`);
  });

  for (const shipped of SHIPPED_RUNS) {
    test(`${shipped.title} is clean`, async () => {
      const { scenario, frames } = captured(shipped);
      const verdict = await judge().judge(fileOf(scenario, frames));
      assert.equal(verdict.frames, frames.length);
      assert.notEqual(verdict.frames, 0);
      assert.deepEqual(verdict.problems, []);
    });

    test(`filters of ${shipped.title} find what tshark finds`, async () => {
      const { scenario, frames } = captured(shipped);
      const file = fileOf(scenario, frames);
      for (const filter of filtersOf(scenario)) {
        const ours = parseFilter(filter);
        assert.ok(typeof ours === 'function', filter);
        const theirs = await judge().find(file, filter);
        assert.deepEqual(
          passingFrames(frames, ours).map(({ number }) => number),
          theirs,
          filter,
        );
      }
    });
  }

  test('TLS is decrypted by the secrets in the capture alone, early data too, and not without them', async () => {
    const again = 'curl --ssl-sessions https://www/';
    const simulation = httpsWorld({
      service: ', max-early-data: 1KiB',
      commands: [
        [1, again],
        [2, `${again} --tls-earlydata`],
        [3, 'curl --curves P-384:X25519 --tls13-ciphers TLS_CHACHA20_POLY1305_SHA256 https://www/'],
        [4, 'curl --curves X25519MLKEM768 --tls13-ciphers TLS_AES_256_GCM_SHA384 https://www/'],
      ],
    });
    const { scenario, world } = simulation;
    const frames = world.capture?.frames() ?? [];
    const file = fileOf(scenario, frames, world.capture?.tlsSecrets());
    const verdict = await judge().judge(file);
    assert.deepEqual(verdict.problems, []);
    assert.equal((await judge().find(file, 'http.request.uri == "/"')).length, 4);
    assert.equal((await judge().find(file, 'http.response.code == 200')).length, 4);
    assert.equal((await judge().find(file, 'tls.handshake.type == 11')).length, 3, 'certificates');
    assert.equal((await judge().find(file, 'tls.handshake.type == 5')).length, 1, 'the end of early data');
    const shut = fileOf(scenario, frames);
    assert.deepEqual(await judge().find(shut, 'http'), []);
    assert.equal((await judge().find(shut, 'tls.handshake.type == 1')).length, 4);
  });

  test('a turned bit is found', async () => {
    const { scenario, frames } = captured({ file: 'home-behind-nat.yaml', variant: undefined, title: '' });
    for (const [filter, complaint] of [
      ['tcp.len > 0', /bad TCP checksum/],
      ['dns', /bad UDP checksum/],
    ] as const) {
      const matches = parseFilter(filter);
      const at = typeof matches === 'function' ? frames.findIndex((frame) => matches(dissect(frame))) : -1;
      const damaged = frames.map((frame, i) => (i === at ? withTurnedBit(frame) : frame));
      const { problems } = await judge().judge(fileOf(scenario, damaged));
      assert.match(problems.join('\n'), complaint, filter);
    }
  });

  test('a frame that is cut is found', async () => {
    const { scenario, frames } = captured({ file: 'home-behind-nat.yaml', variant: undefined, title: '' });
    const cut = frames.map((frame) => ({ ...frame, bytes: frame.bytes.subarray(0, 40) }));
    const { problems } = await judge().judge(fileOf(scenario, cut));
    assert.match(problems.join('\n'), /malformed|cut short/);
  });
});

function judge(): Tshark {
  assert.ok(tshark !== undefined, absent);
  return tshark;
}

function captured({ file, variant }: ShippedRun): Captured {
  const scenario = scenarioOf(file, { variant });
  const frames = runScenario(scenario).world.capture?.frames() ?? [];
  return { scenario, frames };
}

const fileOf = (scenario: Scenario, frames: readonly CapturedFrame[], secrets: readonly TlsSecret[] = []): Uint8Array =>
  pcapngOf(
    frames,
    scenario.networks.map(({ name }) => name),
    scenario.start,
    'netarium',
    secrets,
  );

const filtersOf = ({ expectations, faults }: Scenario): ReadonlySet<string> =>
  new Set([
    ...expectations.flatMap((each) => (each.kind === 'packets' ? [each.filter] : [])),
    ...faults.map(({ filter }) => filter),
  ]);

function withTurnedBit(frame: CapturedFrame): CapturedFrame {
  const bytes = frame.bytes.slice();
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return { ...frame, bytes };
}
