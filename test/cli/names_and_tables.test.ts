// The commands that find out a small thing: names, uri, tcp-states, qos, keys.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countKeys } from '../../src/doors/cli/keys.ts';
import { qualityOf } from '../../src/doors/cli/qos/quality.ts';
import { qualityRows } from '../../src/doors/cli/qos/trials.ts';
import { TWO_HOSTS } from '../testing/two_hosts.ts';
import { room } from './command_line.ts';

test('names finds the address of a name at each level, in any scenario', async (context) => {
  const { netarium, write } = room(context);
  write('two.yaml', TWO_HOSTS);
  const { status, stdout } = await netarium('names', 'two.yaml');
  assert.equal(status, 0);
  assert.match(stdout, /^variable counter +memory address 0x[0-9a-f]{8} /m);
  assert.match(stdout, /^host name bob +IPv4 address 10\.0\.0\.2 +alice, who looks it up$/m);
  assert.match(stdout, /^host name bob +IPv6 address: not built /m);
  assert.match(stdout, /^host name bob +MAC address 02:[0-9a-f:]{14} +alice, who asks on the link lan$/m);
  assert.match(stdout, /^service name http +port number 80 +alice's list of services; bob listens there$/m);
});

test('names says what cannot be found, and ends with 1', async (context) => {
  const { netarium, write } = room(context);
  const lost = TWO_HOSTS.replace(
    'interfaces: { lan: 10.0.0.1 }',
    'interfaces: { lan: 10.0.0.1 }, nameservers: [10.0.0.9]',
  )
    .replace('    interfaces: { lan: 10.0.0.2 }', '    interfaces: { lan: 10.0.0.2 }\n    dns: { mode: authoritative }')
    .replace('timeline:', 'zones: { test: { primary: bob, records: { www: { A: 10.0.0.2 } } } }\ntimeline:');
  write('lost.yaml', lost);
  const { status, stdout } = await netarium('names', 'lost.yaml');
  assert.match(stdout, /^DNS name www\.test +not found +alice, who looks it up$/m);
  assert.equal(status, 1);
});

test('uri shows the parts of each, and where one goes wrong', async (context) => {
  const { netarium } = room(context);
  const { stdout } = await netarium('uri', 'https://me@a.test/b?c#d', '//e:1/', '--base', 'http://f.test/');
  assert.equal(
    `\n${stdout}`,
    `
scheme  user  host    port   path  query  fragment
https   me    a.test  (443)  /b    c      d
http    -     e       1      /     -      -
`,
  );
  const wrong = await netarium('uri', 'http://a b/');
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /in its host:\n {2}http:\/\/a b\/\n {10}\^/);
  assert.equal((await netarium('uri', '/p', '--base', '/q')).status, 2);
});

test('keys counts what was handed out: pairs, or websites', async (context) => {
  assert.deepEqual(countKeys(3, 5, 2, 1), {
    pairwise: { different: 15, perBrowser: 3, perSite: 5, broughtToBrowser: 0 },
    keyPairs: { different: 3, perBrowser: 0, perSite: 1, broughtToBrowser: 3 },
    certificates: { different: 5, perBrowser: 0, perSite: 1, broughtToBrowser: 2 },
  });
  const { netarium } = room(context);
  const { stdout } = await netarium('keys', '--sites', '2', '--browsers', '7', '--json');
  assert.deepEqual(JSON.parse(stdout).pairwise, { different: 14, perBrowser: 2, perSite: 7, broughtToBrowser: 0 });
  assert.equal((await netarium('keys', '--sites', '0')).status, 2);
  assert.equal((await netarium('keys', '--sites', '10000', '--browsers', '10000')).status, 2);
  assert.equal((await netarium('keys', '--sites', '10001', '--browsers', '1')).status, 2);
});

test('tcp-states is the table of the stack, as text and as a picture', async (context) => {
  const { netarium } = room(context);
  assert.match((await netarium('tcp-states')).stdout, /^CloseWait +Shutdown -> LastAck, Abandoned -> Closed$/m);
  assert.match((await netarium('tcp-states', '--svg')).stdout, /^<svg [\s\S]*<\/svg>\n$/);
});

const QUALITY = `
collides with another: received | received | received
not received: lost silently | lost silently | lost silently
header corrupted: discarded silently | discarded silently | discarded silently
data corrupted: discarded silently | discarded silently | received corrupted
too long: not allowed to send | not allowed to send | cut and joined again, or dropped with notice
reordered: received out of order | received out of order | received out of order
destination unknown: lost silently | lost silently | dropped with notice
too much being sent: excess discarded silently | excess discarded silently | excess discarded silently
`;

for (const seed of [1, 2, 3]) {
  test(`what becomes of frames and packets does not hang on the seed: ${seed}`, () => {
    const lines = qualityRows(seed).map(({ event, cells }) => {
      return `${event}: ${[cells.ethernet, cells.wifi, cells.ipv4].map(({ quality }) => quality).join(' | ')}`;
    });
    assert.equal(`\n${lines.join('\n')}\n`, QUALITY);
  });
}

test('the words follow what was seen', () => {
  const none = { sent: 2, refused: 0, onLink: 2, pieces: 0, corrupted: 0, discarded: 0, notices: 0 };
  const seen = { ...none, damagedHeaders: 0, damagedData: 0, arrived: [0, 1] };
  assert.equal(qualityOf(seen), 'received');
  assert.equal(qualityOf({ ...seen, arrived: [1, 0] }), 'received out of order');
  assert.equal(qualityOf({ ...seen, arrived: [0, 0, 1] }), 'received twice');
  assert.equal(qualityOf({ ...seen, arrived: [] }), 'lost silently');
  assert.equal(qualityOf({ ...seen, arrived: [], discarded: 2 }), 'discarded silently');
  assert.equal(qualityOf({ ...seen, arrived: [], notices: 1 }), 'dropped with notice');
  assert.equal(qualityOf({ ...seen, arrived: [], corrupted: 2 }), 'received corrupted');
  assert.equal(qualityOf({ ...seen, arrived: [], refused: 2 }), 'not allowed to send');
  assert.equal(qualityOf({ ...seen, pieces: 4 }), 'cut and joined again');
  assert.equal(qualityOf({ ...seen, arrived: [1] }), 'excess discarded silently');
});

test('qos prints the table, and numbers for programs', async (context) => {
  const { netarium } = room(context);
  assert.match((await netarium('qos', '--seed', '2')).stdout, /^data corrupted .* received corrupted$/m);
  const { rows } = JSON.parse((await netarium('qos', '--json')).stdout);
  assert.equal(rows[1].cells.wifi.trials[0].sent, 100);
  assert.equal(rows[1].cells.wifi.trials[0].arrived, 0);
});
