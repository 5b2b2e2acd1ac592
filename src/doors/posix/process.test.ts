// The calls, on simulated machines. Where the real world answers alike, the same tests run on its sockets too.

import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { DeadlockError, Internet } from '../library/index.ts';
import * as sim from './index.ts';
import * as real from './real.ts';
import type { Machines, World } from './world.ts';

const {
  AF_INET,
  AF_INET6,
  MSG_DONTWAIT,
  MSG_TRUNC,
  SHUT_RD,
  SHUT_WR,
  SO_BROADCAST,
  SO_RCVTIMEO,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
} = sim;

const ALICE = '10.0.0.1';
const BOB = '10.0.0.2';
const MACHINES: Machines = { hosts: { alice: ALICE, bob: [BOB, '10.0.0.3'] } };

function ipv4(address: string, port: number): sim.sockaddr_in {
  const addr = sim.sockaddr_in();
  addr.sin_family = AF_INET;
  assert.equal(sim.inet_pton(AF_INET, address, addr.sin_addr), 1);
  addr.sin_port = sim.htons(port);
  return addr;
}

const textOf = ({ sin_addr, sin_port }: sim.sockaddr_in): string =>
  `${sim.inet_ntop(AF_INET, sin_addr)}:${sim.ntohs(sin_port)}`;

/** The errno with which a call fails. */
const errnoOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'none',
    (error) => (error instanceof sim.PosixError ? `${error.syscall} ${error.errno}` : String(error)),
  );

async function listener(process: sim.Posix, addr: sim.sockaddr_in, backlog = 10): Promise<number> {
  const fd = await process.socket(AF_INET, SOCK_STREAM, 0);
  await process.bind(fd, addr);
  await process.listen(fd, backlog);
  return fd;
}

/** Both ends of one connection. */
async function connection(world: World) {
  const [alice, bob] = [world.process('alice'), world.process('bob')];
  const listening = await listener(bob, ipv4('0.0.0.0', 9999));
  const near = await alice.socket(AF_INET, SOCK_STREAM, 0);
  const [far] = await Promise.all([bob.accept(listening), alice.connect(near, ipv4(BOB, 9999))]);
  return { alice, bob, listening, near, far };
}

async function bound(process: sim.Posix, addr: sim.sockaddr_in): Promise<number> {
  const fd = await process.socket(AF_INET, SOCK_DGRAM, 0);
  await process.bind(fd, addr);
  return fd;
}

const worlds: readonly (readonly [string, (machines: Machines) => Promise<World>])[] = [
  ['simulated machines', sim.boot],
  ...(process.platform === 'darwin' ? [] : ([['real sockets', real.boot]] as const)),
];

for (const [title, boot] of worlds) {
  suite(`On ${title}`, async () => {
    const open: World[] = [];
    const world = async (): Promise<World> => {
      const booted = await boot(MACHINES);
      open.push(booted);
      return booted;
    };
    after(() => {
      for (const each of open) each.close();
    });

    test('descriptors are the lowest numbers that are free, from 3 on', async () => {
      const { socket, close } = (await world()).process('alice');
      const three = await socket(AF_INET, SOCK_STREAM, 0);
      const four = await socket(AF_INET, SOCK_DGRAM, 0);
      assert.deepEqual([three, four], [3, 4]);
      assert.equal(await close(three), 0);
      assert.equal(await socket(AF_INET, SOCK_DGRAM, 0), 3);
    });

    test('each process has descriptors of its own, and they are gone when it ends', async () => {
      const booted = await world();
      const [one, other] = [booted.process('bob'), booted.process('bob')];
      const fd = await listener(one, ipv4('0.0.0.0', 9999));
      assert.equal(fd, await other.socket(AF_INET, SOCK_STREAM, 0));
      assert.equal(await errnoOf(other.bind(fd, ipv4('0.0.0.0', 9999))), 'bind EADDRINUSE');
      one.exit();
      assert.equal(await errnoOf(one.listen(fd, 1)), 'listen EBADF');
      assert.equal(await other.bind(fd, ipv4('0.0.0.0', 9999)), 0);
    });

    test('a process that has ended makes no call, nor does one whose world is closed', async () => {
      for (const end of ['exit', 'close'] as const) {
        const booted = await world();
        const process = booted.process('alice');
        const fd = await bound(process, ipv4(ALICE, 5000));
        const waiting = errnoOf(process.recv(fd, new Uint8Array(1), 1, 0));
        if (end === 'exit') process.exit();
        else booted.close();
        assert.match(await waiting, /^recv E(?:BADF|CONNABORTED)$|closed/);
        const calls = {
          socket: process.socket(AF_INET, SOCK_STREAM, 0),
          bind: process.bind(fd, ipv4(ALICE, 5001)),
          sendto: process.sendto(fd, 'x', 1, 0, ipv4(BOB, 5000)),
          getsockname: process.getsockname(fd, sim.sockaddr_in()),
          write: process.write(1, 'x', 1),
          close: process.close(fd),
          getaddrinfo: process.getaddrinfo('bob', '80'),
          gethostbyname: process.gethostbyname('bob'),
          sleep: process.sleep(1),
          usleep: process.usleep(1),
        };
        const expected = end === 'exit' ? /EBADF\): the process has ended$/ : /(?:internet|world) is closed/;
        for (const [name, call] of Object.entries(calls)) await assert.rejects(call, expected, `${name} after ${end}`);
        process.exit();
        assert.equal(process.output, '');
      }
    });

    test('there is a limit to the descriptors of a process', async () => {
      const { socket, close } = (await world()).process('alice');
      for (let fd = 3; fd < 1024; fd++) assert.equal(await socket(AF_INET, SOCK_DGRAM, 0), fd);
      assert.equal(await errnoOf(socket(AF_INET, SOCK_DGRAM, 0)), 'socket EMFILE');
      await close(500);
      assert.equal(await socket(AF_INET, SOCK_DGRAM, 0), 500);
    });

    test('sockets that cannot be made are refused with a reason', async () => {
      const { socket } = (await world()).process('alice');
      assert.equal(await errnoOf(socket(AF_INET6, SOCK_STREAM, 0)), 'socket EAFNOSUPPORT');
      assert.equal(await errnoOf(socket(AF_INET, 3, 0)), 'socket ESOCKTNOSUPPORT');
      assert.equal(await errnoOf(socket(AF_INET, SOCK_STREAM, sim.IPPROTO_UDP)), 'socket EPROTONOSUPPORT');
    });

    test('what is no descriptor, no socket or the wrong kind of socket is told apart', async () => {
      const process = (await world()).process('alice');
      const fd = await process.socket(AF_INET, SOCK_DGRAM, 0);
      assert.equal(await errnoOf(process.close(7)), 'close EBADF');
      assert.equal(await errnoOf(process.bind(1, ipv4(ALICE, 1))), 'bind ENOTSOCK');
      assert.equal(await errnoOf(process.listen(fd, 1)), 'listen EOPNOTSUPP');
      assert.equal(await errnoOf(process.shutdown(fd, SHUT_WR)), 'shutdown EOPNOTSUPP');
      assert.equal(await errnoOf(process.bind(-1, ipv4(ALICE, 1))), 'bind EBADF');
    });

    test('calls in the wrong order fail, each in its way', async () => {
      const booted = await world();
      const { alice, bob, listening, near } = await connection(booted);
      const fresh = await alice.socket(AF_INET, SOCK_STREAM, 0);
      const buffer = new Uint8Array(10);
      assert.equal(await errnoOf(alice.accept(fresh)), 'accept EINVAL');
      assert.equal(await errnoOf(alice.read(fresh, buffer, 10)), 'read ENOTCONN');
      assert.equal(await errnoOf(alice.write(fresh, 'x', 1)), 'write ENOTCONN');
      assert.equal(await errnoOf(alice.shutdown(fresh, SHUT_WR)), 'shutdown ENOTCONN');
      assert.equal(await errnoOf(alice.getpeername(fresh, sim.sockaddr_in())), 'getpeername ENOTCONN');
      assert.equal(await errnoOf(alice.connect(near, ipv4(BOB, 9999))), 'connect EISCONN');
      assert.equal(await errnoOf(alice.sendto(near, 'x', 1, 0, ipv4(BOB, 9999))), 'sendto EISCONN');
      assert.equal(await errnoOf(alice.listen(near, 1)), 'listen EINVAL');
      assert.equal(await errnoOf(bob.connect(listening, ipv4(ALICE, 1))), 'connect EISCONN');
      assert.equal(await errnoOf(bob.bind(listening, ipv4(BOB, 1234))), 'bind EINVAL');
      assert.equal(await errnoOf(alice.shutdown(near, 3)), 'shutdown EINVAL');
      const udp = await alice.socket(AF_INET, SOCK_DGRAM, 0);
      assert.equal(await errnoOf(alice.send(udp, 'x', 1, 0)), 'send EDESTADDRREQ');
    });

    test('both ends know where they are and whom they talk to', async () => {
      const { alice, bob, listening, near, far } = await connection(await world());
      const [own, peer, other] = [sim.sockaddr_in(), sim.sockaddr_in(), sim.sockaddr_in()];
      assert.equal(await alice.getsockname(near, own), 0);
      await bob.getpeername(far, peer);
      assert.deepEqual(own, peer);
      assert.match(textOf(own), /^10\.0\.0\.1:\d{4,5}$/);
      await bob.getsockname(far, other);
      assert.equal(textOf(other), `${BOB}:9999`);
      await bob.getsockname(listening, other);
      assert.equal(textOf(other), '0.0.0.0:9999');
    });

    test('port 0 is chosen when it is bound, and differs each time', async () => {
      const { socket, bind, getsockname } = (await world()).process('alice');
      const ports: number[] = [];
      for (const type of [SOCK_STREAM, SOCK_STREAM, SOCK_DGRAM, SOCK_DGRAM]) {
        const fd = await socket(AF_INET, type, 0);
        await bind(fd, ipv4('0.0.0.0', 0));
        const addr = sim.sockaddr_in();
        await getsockname(fd, addr);
        ports.push(sim.ntohs(addr.sin_port));
      }
      assert.ok(
        ports.every((port) => port >= 1024),
        `${ports}`,
      );
      assert.notEqual(ports[0], ports[1]);
      assert.notEqual(ports[2], ports[3]);
    });

    test('a port is taken from bind on, before anybody listens', async () => {
      const { socket, bind, close } = (await world()).process('bob');
      const fds = await Promise.all([1, 2, 3].map(() => socket(AF_INET, SOCK_STREAM, 0)));
      const [one = 0, two = 0, three = 0] = fds;
      await bind(one, ipv4(BOB, 9999));
      assert.equal(await errnoOf(bind(two, ipv4(BOB, 9999))), 'bind EADDRINUSE');
      assert.equal(await errnoOf(bind(two, ipv4('0.0.0.0', 9999))), 'bind EADDRINUSE');
      assert.equal(await bind(two, ipv4('10.0.0.3', 9999)), 0);
      await close(one);
      assert.equal(await bind(three, ipv4(BOB, 9999)), 0);
    });

    test('who is bound and does not listen refuses connections', async () => {
      const booted = await world();
      const [alice, bob] = [booted.process('alice'), booted.process('bob')];
      await bob.bind(await bob.socket(AF_INET, SOCK_STREAM, 0), ipv4(BOB, 9999));
      const fd = await alice.socket(AF_INET, SOCK_STREAM, 0);
      assert.equal(await errnoOf(alice.connect(fd, ipv4(BOB, 9999))), 'connect ECONNREFUSED');
    });

    test('a socket that was refused may try again', async () => {
      const booted = await world();
      const [alice, bob] = [booted.process('alice'), booted.process('bob')];
      const fd = await alice.socket(AF_INET, SOCK_STREAM, 0);
      assert.equal(await errnoOf(alice.connect(fd, ipv4(BOB, 9999))), 'connect ECONNREFUSED');
      await listener(bob, ipv4(BOB, 9999));
      assert.equal(await alice.connect(fd, ipv4(BOB, 9999)), 0);
    });

    test('a client that is bound speaks from there', async () => {
      const booted = await world();
      const [alice, bob] = [booted.process('alice'), booted.process('bob')];
      const listening = await listener(bob, ipv4(BOB, 9999));
      const fd = await alice.socket(AF_INET, SOCK_STREAM, 0);
      await alice.bind(fd, ipv4('0.0.0.0', 7777));
      const from = sim.sockaddr_in();
      await Promise.all([bob.accept(listening, from), alice.connect(fd, ipv4(BOB, 9999))]);
      assert.equal(textOf(from), `${ALICE}:7777`);
    });

    test('shutdown for writing is half of a close: the other half still works', async () => {
      const { alice, bob, near, far } = await connection(await world());
      const buffer = new Uint8Array(10);
      await alice.write(near, 'ask', 3);
      await alice.shutdown(near, SHUT_WR);
      assert.equal(await errnoOf(alice.write(near, 'more', 4)), 'write EPIPE');
      assert.equal(await bob.read(far, buffer, 10), 3);
      assert.equal(await bob.read(far, buffer, 10), 0);
      await bob.write(far, 'answer', 6);
      assert.equal(await alice.read(near, buffer, 10), 6);
      assert.equal(sim.text(buffer, 6), 'answer');
    });

    test('shutdown for reading ends a read that waits', async () => {
      const { alice, near } = await connection(await world());
      const waiting = alice.read(near, new Uint8Array(10), 10);
      await alice.shutdown(near, SHUT_RD);
      assert.equal(await waiting, 0);
    });

    test('a descriptor that is closed fails whoever waits for it', async () => {
      const { bob, listening, far } = await connection(await world());
      const waiting = [errnoOf(bob.accept(listening)), errnoOf(bob.read(far, new Uint8Array(1), 1))];
      await bob.close(listening);
      await bob.close(far);
      assert.deepEqual(await Promise.all(waiting), ['accept EBADF', 'read EBADF']);
    });

    test('the other end closes: what was sent is read, then comes the end', async () => {
      const { alice, bob, near, far } = await connection(await world());
      await bob.write(far, 'bye', 3);
      await bob.close(far);
      const buffer = new Uint8Array(10);
      assert.equal(await alice.read(near, buffer, 10), 3);
      assert.equal(await alice.read(near, buffer, 10), 0);
      assert.equal(await alice.read(near, buffer, 10), 0);
    });

    test('a write after the other end has closed goes out; the next one finds nobody to write to', async () => {
      const { alice, bob, near, far } = await connection(await world());
      await bob.close(far);
      await alice.usleep(50_000);
      assert.equal(await alice.write(near, 'x', 1), 1);
      await alice.usleep(50_000);
      assert.equal(await errnoOf(alice.write(near, 'x', 1)), 'write EPIPE');
      assert.equal(await errnoOf(alice.write(near, 'x', 1)), 'write EPIPE');
      assert.equal(await alice.read(near, new Uint8Array(1), 1), 0);
    });

    test('a reset is told once; then nothing is to be read, and nobody to write to', async () => {
      for (const first of ['read', 'write'] as const) {
        const { alice, bob, near, far } = await connection(await world());
        await alice.write(near, 'what nobody reads', 17);
        await bob.usleep(50_000);
        await bob.close(far);
        await alice.usleep(50_000);
        const told = first === 'read' ? alice.read(near, new Uint8Array(1), 1) : alice.write(near, 'x', 1);
        assert.equal(await errnoOf(told), `${first} ECONNRESET`);
        assert.equal(await errnoOf(alice.write(near, 'x', 1)), 'write EPIPE');
        assert.equal(await alice.read(near, new Uint8Array(1), 1), 0);
      }
    });

    test('more than any buffer holds goes through, and each byte is the right one', async () => {
      const { alice, bob, near, far } = await connection(await world());
      const data = Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * 7) ^ (i >> 8));
      const sent = alice.write(near, data, data.length).then((count) => alice.close(near).then(() => count));
      const received = new Uint8Array(data.length);
      let length = 0;
      for (let n = -1; n !== 0; length += n) {
        n = await bob.read(far, received.subarray(length), Math.min(50_000, data.length - length));
        if (length === data.length) break;
      }
      assert.equal(await sent, data.length);
      assert.deepEqual(received, data);
    });

    test('a message is cut to the buffer, and MSG_TRUNC tells its own length', async () => {
      const booted = await world();
      const [alice, bob] = [booted.process('alice'), booted.process('bob')];
      const [near, far] = [await bound(alice, ipv4(ALICE, 5000)), await bound(bob, ipv4('0.0.0.0', 5000))];
      for (const message of ['hello, world', 'hello, world', '', 'next']) {
        await alice.sendto(near, message, message.length, 0, ipv4(BOB, 5000));
      }
      const buffer = new Uint8Array(5);
      const from = sim.sockaddr_in();
      assert.equal(await bob.recvfrom(far, buffer, 5, 0, from), 5);
      assert.equal(textOf(from), `${ALICE}:5000`);
      assert.equal(await bob.recv(far, buffer, 5, MSG_TRUNC), 12);
      assert.equal(await bob.recv(far, buffer, 5, 0), 0);
      assert.equal(await bob.recv(far, buffer, 5, 0), 4);
      assert.equal(sim.text(buffer, 4), 'next');
    });

    test('the largest message goes through, be it the first; one byte more is too long', async () => {
      const booted = await world();
      const [alice, bob] = [booted.process('alice'), booted.process('bob')];
      const [near, far] = [await bound(alice, ipv4(ALICE, 5000)), await bound(bob, ipv4(BOB, 5000))];
      await alice.connect(near, ipv4(BOB, 5000));
      assert.equal(await errnoOf(alice.write(near, new Uint8Array(65_508), 65_508)), 'write EMSGSIZE');
      assert.equal(await alice.write(near, new Uint8Array(65_507), 65_507), 65_507);
      assert.equal(await bob.read(far, new Uint8Array(65_507), 65_507), 65_507);
    });

    test('a connected socket takes messages of its peer alone, and connects anew to another', async () => {
      const booted = await world();
      const [alice, bob] = [booted.process('alice'), booted.process('bob')];
      const near = await bound(alice, ipv4(ALICE, 5000));
      const far = await bound(bob, ipv4(BOB, 5000));
      const other = await bound(bob, ipv4('10.0.0.3', 5000));
      await alice.connect(near, ipv4(BOB, 5000));
      assert.equal(await errnoOf(alice.sendto(near, 'x', 1, 0, ipv4(BOB, 5000))), 'sendto EISCONN');
      await bob.sendto(other, 'stranger', 8, 0, ipv4(ALICE, 5000));
      await bob.sendto(far, 'peer', 4, 0, ipv4(ALICE, 5000));
      const buffer = new Uint8Array(10);
      assert.equal(sim.text(buffer, await alice.recv(near, buffer, 10, 0)), 'peer');
      await alice.connect(near, ipv4('10.0.0.3', 5000));
      const peer = sim.sockaddr_in();
      await alice.getpeername(near, peer);
      assert.equal(textOf(peer), '10.0.0.3:5000');
      await alice.send(near, 'hello', 5, 0);
      assert.equal(sim.text(buffer, await bob.recv(other, buffer, 10, 0)), 'hello');
    });

    test('SO_RCVTIMEO ends accept, recv and read', async () => {
      const { bob, listening, far } = await connection(await world());
      const udp = await bound(bob, ipv4(BOB, 5000));
      for (const fd of [listening, far, udp]) {
        await bob.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, { tv_sec: 0, tv_usec: 50_000 });
      }
      const buffer = new Uint8Array(1);
      assert.equal(await errnoOf(bob.accept(listening)), 'accept EAGAIN');
      assert.equal(await errnoOf(bob.read(far, buffer, 1)), 'read EAGAIN');
      assert.equal(await errnoOf(bob.recvfrom(udp, buffer, 1, 0)), 'recvfrom EAGAIN');
    });

    test('MSG_DONTWAIT asks whether there is something', async () => {
      const { alice, bob, near, far } = await connection(await world());
      const buffer = new Uint8Array(10);
      assert.equal(await errnoOf(bob.recv(far, buffer, 10, MSG_DONTWAIT)), 'recv EAGAIN');
      await alice.write(near, 'now', 3);
      await bob.usleep(50_000);
      assert.equal(await bob.recv(far, buffer, 10, MSG_DONTWAIT), 3);
    });

    test('an option does what it says or is refused', async () => {
      const { socket, setsockopt } = (await world()).process('alice');
      const [tcp, udp] = [await socket(AF_INET, SOCK_STREAM, 0), await socket(AF_INET, SOCK_DGRAM, 0)];
      assert.equal(await setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, 1), 0);
      const refused = 'setsockopt ENOPROTOOPT';
      assert.equal(await errnoOf(setsockopt(udp, SOL_SOCKET, SO_REUSEADDR, 1)), refused);
      assert.equal(await errnoOf(setsockopt(tcp, SOL_SOCKET, SO_BROADCAST, 1)), refused);
      assert.equal(await errnoOf(setsockopt(tcp, sim.IPPROTO_TCP, 1, 1)), refused);
      assert.equal(await errnoOf(setsockopt(tcp, SOL_SOCKET, 9, 1)), refused);
      assert.equal(await errnoOf(setsockopt(tcp, SOL_SOCKET, SO_RCVTIMEO, 1)), 'setsockopt EINVAL');
      const odd = { tv_sec: 0, tv_usec: 1_000_000 };
      assert.equal(await errnoOf(setsockopt(tcp, SOL_SOCKET, SO_RCVTIMEO, odd)), 'setsockopt EINVAL');
    });

    test('flags that nobody knows are refused', async () => {
      const { alice, near } = await connection(await world());
      assert.equal(await errnoOf(alice.recv(near, new Uint8Array(1), 1, 2)), 'recv EOPNOTSUPP');
      assert.equal(await errnoOf(alice.recv(near, new Uint8Array(1), 1, MSG_TRUNC)), 'recv EOPNOTSUPP');
      assert.equal(await errnoOf(alice.send(near, 'x', 1, 1)), 'send EOPNOTSUPP');
      assert.equal(await alice.send(near, 'x', 1, sim.MSG_NOSIGNAL), 1);
    });

    test('an address that is nowhere is unreachable, one of another machine cannot be bound', async () => {
      const { socket, connect, bind, sendto } = (await world()).process('alice');
      const fd = await socket(AF_INET, SOCK_STREAM, 0);
      assert.equal(await errnoOf(connect(fd, ipv4('192.0.2.1', 80))), 'connect ENETUNREACH');
      assert.equal(await errnoOf(bind(fd, ipv4(BOB, 8080))), 'bind EADDRNOTAVAIL');
      const udp = await socket(AF_INET, SOCK_DGRAM, 0);
      assert.equal(await errnoOf(sendto(udp, 'x', 1, 0, ipv4('192.0.2.1', 80))), 'sendto ENETUNREACH');
      assert.equal(await errnoOf(sendto(udp, 'x', 1, 0, ipv4('192.0.2.255', 80))), 'sendto ENETUNREACH');
      assert.equal(await errnoOf(sendto(udp, 'x', 1, 0, ipv4('10.0.0.255', 80))), 'sendto EACCES');
      assert.equal(await errnoOf(sendto(udp, 'x', 1, 0, ipv4('255.255.255.255', 80))), 'sendto EACCES');
      assert.equal(await errnoOf(bind(udp, ipv4(BOB, 8080))), 'bind EADDRNOTAVAIL');
      assert.equal(await sendto(udp, 'x', 1, 0, ipv4('127.0.0.255', 80)), 1);
    });

    test('from 127.0.0.1 nobody reaches another machine, and some addresses are no destination', async () => {
      const { socket, connect, bind, sendto } = (await world()).process('alice');
      const [tcp, udp] = [await socket(AF_INET, SOCK_STREAM, 0), await socket(AF_INET, SOCK_DGRAM, 0)];
      await bind(tcp, ipv4('127.0.0.1', 0));
      await bind(udp, ipv4('127.0.0.1', 0));
      assert.equal(await errnoOf(connect(tcp, ipv4(BOB, 80))), 'connect ENETUNREACH');
      assert.equal(await errnoOf(connect(tcp, ipv4('127.0.0.1', 80))), 'connect ECONNREFUSED');
      assert.equal(await errnoOf(connect(tcp, ipv4('0.0.0.0', 80))), 'connect EADDRNOTAVAIL');
      assert.equal(await errnoOf(connect(tcp, ipv4('127.0.0.1', 0))), 'connect EADDRNOTAVAIL');
      assert.equal(await errnoOf(connect(udp, ipv4(BOB, 80))), 'connect EINVAL');
      assert.equal(await errnoOf(sendto(udp, 'x', 1, 0, ipv4(BOB, 80))), 'sendto EINVAL');
      assert.equal(await errnoOf(sendto(udp, 'x', 1, 0, ipv4('127.0.0.1', 0))), 'sendto EINVAL');
      assert.equal(await errnoOf(connect(udp, ipv4('10.0.0.255', 80))), 'connect EACCES');
    });

    test('machines are found by their names, with and without further names', async () => {
      for (const names of [{}, { 'www.foo.test': [ALICE, BOB] }]) {
        const booted = await boot({ ...MACHINES, names });
        open.push(booted);
        const { getaddrinfo, gethostbyname } = booted.process('alice');
        const { ai_addr } = await getaddrinfo('bob', '80');
        assert.equal(textOf(ai_addr), `${BOB}:80`);
        assert.equal((await gethostbyname('bob')).h_addr_list.length, 1);
        assert.equal(textOf((await getaddrinfo('localhost', '80')).ai_addr), '127.0.0.1:80');
        const hasNames = Object.keys(names).length > 0;
        const failure = hasNames ? 'getaddrinfo EAI_NONAME' : 'getaddrinfo EAI_AGAIN';
        assert.equal(await errnoOf(getaddrinfo('nobody.foo.test', '80')), failure);
        if (hasNames) assert.equal((await gethostbyname('WWW.foo.test')).h_addr_list.length, 2);
      }
    });

    test('what is printed and written to descriptors 1 and 2 is kept', async () => {
      const process = (await world()).process('alice');
      process.puts('one');
      assert.equal(await process.write(1, 'tw', 2), 2);
      await process.write(2, sim.text(new Uint8Array([111, 10])), 2);
      process.perror('connect', new sim.PosixError('ECONNREFUSED', 'connect'));
      assert.equal(process.output, 'one\ntwo\nconnect: Connection refused\n');
      assert.throws(() => process.perror('x', new TypeError('a defect')), /a defect/);
      assert.equal(await process.read(0, new Uint8Array(1), 1), 0);
      assert.equal(await errnoOf(process.write(0, 'x', 1)), 'write EBADF');
      assert.equal(await errnoOf(process.read(1, new Uint8Array(1), 1)), 'read EBADF');
    });

    test('buffers and sizes that do not fit are a defect of the program, and said to be', async () => {
      const { alice, near } = await connection(await world());
      const text = 'read takes a size from 0 to the 4 bytes that there are, not 5';
      await assert.rejects(alice.read(near, new Uint8Array(4), 5), new RangeError(text));
      await assert.rejects(alice.read(near, 'buffer' as never, 5), /^TypeError: read takes a Uint8Array as buffer/);
      await assert.rejects(alice.write(near, 'x', 2), /write takes a size from 0 to the 1 bytes/);
      await assert.rejects(alice.write(near, 5 as never, 1), /write takes a Uint8Array or a text/);
      await assert.rejects(alice.listen(near, 1.5), /whole number as backlog/);
      await assert.rejects(alice.getsockname(near, 'addr' as never), /takes an address to fill in/);
      await assert.rejects(alice.connect(near, BOB as never), /^TypeError: connect takes an address/);
      assert.equal(await errnoOf(alice.close(String(near) as never)), 'close EBADF');
    });

    test('names, lengths of time and users that are none are said to be', async () => {
      const booted = await world();
      const { socket, setsockopt, gethostbyname, getaddrinfo, sleep, usleep } = booted.process('alice');
      const none = null as never;
      await assert.rejects(gethostbyname(none), /^TypeError: gethostbyname takes a name as text, not null/);
      await assert.rejects(
        getaddrinfo(undefined as never, '80'),
        /^TypeError: getaddrinfo takes a name .*not undefined/,
      );
      await assert.rejects(getaddrinfo('bob', 80 as never), /^TypeError: getaddrinfo takes a service .*not 80/);
      await assert.rejects(getaddrinfo('bob', '80', 1 as never), /^TypeError: getaddrinfo takes hints .*addrinfo\(\)/);
      const fd = await socket(AF_INET, SOCK_DGRAM, 0);
      const isNone = /^TypeError: setsockopt takes \{ tv_sec, tv_usec \} for SO_RCVTIMEO, not (?:null|undefined)/;
      await assert.rejects(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, none), isNone);
      await assert.rejects(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, undefined as never), isNone);
      const endless = { tv_sec: 1e300, tv_usec: 0 };
      assert.equal(await errnoOf(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, endless)), 'setsockopt EINVAL');
      await assert.rejects(sleep(-1), /^RangeError: sleep takes seconds from 0 on, not -1/);
      await assert.rejects(usleep(Number.NaN), /^RangeError: usleep takes microseconds from 0 on, not NaN/);
      await assert.rejects(sleep(Number.POSITIVE_INFINITY), /^RangeError: sleep takes seconds/);
      await assert.rejects(sleep('1' as never), /^TypeError: sleep takes a number/);
      const rot = /^RangeError: a user is "root" or "nobody", not "rot"/;
      assert.throws(() => booted.process('alice', { user: 'rot' as never }), rot);
      assert.throws(() => booted.whyNot('rot' as never), rot);
    });
  });
}

test('a port below 1024 is for root, and for everybody where the machine says so', async () => {
  const net = await Internet.boot({
    networks: { lan: { subnet: '10.0.0.0/24' } },
    hosts: {
      alice: { interfaces: { lan: ALICE } },
      bob: { interfaces: { lan: BOB }, privileged: true },
    },
  });
  const addr = ipv4('0.0.0.0', 80);
  for (const type of [SOCK_STREAM, SOCK_DGRAM]) {
    const bindOn = async (process: sim.Posix) => errnoOf(process.bind(await process.socket(AF_INET, type, 0), addr));
    assert.equal(await bindOn(sim.posixOf(net.host('alice'))), 'bind EACCES');
    assert.equal(await bindOn(sim.posixOf(net.host('alice'), { user: 'nobody' })), 'bind EACCES');
    assert.equal(await bindOn(sim.posixOf(net.host('alice'), { user: 'root' })), 'none');
    assert.equal(await bindOn(sim.posixOf(net.host('bob'))), 'none');
  }
  assert.throws(() => sim.posixOf(net.host('bob'), { user: 'nobody' }), /on bob everybody is privileged/);
  assert.throws(() => sim.posixOf(net as never), /posixOf takes a machine/);
});

test('connect on a UDP socket puts nothing on the wire; on a TCP socket it does', async () => {
  const world = await sim.boot(MACHINES);
  const { socket, connect } = world.process('alice');
  await connect(await socket(AF_INET, SOCK_DGRAM, 0), ipv4(BOB, 9999));
  await world.net.advance('1s');
  assert.deepEqual(world.net.packets('ip'), []);
  await errnoOf(connect(await socket(AF_INET, SOCK_STREAM, 0), ipv4(BOB, 9999)));
  assert.equal(world.net.packets('tcp').length, 2);
});

test('without SO_REUSEADDR a port is taken while connections linger, with it only while somebody listens', async () => {
  const world = await sim.boot(MACHINES);
  const { alice, bob, listening, near, far } = await connection(world);
  await bob.close(far);
  await bob.close(listening);
  await alice.close(near);
  await bob.sleep(1);
  const fd = await bob.socket(AF_INET, SOCK_STREAM, 0);
  assert.equal(await errnoOf(bob.bind(fd, ipv4('0.0.0.0', 9999))), 'bind EADDRINUSE');
  await bob.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  assert.equal(await bob.bind(fd, ipv4('0.0.0.0', 9999)), 0);
  await bob.listen(fd, 1);
  const other = await bob.socket(AF_INET, SOCK_STREAM, 0);
  await bob.setsockopt(other, SOL_SOCKET, SO_REUSEADDR, 1);
  assert.equal(await errnoOf(bob.bind(other, ipv4('0.0.0.0', 9999))), 'bind EADDRINUSE');
});

test('a port that is bound is held on the machine: other programs get it only once it is given up', async () => {
  const world = await sim.boot(MACHINES);
  const host = world.net.host('bob');
  const bob = world.process('bob');
  const listenOn = (port: number) => host.listen(port, () => {});
  const fd = await bob.socket(AF_INET, SOCK_STREAM, 0);
  await bob.bind(fd, ipv4('0.0.0.0', 5000));
  assert.throws(() => listenOn(5000), /EADDRINUSE/);
  assert.equal(await bob.listen(fd, 1), 0);
  await bob.close(fd);
  listenOn(5000).close();

  const client = await bob.socket(AF_INET, SOCK_STREAM, 0);
  const twice = [errnoOf(bob.bind(client, ipv4(BOB, 5001))), errnoOf(bob.bind(client, ipv4(BOB, 5002)))];
  assert.deepEqual(await Promise.all(twice), ['none', 'bind EINVAL']);
  listenOn(5002).close();
  assert.equal(await errnoOf(bob.connect(client, ipv4(ALICE, 80))), 'connect ECONNREFUSED');
  assert.throws(() => listenOn(5001), /EADDRINUSE/);
  bob.exit();
  listenOn(5001).close();
});

test('two sockets with SO_REUSEADDR may be bound to one port, and one of them may listen', async () => {
  const { socket, setsockopt, bind, listen } = (await sim.boot(MACHINES)).process('bob');
  const fds = await Promise.all([1, 2].map(() => socket(AF_INET, SOCK_STREAM, 0)));
  for (const fd of fds) {
    await setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    await bind(fd, ipv4(BOB, 9999));
  }
  const [one = 0, two = 0] = fds;
  assert.equal(await listen(one, 1), 0);
  assert.equal(await errnoOf(listen(two, 1)), 'listen EADDRINUSE');
});

test('when all ports to choose from are taken, bind says so', { timeout: 20_000 }, async () => {
  const world = await sim.boot(MACHINES);
  let process = world.process('alice');
  let failure = 'none';
  let bound = 0;
  for (; failure === 'none' && bound < 20_000; bound++) {
    if (bound % 1000 === 0) process = world.process('alice');
    failure = await errnoOf(process.bind(await process.socket(AF_INET, SOCK_STREAM, 0), ipv4('0.0.0.0', 0)));
  }
  assert.equal(failure, 'bind EADDRINUSE');
  assert.equal(bound - 1, 65_536 - 49_152);
});

test('TIME_WAIT is over after a minute', async () => {
  const world = await sim.boot(MACHINES);
  const { alice, bob, listening, near, far } = await connection(world);
  await bob.close(far);
  await bob.close(listening);
  await alice.close(near);
  await world.net.advance('61s');
  assert.equal(await errnoOf(bob.bind(await bob.socket(AF_INET, SOCK_STREAM, 0), ipv4('0.0.0.0', 9999))), 'none');
});

test('as many connections as the backlog says wait to be accepted; a further one waits to connect', async () => {
  const world = await sim.boot(MACHINES);
  const [alice, bob] = [world.process('alice'), world.process('bob')];
  const listening = await listener(bob, ipv4(BOB, 9999), 2);
  const [one, two, three] = [
    await alice.socket(AF_INET, SOCK_STREAM, 0),
    await alice.socket(AF_INET, SOCK_STREAM, 0),
    await alice.socket(AF_INET, SOCK_STREAM, 0),
  ];
  await alice.connect(one, ipv4(BOB, 9999));
  await alice.connect(two, ipv4(BOB, 9999));
  let isConnected = false;
  const third = alice.connect(three, ipv4(BOB, 9999)).then(() => {
    isConnected = true;
  });
  await bob.usleep(500_000);
  assert.equal(isConnected, false);
  await bob.accept(listening);
  await third; // its SYN goes again after a second
  assert.ok(world.net.now > 1000);
});

test('broadcast needs permission, which can be given and not be taken back', async () => {
  const world = await sim.boot(MACHINES);
  const [alice, bob] = [world.process('alice'), world.process('bob')];
  const [near, far] = [await bound(alice, ipv4(ALICE, 5000)), await bound(bob, ipv4('0.0.0.0', 5000))];
  const everybody = ipv4('10.0.0.255', 5000);
  await alice.setsockopt(near, SOL_SOCKET, SO_BROADCAST, 0);
  assert.equal(await errnoOf(alice.sendto(near, 'all', 3, 0, everybody)), 'sendto EACCES');
  await alice.setsockopt(near, SOL_SOCKET, SO_BROADCAST, 1);
  await alice.sendto(near, 'all', 3, 0, everybody);
  assert.equal(await bob.recv(far, new Uint8Array(10), 10, 0), 3);
  assert.equal(await errnoOf(alice.setsockopt(near, SOL_SOCKET, SO_BROADCAST, 0)), 'setsockopt ENOPROTOOPT');
});

test('who waits for what can never come is named', async () => {
  const world = await sim.boot(MACHINES);
  const bob = world.process('bob', { program: 'server' });
  const listening = await listener(bob, ipv4('0.0.0.0', 9999));
  await assert.rejects(bob.accept(listening), (error) => {
    assert.ok(error instanceof DeadlockError);
    assert.deepEqual(error.waiting, ['server on bob accepts on 0.0.0.0:9999']);
    return true;
  });
});

test('a process that serves may wait for ever', async () => {
  const world = await sim.boot(MACHINES);
  const bob = world.process('bob', { isServing: true });
  const listening = await listener(bob, ipv4('0.0.0.0', 9999));
  let accepted = 0;
  const serving = (async () => {
    for (;;) {
      const fd = await bob.accept(listening);
      accepted++;
      await bob.write(fd, 'welcome', 7);
      await bob.close(fd);
    }
  })();
  serving.catch(() => {});
  const alice = world.process('alice');
  for (let i = 0; i < 3; i++) {
    const fd = await alice.socket(AF_INET, SOCK_STREAM, 0);
    await alice.connect(fd, ipv4(BOB, 9999));
    assert.equal(await alice.read(fd, new Uint8Array(10), 10), 7);
    await alice.close(fd);
  }
  await alice.sleep(1);
  assert.equal(accepted, 3);
});

test('sockets are listed with the program that owns each', async () => {
  const world = await sim.boot(MACHINES);
  await listener(world.process('bob', { program: 'echo-server' }), ipv4('0.0.0.0', 9999));
  const { output } = await world.net.host('bob').run('ss -tl');
  assert.match(output, /tcp +LISTEN .*0\.0\.0\.0:9999 .*echo-server/);
});

test('a machine that was switched off keeps no port, and its processes are over', async () => {
  const world = await sim.boot(MACHINES);
  const bob = world.process('bob');
  const listening = await listener(bob, ipv4('0.0.0.0', 9999));
  const waiting = errnoOf(bob.accept(listening));
  const { machine } = world.net.host('bob');
  machine.crash(world.net.simulation.world.now);
  assert.match(await waiting, /accept (?:ECONNABORTED|EBADF)/);
  assert.equal(await errnoOf(bob.socket(AF_INET, SOCK_DGRAM, 0)), 'socket ECONNABORTED');
});

test('machines that cannot be are refused with a sentence', async () => {
  const wrong = (machines: Machines): Promise<string> => sim.boot(machines).then(() => 'none', String);
  assert.match(await wrong({ hosts: {} }), /^RangeError: there is no machine/);
  assert.match(await wrong({ hosts: { a: '10.0.0' } }), /^TypeError: a has the address 10\.0\.0, which is none/);
  assert.match(await wrong({ hosts: { a: '10.0.0.1', b: '10.0.0.1' } }), /two machines have the address 10\.0\.0\.1/);
  assert.match(await wrong({ hosts: { a: '10.0.0.1', b: '10.0.1.1' } }), /10\.0\.1\.1 is not in the network/);
});
