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
