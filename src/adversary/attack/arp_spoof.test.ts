import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Internet } from '../../doors/library/index.ts';

const CAFE = (more: object = {}, attack: object = {}) => ({
  networks: { cafe: { subnet: '10.0.0.0/24', delay: '1ms', ...more } },
  hosts: {
    alice: { interfaces: { cafe: '10.0.0.1' } },
    bob: { interfaces: { cafe: '10.0.0.2' }, services: ['echo-tcp'] },
  },
  attackers: { mallory: { interfaces: { cafe: '10.0.0.66' } } },
  timeline: [
    { at: '1s', attacker: 'mallory', attack: 'arp-spoof', with: { between: ['alice', 'bob'], ...attack } },
    { at: '20s', attacker: 'mallory', stop: 'all' },
  ],
});

/** Where a machine takes an address to be. */
const placeOf = (net: Internet, name: string, address: string): string =>
  new RegExp(`\\(${address}\\) at ([0-9a-f:]{17})`).exec(net.host(name).arp)?.[1] ?? 'nowhere';
const linkOf = (net: Internet, name: string): string =>
  /ether ([0-9a-f:]{17})/.exec(net.host(name).interfaces)?.[1] ?? '?';

for (const medium of ['ethernet', 'wifi']) {
  test(`two machines on ${medium} talk by way of the attacker, and afterwards without`, async () => {
    const net = await Internet.boot(CAFE({ medium }));
    await net.host('alice').run('ping -c 1 bob');
    await net.at('5s');
    assert.equal(placeOf(net, 'alice', '10.0.0.2'), linkOf(net, 'mallory'));
    assert.equal(placeOf(net, 'bob', '10.0.0.1'), linkOf(net, 'mallory'));
    const { output, exitCode } = await net.host('alice').run('nc -w 1 bob 7 hello');
    assert.deepEqual([exitCode, output], [0, 'hello']);
    await net.at('21s');
    assert.equal(placeOf(net, 'alice', '10.0.0.2'), linkOf(net, 'bob'));
    assert.equal(placeOf(net, 'bob', '10.0.0.1'), linkOf(net, 'alice'));
    assert.equal((await net.host('alice').run('nc -w 1 bob 7 again')).output, 'again');
    assert.ok((await net.play()).every(({ isMet }) => isMet));
  });
}

test('each frame for another crosses twice, once to the attacker and once from it, and none is lost or doubled', async () => {
  const net = await Internet.boot(CAFE());
  await net.at('5s');
  await net.host('alice').run('ping -c 3 bob');
  const mallory = linkOf(net, 'mallory');
  const requests = net.packets('icmp.type == 8');
  assert.equal(requests.length, 6);
  assert.equal(net.packets(`icmp.type == 8 && eth.src == ${mallory}`).length, 3);
  assert.equal(net.packets(`icmp.type == 8 && eth.dst == ${mallory}`).length, 3);
});

test('what is for the attacker itself it answers itself', async () => {
  const net = await Internet.boot(CAFE());
  await net.at('5s');
  assert.equal((await net.host('alice').run('ping -c 1 10.0.0.66')).exitCode, 0);
});

test('an attack that never tells a lie fails the run', async () => {
  const net = await Internet.boot({
    ...CAFE(),
    hosts: { ...CAFE().hosts, bob: { interfaces: { cafe: '10.0.0.2' }, boot: '1m' } },
  });
  const unmet = (await net.play()).filter(({ isMet }) => !isMet);
  assert.deepEqual(
    unmet.map(({ name, detail }) => `${name}: ${detail}`),
    ['step-1 does something: arp-spoof of mallory never sent or changed anything'],
  );
});

test('ARP inspection keeps both tables clean, and the two reach each other', async () => {
  for (const medium of ['ethernet', 'wifi']) {
    const net = await Internet.boot(CAFE({ medium, 'arp-inspection': { trusted: ['alice', 'bob'] } }));
    await net.host('alice').run('ping -c 1 bob');
    await net.at('10s');
    assert.equal(placeOf(net, 'alice', '10.0.0.2'), linkOf(net, 'bob'), medium);
    assert.equal(placeOf(net, 'bob', '10.0.0.1'), linkOf(net, 'alice'), medium);
    assert.equal((await net.host('alice').run('ping -c 1 bob')).exitCode, 0);
  }
});
