import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Internet } from '../../doors/library/index.ts';

const NET = (replace: Readonly<Record<string, string>>, more: object = {}) => ({
  networks: { cafe: { subnet: '10.0.0.0/24', delay: '1ms', ...more } },
  hosts: {
    alice: { interfaces: { cafe: '10.0.0.1' } },
    bob: { interfaces: { cafe: '10.0.0.2' } },
  },
  attackers: { mallory: { interfaces: { cafe: '10.0.0.66' } } },
  timeline: [
    { at: '1s', attacker: 'mallory', attack: 'arp-spoof', with: { between: ['alice', 'bob'] } },
    { at: '2s', attacker: 'mallory', attack: 'rewrite-stream', with: { port: 7000, replace } },
  ],
});

async function talk(net: Internet, text: string): Promise<{ heard: string; answered: string; client: string }> {
  let heard = '';
  let client = '';
  net.host('bob').listen(7000, async (socket) => {
    client = socket.remote?.address ?? '';
    heard = await socket.text();
    await socket.write(`you said ${heard}`);
    socket.close();
  });
  // They know each other, so that no true answer races with the lies.
  await net.host('alice').run('ping -c 3 bob');
  await net.at('8s');
  const socket = await net.host('alice').connect(7000, '10.0.0.2');
  await socket.write(text);
  socket.end();
  const answered = await socket.text();
  socket.close();
  return { heard, answered, client };
}

test('what one says the other hears changed, in both directions, and each believes to talk to the other', async () => {
  const net = await Internet.boot(NET({ 'Pay Bob': 'Pay Eve', 'Eve now': 'Bob now' }));
  const { heard, answered, client } = await talk(net, 'Pay Bob now');
  assert.equal(heard, 'Pay Eve now');
  assert.equal(answered, 'you said Pay Bob now');
  assert.equal(client, '10.0.0.66', 'the second connection is the attacker’s own');
  const answers = net.packets('tcp.srcport == 7000 && ip.dst == 10.0.0.1');
  assert.ok(answers.length > 0);
  assert.ok(
    answers.every(({ text }) => text.includes('10.0.0.2.7000 > 10.0.0.1')),
    'alice hears from bob’s address alone',
  );
});

test('a long stream over a bad link comes through byte for byte, but for what is replaced', async () => {
  const net = await Internet.boot(NET({ NEEDLE: 'needle' }, { loss: '3%', reorder: '5%' }), { seed: 4 });
  const lines = Array.from({ length: 20_000 }, (_, i) => (i % 1000 === 7 ? 'NEEDLE' : `line ${i}`)).join('\n');
  const { heard } = await talk(net, lines);
  assert.equal(heard.length, lines.length);
  assert.ok(heard === lines.replaceAll('NEEDLE', 'needle'), 'what is heard differs'); // too long to be shown
});

test('where nobody listens, the client is told by a reset', async () => {
  const net = await Internet.boot(NET({ a: 'b' }));
  await net.at('5s');
  const socket = await net.host('alice').connect(7000, '10.0.0.2');
  await assert.rejects(socket.read(), { code: 'ECONNRESET' });
});

test('who looks at the port of the relay itself is turned away', async () => {
  const net = await Internet.boot(NET({ a: 'b' }));
  await net.at('5s');
  const [, port] = /:(\d+) .*rewrite-stream/.exec((await net.host('mallory').run('ss -tlp')).output) ?? [];
  const socket = await net.host('alice').connect(Number(port), '10.0.0.66');
  await assert.rejects(socket.read(), { code: 'ECONNRESET' });
});

test('an attack that was stopped can begin again, with other words', async () => {
  const scenario = NET({ Bob: 'Eve' });
  const again = { attacker: 'mallory', attack: 'rewrite-stream', with: { port: 7000, replace: { Bob: 'Mal' } } };
  const timeline = [
    ...scenario.timeline,
    { at: '3s', attacker: 'mallory', stop: 'rewrite-stream' },
    { at: '4s', ...again },
  ];
  const net = await Internet.boot({ ...scenario, timeline });
  assert.equal((await talk(net, 'Pay Bob')).heard, 'Pay Mal');
});
