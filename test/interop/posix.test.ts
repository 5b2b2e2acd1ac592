// tshark's verdict on the captures of examples/posix: no frame is malformed, cut short or has a wrong checksum, and it sees
// the conversations that the programs had.

import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { EXAMPLES, load } from '../posix/examples.ts';
import { Tshark } from './tshark.ts';

const tshark = Tshark.find();
const absent = 'tshark is not installed: scripts/install-interop-tools.sh installs it';
const skip = tshark === undefined && process.env['CI'] !== 'true' ? absent : false;

suite('The posix programs, judged by tshark', { skip, concurrency: 4 }, () => {
  after(() => tshark?.close());

  for (const name of EXAMPLES) {
    test(`the capture of ${name} is clean`, async () => {
      assert.ok(tshark !== undefined, absent);
      const { pcapng } = await (await load(name)).play();
      assert.ok(pcapng !== undefined);
      const { frames, problems } = await tshark.judge(pcapng);
      assert.ok(frames > 10);
      assert.deepEqual(problems, []);
      const protocol = name.startsWith('udp') ? 'udp.port == 9999' : 'tcp.flags.syn == 1 && tcp.flags.ack == 1';
      assert.notDeepEqual(await tshark.find(pcapng, protocol), []);
    });
  }
});
