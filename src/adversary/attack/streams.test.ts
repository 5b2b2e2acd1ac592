import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '../../core/bytes.ts';
import { Internet } from '../../doors/library/index.ts';
import { heardIn } from './streams.ts';

const NET = {
  networks: { lan: { subnet: '10.0.0.0/24', delay: '1ms', loss: '10%', reorder: '20%', duplicate: '10%' } },
  hosts: { alice: { interfaces: { lan: '10.0.0.1' } }, bob: { interfaces: { lan: '10.0.0.2' } } },
};

test('a stream that was lost, sent twice and out of order in parts is heard as it was written', async () => {
  const net = await Internet.boot(NET, { seed: 5 });
  const text = Array.from({ length: 3000 }, (_, i) => `line ${i}\n`).join('');
  net.host('bob').listen(80, async (socket) => {
    await socket.text();
    socket.close();
  });
  const socket = await net.host('alice').connect(80, 'bob');
  await socket.write(text);
  socket.close();
  await net.advance('1m');
  const streams = heardIn(net.packets()).filter(({ origin }) => origin.endsWith(':80'));
  assert.deepEqual(
    streams.map(({ bytes }) => textOf(bytes)),
    [text],
  );
});

test('each datagram is heard whole', async () => {
  const net = await Internet.boot({ ...NET, networks: { lan: { subnet: '10.0.0.0/24' } } });
  const receiver = net.host('bob').udp(53);
  await net.host('alice').udp(5000).send('one', 53, 'bob');
  await receiver.receive('1s');
  const heard = heardIn(net.packets('udp'));
  assert.deepEqual(
    heard.map(({ bytes, origin }) => `${origin}: ${textOf(bytes)}`),
    ['10.0.0.1:5000 to 10.0.0.2:53: one'],
  );
});

const CUT = {
  networks: {
    near: { subnet: '10.0.0.0/24' },
    far: { subnet: '10.0.1.0/24', mtu: 576, reorder: '40%', duplicate: '30%' },
  },
  hosts: {
    alice: { interfaces: { near: '10.0.0.1' }, routes: { default: 'router' } },
    router: { kind: 'router', interfaces: { near: '10.0.0.254', far: '10.0.1.254' } },
    bob: { interfaces: { far: '10.0.1.2' }, routes: { default: 'router' } },
  },
};

test('a secret across the places where a packet was cut is heard, in whatever order the fragments come', async () => {
  const net = await Internet.boot(CUT, { seed: 3 });
  const secret = net.secret('pin');
  // 8 bytes of UDP header lie in the first fragment too: the cuts are at 544, 1096 ... of what is sent
  const text = `${'.'.repeat(536)}${secret.text}${'.'.repeat(1000)}`;
  await net.host('alice').udp(5000).send(text, 53, '10.0.1.2');
  await net.advance('1s');
  const fragments = net.packets('ip.flags.mf == 1 || ip.frag_offset > 0').filter(({ network }) => network === 'far');
  assert.ok(fragments.length >= 3, `${fragments.length}`);
  assert.ok(!fragments.some(({ bytes }) => textOf(bytes).includes(secret.text)), 'no fragment holds it whole');
  assert.equal(net.eavesdropper('far').pathTo(secret), '10.0.0.1:5000 to 10.0.1.2:53');
});

test('what is left of a packet is heard even where a fragment never came', async () => {
  const net = await Internet.boot(CUT, { seed: 3 });
  const [early, late] = [net.secret('early'), net.secret('late')];
  await net
    .host('alice')
    .udp(5000)
    .send(`${early.text}${'.'.repeat(1500)}${late.text}`, 53, '10.0.1.2');
  await net.advance('1s');
  const frames = net.packets('ip.dst == 10.0.1.2').filter(({ network }) => network === 'far');
  const withoutLast = frames.filter(({ bytes }) => !textOf(bytes).includes(late.text));
  assert.ok(withoutLast.length < frames.length);
  const heard = heardIn(withoutLast).map(({ bytes }) => textOf(bytes));
  assert.ok(heard.some((text) => text.includes(early.text)));
  assert.ok(!heard.some((text) => text.includes(late.text)));
});
