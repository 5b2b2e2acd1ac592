// Machines on a network, in virtual time: what their programs see, and what is on the wire.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf, utf8 } from '../../src/core/bytes.ts';
import { after, milliseconds, NEVER, seconds } from '../../src/core/time.ts';
import { tcpEchoServer, udpEchoServer } from '../../src/world/app/echo/echo.ts';
import { httpRequest } from '../../src/world/app/http/http_client.ts';
import { httpServer } from '../../src/world/app/http/http_server.ts';
import { type Program, SocketError, type System, type TcpSocket } from '../../src/world/app/program.ts';
import { Capacity } from '../../src/world/host/capacity.ts';
import type { Host } from '../../src/world/host/host.ts';
import { ip, Lan } from '../testing/lan.ts';

const code = (expected: string) => (error: unknown) => error instanceof SocketError && error.code === expected;

function pair(): { lan: Lan; alice: Host; bob: Host } {
  const lan = new Lan();
  lan.network('lan', '10.0.0.0/24');
  return { lan, alice: lan.host('alice', { lan: '10.0.0.1' }), bob: lan.host('bob', { lan: '10.0.0.2' }) };
}

function* say(system: System, address: string, port: number, text: string): Program<string> {
  const socket = system.tcp();
  yield* socket.connect(ip(address), port, after(system.now, seconds(5)));
  yield* socket.write(utf8(text));
  socket.shutdown();
  let heard = '';
  for (let data = yield* socket.read(); data !== undefined; data = yield* socket.read()) heard += textOf(data);
  socket.close();
  return heard;
}

test('two machines on a network find and answer each other', () => {
  const { lan, alice } = pair();
  assert.equal(
    lan.command(alice, 'ping -c 2 10.0.0.2'),
    `PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.
64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=4.01 ms
64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=2.00 ms

--- 10.0.0.2 ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time 1000ms
rtt min/avg/max/mdev = 2.004/3.006/4.007/1.002 ms
exit 0
`,
  );
  assert.equal(
    lan.frames(),
    `0.000 lan ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28
1.001 lan ARP, Reply 10.0.0.2 is-at 02:6f:56:ee:9b:22, length 28
2.003 lan IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 4463, seq 1, length 64
3.005 lan ARP, Request who-has 10.0.0.1 tell 10.0.0.2, length 28
3.005 lan IP 10.0.0.2 > 10.0.0.1: ICMP echo reply, id 4463, seq 1, length 64
4.006 lan ARP, Reply 10.0.0.1 is-at 02:79:f4:cb:14:30, length 28
1000.000 lan IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 4463, seq 2, length 64
1001.002 lan IP 10.0.0.2 > 10.0.0.1: ICMP echo reply, id 4463, seq 2, length 64
`,
  );
  lan.close();
});

test('nobody there: ARP asks three times, and the packet comes back as unreachable', () => {
  const { lan, alice } = pair();
  assert.match(
    lan.command(alice, 'ping -c 1 10.0.0.9'),
    /Destination Host Unreachable\n\n.*\n.*, \+1 errors, 100% .*\nexit 1\n$/,
  );
  assert.match(lan.command(alice, 'arp -an'), /10\.0\.0\.9.*<incomplete>|10\.0\.0\.9.*failed|^exit 0/i);
  lan.close();
});

test('a datagram to a port without a listener: a connected socket learns of it', () => {
  const { lan, alice } = pair();
  assert.throws(
    () =>
      lan.call(alice, function* (system) {
        const socket = system.udp();
        socket.connect(ip('10.0.0.2'), 7);
        socket.send(utf8('anyone?'));
        return yield* socket.receive(after(system.now, seconds(1)));
      }),
    code('ECONNREFUSED'),
  );
  lan.close();
});

test('UDP and TCP echo', () => {
  const { lan, alice, bob } = pair();
  lan.spawn(bob, (system) => tcpEchoServer(system), true);
  lan.spawn(bob, (system) => udpEchoServer(system), true);
  assert.equal(
    lan.call(alice, (system) => say(system, '10.0.0.2', 7, 'hello')),
    'hello',
  );
  const answer = lan.call(alice, function* (system) {
    const socket = system.udp();
    socket.sendTo(utf8('ping'), ip('10.0.0.2'), 7);
    return yield* socket.receive(after(system.now, seconds(1)));
  });
  assert.equal(textOf(answer?.data ?? new Uint8Array()), 'ping');
  lan.close();
});

test('who listens on 127.0.0.1 is heard by its own machine alone', () => {
  const { lan, alice, bob } = pair();
  lan.spawn(bob, (system) => tcpEchoServer(system, { port: 4000, address: ip('127.0.0.1') }), true);
  assert.equal(
    lan.call(bob, (system) => say(system, '127.0.0.1', 4000, 'me')),
    'me',
  );
  assert.throws(() => lan.call(alice, (system) => say(system, '10.0.0.2', 4000, 'you')), code('ECONNREFUSED'));
  lan.close();
});

test('who listens on one of two addresses is not heard on the other', () => {
  const lan = new Lan();
  lan.network('lan', '10.0.0.0/24');
  const alice = lan.host('alice', { lan: '10.0.0.1' });
  const bob = lan.host('bob', { lan: '10.0.0.2 10.0.0.3' });
  lan.spawn(bob, (system) => tcpEchoServer(system, { port: 4000, address: ip('10.0.0.3') }), true);
  assert.equal(
    lan.call(alice, (system) => say(system, '10.0.0.3', 4000, 'here')),
    'here',
  );
  assert.throws(() => lan.call(alice, (system) => say(system, '10.0.0.2', 4000, 'there')), code('ECONNREFUSED'));
  lan.close();
});

test('ports below 1024 are for the privileged', () => {
  const { lan, alice } = pair();
  alice.isPrivileged = false;
  lan.call(alice, function* (system): Program<void> {
    assert.throws(() => system.listen(undefined, 80), code('EACCES'));
    assert.throws(() => system.udp().bind(undefined, 53), code('EACCES'));
    assert.throws(() => system.tcp().bind(undefined, 1023), code('EACCES'));
    system.listen(undefined, 1024).close();
  });
  lan.close();
});

test('two programs that wait for one socket read each into its own buffer, and one that is killed leaves the rest to the other', () => {
  const { lan, alice, bob } = pair();
  lan.spawn(
    bob,
    function* (system): Program<void> {
      const socket = yield* system.listen(undefined, 7).accept();
      for (const text of ['one', 'two', 'three']) {
        yield* system.sleep(seconds(1));
        if (socket !== undefined) yield* socket.write(utf8(text));
      }
    },
    true,
  );
  const heard: string[] = [];
  function* listen(system: System, socket: TcpSocket, name: string): Program<void> {
    const buffer = new Uint8Array(5);
    for (;;) {
      const count = yield* socket.readInto(buffer);
      if (count === 0) return;
      heard.push(`${name} ${textOf(buffer.subarray(0, count))}`);
      yield* system.sleep(milliseconds(1500));
    }
  }
  lan.call(alice, function* (system): Program<void> {
    const socket = system.tcp();
    yield* socket.connect(ip('10.0.0.2'), 7);
    const first = system.spawn('first', listen(system, socket, 'first'));
    system.spawn('second', listen(system, socket, 'second'));
    yield* system.sleep(milliseconds(2800)); // both have read, and the first one waits again
    first.kill();
    yield* system.sleep(seconds(5));
  });
  assert.deepEqual(heard, ['first one', 'second two', 'second three']);
  lan.close();
});

test('a killed process loses its sockets, and its peers learn of it', () => {
  const { lan, alice, bob } = pair();
  const server = lan.spawn(bob, (system) => tcpEchoServer(system, { port: 4000 }), true);
  let heard: unknown;
  lan.spawn(alice, function* (system): Program<void> {
    const socket = system.tcp();
    yield* socket.connect(ip('10.0.0.2'), 4000);
    try {
      heard = yield* socket.read();
    } catch (error) {
      heard = error;
    }
    socket.close();
  });
  lan.pass(seconds(1));
  server.kill();
  bob.settle(lan.now);
  lan.run();
  assert.ok(heard === undefined || code('ECONNRESET')(heard), String(heard));
  assert.throws(() => lan.call(alice, (system) => say(system, '10.0.0.2', 4000, 'again')), code('ECONNREFUSED'));
  lan.close();
});

test('workers end quietly with the service that was killed, and with one that failed', () => {
  for (const isFailing of [false, true]) {
    const { lan, alice, bob } = pair();
    let cleaned = 0;
    const server = lan.spawn(
      bob,
      function* (system): Program<void> {
        const listener = system.listen(undefined, 4000);
        const socket = yield* listener.accept();
        system.spawn('worker', worker(system, socket));
        yield* system.sleep(seconds(2));
        if (isFailing) throw new SocketError('EINVAL', 'of its own');
        yield NEVER;
      },
      true,
    );
    function* worker(system: System, socket: TcpSocket | undefined): Program<void> {
      if (socket !== undefined) system.spawn('worker of a worker', worker(system, undefined));
      try {
        if (socket === undefined) yield NEVER;
        else yield* socket.read();
      } finally {
        cleaned++;
      }
    }
    const client = lan.spawn(alice, function* (system): Program<void> {
      const socket = system.tcp();
      yield* socket.connect(ip('10.0.0.2'), 4000);
      yield NEVER;
    });
    lan.pass(seconds(1));
    assert.equal(cleaned, 0);
    if (!isFailing) server.kill();
    lan.pass(seconds(5));
    client.kill();
    assert.equal(bob.processes.length, 0);
    assert.equal(cleaned, 2);
    assert.deepEqual(
      lan.world.failures.map(({ error }) => String(error)),
      isFailing ? ['SocketError: EINVAL: of its own'] : [],
    );
    lan.world.failures.length = 0;
    lan.close();
  }
});

test('a connection that a web server keeps does not keep the world alive, and is ended in time', () => {
  const { lan, alice, bob } = pair();
  lan.spawn(bob, (system) => httpServer(system, { port: 80, paths: { '/': { text: 'hi' } } }), true);
  let end: unknown = 'none';
  lan.spawn(
    alice,
    function* (system): Program<void> {
      const socket = system.tcp();
      yield* socket.connect(ip('10.0.0.2'), 80);
      yield* httpRequest(socket, { method: 'GET', target: '/', fields: [['Host', 'bob']] });
      end = yield* socket.read();
    },
    true,
  );
  lan.run();
  assert.ok(lan.now < seconds(2), `it lived until ${lan.now / 1e9} s`);
  assert.equal(end, 'none');
  lan.pass(seconds(5));
  assert.equal(end, undefined, 'the server has closed it');
  lan.close();
});

test('a killed program cleans up, and does not fail on sockets that are closed already', () => {
  const { lan, alice } = pair();
  let cleaned = 0;
  const process = lan.spawn(alice, function* (system): Program<void> {
    const socket = system.tcp();
    try {
      yield NEVER;
    } finally {
      cleaned++;
      socket.shutdown(); // ENOTCONN, or EBADF
    }
  });
  process.kill();
  const suicidal = lan.spawn(alice, function* (): Program<void> {
    try {
      suicide();
      yield NEVER;
    } finally {
      cleaned++;
    }
  });
  function suicide(): void {
    for (const each of alice.processes) each.kill();
  }
  assert.equal(suicidal.isDone, true);
  assert.equal(cleaned, 2);
  assert.equal(alice.processes.length, 0);
  lan.close();
});

test('a machine at its capacity queues, refuses beyond the queue, and never overbooks its workers', () => {
  const { lan, bob } = pair();
  const capacity = new Capacity(bob, { workers: 2, queueLimit: 3 });
  bob.capacity = capacity;
  const log: string[] = [];
  for (let n = 0; n < 7; n++) {
    bob.spawn(`job ${n}`, function* (system): Program<void> {
      try {
        yield* system.work(milliseconds(10));
        log.push(`${system.now / 1e6} ms: ${n} done`);
      } catch (error) {
        log.push(`${system.now / 1e6} ms: ${n} ${error instanceof SocketError ? error.code : error}`);
      }
      assert.ok(capacity.load.busy <= 2);
    });
  }
  bob.settle(lan.now);
  lan.run();
  assert.equal(
    log.join('\n'),
    `0 ms: 5 ENOBUFS
0 ms: 6 ENOBUFS
10 ms: 0 done
10 ms: 1 done
20 ms: 2 done
20 ms: 3 done
30 ms: 4 done`,
  );
  assert.deepEqual(capacity.load, { busy: 0, waiting: 0 });
  assert.deepEqual([capacity.done, capacity.refused], [5, 2]);
  lan.close();
});

test('work that is killed gives its worker, or its place in the queue, to the next', () => {
  const { lan, bob } = pair();
  const capacity = new Capacity(bob, { workers: 1, queueLimit: 10 });
  bob.capacity = capacity;
  const done: number[] = [];
  const jobs = [0, 1, 2, 3].map((n) =>
    bob.spawn(`job ${n}`, function* (system): Program<void> {
      yield* system.work(milliseconds(10));
      done.push(n);
    }),
  );
  bob.settle(lan.now);
  jobs[1]?.kill();
  lan.pass(milliseconds(5));
  jobs[0]?.kill();
  bob.settle(lan.now);
  lan.run();
  assert.deepEqual(done, [2, 3]);
  assert.deepEqual(capacity.load, { busy: 0, waiting: 0 });
  lan.close();
});

test('a program that never lets time pass is caught', () => {
  const { lan, alice } = pair();
  assert.throws(
    () =>
      lan.spawn(alice, function* (system): Program<void> {
        for (;;) yield system.now;
      }),
    /alice/,
  );
});

test('three machines on a switch hear one broadcast, and each reads all of it', () => {
  const lan = new Lan();
  lan.network('lan', '10.0.0.0/24');
  const hosts = [1, 2, 3, 4].map((n) => lan.host(`h${n}`, { lan: `10.0.0.${n}` }));
  const [sender, ...receivers] = hosts;
  assert.ok(sender !== undefined);
  const heard: string[] = [];
  for (const host of receivers) {
    host.spawn('listener', function* (system): Program<void> {
      const socket = system.udp();
      socket.bind(undefined, 4000);
      for (let n = 0; n < 2; n++) {
        const datagram = yield* socket.receive();
        heard.push(`${system.hostName} ${textOf(datagram?.data ?? new Uint8Array())}`);
      }
      socket.close();
    });
    host.settle(lan.now);
  }
  lan.call(sender, function* (system): Program<void> {
    const socket = system.udp();
    socket.allowBroadcast();
    socket.sendTo(utf8('to everyone'), ip('10.0.0.255'), 4000);
    socket.sendTo(utf8('and again'), ip('255.255.255.255'), 4000);
    yield* system.sleep(milliseconds(5));
    socket.close();
  });
  assert.deepEqual(
    heard.sort(),
    ['h2', 'h3', 'h4'].flatMap((name) => [`${name} and again`, `${name} to everyone`]),
  );
  lan.close();
});
