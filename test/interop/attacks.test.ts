// tshark's verdict on the ladder of channels: what attackers change and add is as well-formed as what they change it from.

import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { ENTRIES } from '../../src/adversary/channel/entries.ts';
import { runEntry } from '../../src/adversary/channel/entry.ts';
import { NETWORK } from '../../src/adversary/channel/stage.ts';
import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import { pcapngOf } from '../../src/world/sim/capture.ts';
import { Tshark } from './tshark.ts';

const tshark = Tshark.find();
const absent = 'tshark is not installed: scripts/install-interop-tools.sh installs it';
const skip = tshark === undefined && process.env['CI'] !== 'true' ? absent : false;

suite('The ladder of channels, judged by tshark', { skip, concurrency: 4 }, () => {
  after(() => tshark?.close());

  for (const entry of ENTRIES) {
    test(`the captures of ${entry.id} are clean`, async () => {
      assert.ok(tshark !== undefined, absent);
      for (const variant of ['vulnerable', 'cured'] as const) {
        const { frames } = runEntry(entry, variant, nodeCrypto);
        const capture = pcapngOf(frames, [NETWORK], { seconds: 0, nanoseconds: 0 }, 'netarium');
        const verdict = await tshark.judge(capture);
        assert.equal(verdict.frames, frames.length);
        assert.deepEqual(verdict.problems, [], variant);
      }
    });
  }
});
