import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as realTime } from 'node:timers/promises';
import {
  DeadlockError,
  Internet,
  milliseconds,
  type Program,
  ScenarioError,
  type ScenarioObject,
  SocketError,
  seconds,
} from './index.ts';

const LAN = {
  networks: { lan: { subnet: '10.0.0.0/24', delay: '5ms' } },
  hosts: { alice: { interfaces: { lan: '10.0.0.1' } }, bob: { interfaces: { lan: '10.0.0.2' } } },
} satisfies ScenarioObject;

const LAN_YAML = `
version: 1
name: lan
networks:
  lan: { subnet: 10.0.0.0/24, delay: 5ms }
hosts:
  alice: { interfaces: { lan: 10.0.0.1 } }
  bob: { interfaces: { lan: 10.0.0.2 } }
`;

const slotsInUse = (net: Internet): number => net.simulation.world.arena.slotsInUse;

test('a command runs as in a machine’s shell', async () => {
  const net = await Internet.boot(LAN);
  const { exitCode, output, error } = await net.host('alice').run('ping -c 1 bob');
  assert.equal(
    output,
    `PING bob (10.0.0.2) 56(84) bytes of data.
64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=20.0 ms

--- bob ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
rtt min/avg/max/mdev = 20.000/20.000/20.000/0.000 ms`,
  );
  assert.deepEqual([exitCode, error], [0, undefined]);
  assert.equal(net.host('alice').arp, '? (10.0.0.2) at 02:6f:56:ee:9b:22 [ether] on lan\n');
});

test('what was put on the wire is listed in the words of tcpdump', async () => {
  const net = await Internet.boot(LAN);
  await net.host('alice').run('ping -c 1 bob');
  const lines = net.packets().map(({ time, network, text }) => `${time / 1e6} ms ${network}  ${text}`);
  const exchange = lines.filter((line) => line.includes('10.0.0.2 tell 10.0.0.1') || line.includes('ICMP'));
  assert.equal(
    `\n${exchange.join('\n')}`,
    `
0 ms lan  ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28
10 ms lan  IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 4463, seq 1, length 64
15 ms lan  IP 10.0.0.2 > 10.0.0.1: ICMP echo reply, id 4463, seq 1, length 64`,
  );
  assert.equal(net.packets('icmp && ip.src == 10.0.0.2').length, 1);
  assert.equal(new DataView(net.pcapng().buffer).getUint32(0), 0x0a0d0d0a);
});

test('a ladder shows who sent what to whom', async () => {
  const net = await Internet.boot(LAN);
  await net.host('alice').run('ping -c 1 bob');
  assert.match(net.ladder('icmp.type == 8'), /alice +bob\n *0\.010000 +lan +│── echo request, seq 1 ─+▶│$/);
});

test('an object, a file and a builder give the same bytes; another seed gives others', async () => {
  const builder = Internet.builder('lan')
    .network('lan', LAN.networks.lan)
    .host('alice', LAN.hosts.alice)
    .host('bob', LAN.hosts.bob);
  const digests: string[] = [];
  for (const source of [LAN, LAN_YAML, builder]) {
    const net = await Internet.boot(source);
    await net.host('alice').run('ping -c 2 bob');
    digests.push(net.digest);
  }
  assert.equal(new Set(digests).size, 1);
  const other = await Internet.boot(LAN, { seed: 2 });
  await other.host('alice').run('ping -c 2 bob');
  assert.notEqual(other.digest, digests[0]);
});

test('sockets with promises carry a stream both ways, and leave nothing behind', async () => {
  const net = await Internet.boot(LAN);
  const served: string[] = [];
  net.host('bob').listen(7, async (socket) => {
    served.push(socket.remote?.address ?? 'nobody');
    for await (const bytes of socket) await socket.write(bytes);
    socket.close();
  });
  const socket = await net.host('alice').connect(7, 'bob');
  assert.deepEqual(socket.remote, { address: '10.0.0.2', port: 7 });
  await socket.write('over a wire ');
  await socket.write(new TextEncoder().encode('of ten milliseconds'));
  socket.end();
  assert.equal(await socket.text(), 'over a wire of ten milliseconds');
  socket.close();
  assert.deepEqual(served, ['10.0.0.1']);
  await net.play();
  assert.equal(slotsInUse(net), 0);
});

test('a megabyte crosses a lossy network whole', async () => {
  const net = await Internet.boot({
    ...LAN,
    networks: { lan: { ...LAN.networks.lan, rate: '100Mbps', loss: '2%' } },
  });
  const sent = Uint8Array.from({ length: 1_000_000 }, (_, i) => i % 251);
  net.host('bob').listen(80, async (socket) => {
    await socket.write(sent);
    socket.close();
  });
  const socket = await net.host('alice').connect(80, '10.0.0.2');
  assert.deepEqual(await socket.bytes(), sent);
  assert.ok(net.packets().some(({ comment }) => comment === 'lost on the link'));
});

test('a port where nobody listens refuses, and a name that nobody has is not found', async () => {
  const net = await Internet.boot(LAN);
  const alice = net.host('alice');
  await assert.rejects(alice.connect(80, 'bob'), { name: 'SocketError', code: 'ECONNREFUSED' });
  await assert.rejects(alice.connect(80, 'carol'), { name: 'SocketError', code: 'EAI_AGAIN' });
  const taken = net.host('bob').listen(80, () => {});
  assert.throws(() => net.host('bob').listen(80, () => {}), { name: 'SocketError', code: 'EADDRINUSE' });
  taken.close();
  await assert.rejects(alice.connect(80, 'bob'), { code: 'ECONNREFUSED' });
  assert.ok(net.host('bob').listen(0, () => {}).port > 1023);
});

test('datagrams arrive whole; a wait for one that does not come takes exactly its time', async () => {
  const net = await Internet.boot(LAN);
  const server = net.host('bob').udp(53);
  const client = net.host('alice').udp();
  await client.send('who is there?', 53, 'bob');
  const question = await server.receive();
  assert.ok(question !== undefined);
  assert.deepEqual([new TextDecoder().decode(question.data), question.address], ['who is there?', '10.0.0.1']);
  await server.send('bob', question.port, question.address);
  assert.equal((await client.receive('1s'))?.data.length, 3);
  const before = net.now;
  assert.equal(await client.receive('1500ms'), undefined);
  assert.equal(net.now - before, 1500);
});

test('a program runs over the machine’s own sockets, and what it returns or throws is the outcome', async () => {
  const net = await Internet.boot(LAN);
  const alice = net.host('alice');
  const slept = await alice.program(function* (system): Program<number> {
    yield* system.sleep(milliseconds(250));
    return system.now;
  });
  assert.equal(slept, seconds(0.25));
  const failing = alice.program(function* (system): Program<void> {
    yield* system.sleep(seconds(1));
    throw new RangeError('its own affair');
  });
  await assert.rejects(failing, { name: 'RangeError', message: 'its own affair' });
});

test('time stands still while nobody waits, and stops where a promise was resolved', async () => {
  const net = await Internet.boot(LAN);
  const early = net.host('alice').run('ping -c 1 bob');
  const late = net.advance('1h');
  await early;
  assert.equal(net.now, 20);
  await late;
  assert.equal(net.now, 3_600_000);
  await realTime(5);
  assert.equal(net.now, 3_600_000);
  await net.at('2h');
  assert.equal(net.now, 7_200_000);
});

test('whoever is resolved at an instant acts before anything else happens', async () => {
  const net = await Internet.boot(LAN);
  const order: string[] = [];
  const turn = async (name: string): Promise<void> => {
    await net.host(name).program((system) => system.sleep(milliseconds(10)));
    order.push(`${name} at ${net.now}`);
    await net.host(name).program((system) => system.sleep(milliseconds(10)));
    order.push(`${name} at ${net.now}`);
  };
  await Promise.all([turn('bob'), turn('alice')]);
  assert.deepEqual(order, ['alice at 10', 'bob at 10', 'alice at 20', 'bob at 20']);
});

test('a deadlock says who waits for what', async () => {
  const net = await Internet.boot(LAN);
  net.host('bob').listen(7, async (socket) => {
    await socket.read();
  });
  const socket = await net.host('alice').connect(7, 'bob');
  await assert.rejects(socket.read(), (error) => {
    assert.ok(error instanceof DeadlockError);
    assert.deepEqual(error.waiting, ['alice reads from 10.0.0.2:7', `bob reads from 10.0.0.1:${socket.local?.port}`]);
    return true;
  });
  // The internet goes on after it.
  await socket.write('hello');
  assert.equal((await net.host('alice').run('ping -c 1 bob')).exitCode, 0);
});

test('what goes wrong in a handler is not passed over', async () => {
  const net = await Internet.boot(LAN);
  net.host('bob').listen(7, async (socket) => {
    await socket.read();
    throw new Error('a defect of the test');
  });
  const socket = await net.host('alice').connect(7, 'bob');
  await socket.write('x');
  await assert.rejects(socket.read(), { message: 'a defect of the test' });
  await assert.rejects(net.advance('1s'), { message: 'a defect of the test' });
});

test('a program that fails where nobody waits for it is not passed over either', async () => {
  const net = await Internet.boot(LAN);
  const waiting = net.host('bob').udp(53).receive('1h');
  const spawning = net.host('alice').program(function* (system): Program<void> {
    system.spawn(
      'child',
      (function* (): Program<void> {
        yield* system.sleep(seconds(1));
        throw new Error('a defect of the child');
      })(),
    );
    yield* system.sleep(seconds(2));
  });
  await assert.rejects(spawning, { message: 'a defect of the child' });
  await assert.rejects(waiting, { message: 'a defect of the child' });
});

test('a handler whose peer resets does no harm to the others', async () => {
  const net = await Internet.boot(LAN);
  net.host('bob').listen(7, async (socket) => {
    for await (const bytes of socket) await socket.write(bytes);
  });
  const rude = await net.host('alice').connect(7, 'bob');
  rude.abort();
  const polite = await net.host('alice').connect(7, 'bob');
  await polite.write('still there?');
  assert.equal((await polite.read())?.length, 12);
});

test('when a machine goes down, whoever waits on it is told', async () => {
  const net = await Internet.boot(LAN);
  const waiting = net.host('bob').udp(53).receive('1h');
  const { built, world } = net.simulation;
  built.actOnHost('bob', 'crash', world.now);
  await assert.rejects(waiting, {
    code: 'ECONNABORTED',
    message: /bob went down: bob waits for a datagram on port 53/,
  });
  await assert.rejects(net.host('bob').run('arp -an'), { code: 'ECONNABORTED', message: /bob is switched off/ });
});

test('a machine that asks for its address has it when the internet has booted', async () => {
  const net = await Internet.boot({
    networks: { home: { subnet: '192.168.1.0/24', medium: 'wifi', delay: '2ms' } },
    hosts: {
      alice: { interfaces: { home: 'dhcp' } },
      router: {
        kind: 'router',
        interfaces: { home: '192.168.1.1' },
        dhcp: { network: 'home', range: '192.168.1.100-192.168.1.199', lease: '12h' },
      },
    },
  });
  assert.match(net.host('alice').interfaces, /192\.168\.1\.1\d\d\/24/);
  assert.match(net.host('alice').routes, /^0\.0\.0\.0 +192\.168\.1\.1 /m);
});

test('a scenario’s own timeline is played and judged', async () => {
  const net = await Internet.boot(`${LAN_YAML}
timeline: [{ at: 1s, id: ping, host: alice, run: ping -c 1 10.0.0.2 }]
expect:
  - { name: an answer, packets: icmp.type == 0, at: lan, count: 1 }
  - { name: no answer, packets: icmp.type == 0, at: lan, count: 0 }
`);
  const verdicts = await net.play();
  assert.deepEqual(
    verdicts.map(({ name, isMet }) => [name, isMet]),
    [
      ['an answer', true],
      ['no answer', false],
    ],
  );
});

test('a fault that never struck is told of', async () => {
  const net = await Internet.boot(`${LAN_YAML}
timeline: [{ at: 1s, id: ping, host: alice, run: ping -c 1 10.0.0.2 }]
faults: [{ id: no-pages, drop: http }]
`);
  const verdicts = await net.play();
  assert.deepEqual(
    verdicts.map(({ name, isMet }) => [name.includes('no-pages'), isMet]),
    [[true, false]],
  );
});

test('a scenario that cannot run is refused with all of its problems', async () => {
  const broken = { ...LAN, hosts: { ...LAN.hosts, carol: { interfaces: { lna: '10.0.0.2' } } } };
  await assert.rejects(Internet.boot(broken), (error) => {
    assert.ok(error instanceof ScenarioError);
    assert.match(error.message, /unknown network "lna".*did you mean "lan"\?/s);
    return true;
  });
});

test('closing tells whoever waits, and nothing can be asked afterwards', async () => {
  const net = await Internet.boot(LAN);
  const waiting = [net.host('bob').udp(53).receive('1h'), net.advance('2h'), net.host('alice').run('ping bob')];
  net.close();
  for (const each of waiting) await assert.rejects(each, { message: 'this internet is closed' });
  await assert.rejects(net.host('alice').run('arp'), { message: 'this internet is closed' });
  assert.throws(() => net.host('alice').listen(7, () => {}), { message: 'this internet is closed' });
});

test('wrong arguments are refused with a sentence', async () => {
  const net = await Internet.boot(LAN);
  const alice = net.host('alice');
  const socket = alice.udp();
  const wrong = undefined as unknown as string;
  await assert.rejects(Internet.boot([] as unknown as string), /boots from an object, the text of a scenario file/);
  await assert.rejects(Internet.boot(LAN, { seed: -1 }), /a seed is a whole number from 0/);
  assert.throws(() => net.host('carol'), new RangeError('there is no host "carol"; there are alice, bob'));
  assert.throws(() => net.packets('ip.src =='), /the packet filter "ip\.src ==" is wrong at character/);
  await assert.rejects(net.advance('5'), /^TypeError: "5" is not a duration: write a number with its unit/);
  await assert.rejects(net.advance('forever'), /"forever" has no end/);
  await net.advance('1s');
  await assert.rejects(net.at('1ms'), new RangeError('it is 1000 ms already, later than 1ms'));
  await assert.rejects(alice.run(''), /^TypeError: a command is a text/);
  await assert.rejects(alice.program(wrong as never), /a program is a function, not undefined/);
  await assert.rejects(alice.connect(0, 'bob'), new RangeError('a port is a whole number from 1 to 65535, not 0'));
  await assert.rejects(alice.connect(80, wrong), /an address or a name is a text/);
  assert.throws(() => alice.listen(65_536, () => {}), /a port is a whole number from 0 to 65535, not 65536/);
  assert.throws(() => alice.listen(80, wrong as never), /a handler is a function, not undefined/);
  await assert.rejects(socket.send(5 as never, 53, 'bob'), /data is a Uint8Array or a text, not 5/);
  await assert.rejects(socket.receive('soon'), /"soon" is not a duration/);
  assert.ok(new SocketError('EPIPE', 'x') instanceof Error);
});

test('an eavesdropper knows what it heard, however it was written, and nothing else', async () => {
  const net = await Internet.boot({
    networks: { lan: { subnet: '10.0.0.0/24' }, far: { subnet: '10.0.1.0/24' } },
    hosts: {
      alice: { interfaces: { lan: '10.0.0.1' } },
      bob: { interfaces: { lan: '10.0.0.2', far: '10.0.1.2' } },
    },
  });
  const pin = net.secret('pin');
  const said = net.secret('password');
  net.host('bob').listen(80, async (socket) => {
    await socket.text();
    socket.close();
  });
  const socket = await net.host('alice').connect(80, 'bob');
  await socket.write(`Authorization: Basic ${btoa(`alice:${said.text}`)}`);
  socket.close();
  await net.advance('1s');
  assert.match(net.eavesdropper('lan').pathTo(said) ?? '', /^10\.0\.0\.1:\d+ to 10\.0\.0\.2:80, base64$/);
  assert.equal(net.eavesdropper('far').knows(said), false);
  assert.equal(net.eavesdropper().knows(pin), false);
  assert.throws(() => net.eavesdropper('wan'), RangeError);
});

test('a page over TLS comes until its certificate has expired, and nobody reads it on the way', async () => {
  const builder = Internet.builder('secure')
    .network('lan', { subnet: '10.0.0.0/24' })
    .host('alice', { interfaces: { lan: '10.0.0.1' }, trust: ['root'] })
    .host('www', {
      interfaces: { lan: '10.0.0.2' },
      services: [{ https: { cert: 'www', paths: { '/': { text: 'welcome' } } } }],
    })
    .authority('root')
    .authority('ca', { issuer: 'root' })
    .certificate('www', { issuer: 'ca', names: ['www'], valid: '90d' });
  const net = await Internet.boot(builder);
  const alice = net.host('alice');
  const { exitCode, status, tls, output } = await alice.run('curl https://www/');
  assert.deepEqual([exitCode, status, tls, output], [0, 200, '1.3', 'welcome']);
  const welcome = { name: 'page', text: 'welcome', bytes: new TextEncoder().encode('welcome') };
  assert.equal(net.eavesdropper().knows(welcome), false);
  assert.match(net.ladder('tls'), /TLS ClientHello/);
  const text = (file: Uint8Array): string => new TextDecoder().decode(file);
  assert.match(text(net.pcapng()), /CLIENT_TRAFFIC_SECRET_0 [0-9a-f]{64} /);
  assert.doesNotMatch(text(net.pcapng('', { hasSecrets: false })), /TRAFFIC_SECRET/);
  await net.advance('91d');
  const late = await alice.run('curl https://www/');
  assert.deepEqual([late.exitCode, late.error], [60, 'expired-certificate']);
  net.close();
});
