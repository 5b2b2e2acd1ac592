// Whole networks: addresses by DHCP, NAT behind NAT, machines and cables that fail, and that nothing depends on the order
// in which things were entered.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf, utf8 } from '../../src/core/bytes.ts';
import { after, hours, milliseconds, minutes, NEVER, START, seconds } from '../../src/core/time.ts';
import { formatIpv4 } from '../../src/wire/address.ts';
import { tcpEchoServer, udpEchoServer } from '../../src/world/app/echo/echo.ts';
import type { Program, System } from '../../src/world/app/program.ts';
import { runCommand } from '../../src/world/host/commands/all.ts';
import type { Host } from '../../src/world/host/host.ts';
import { PacketFault } from '../../src/world/sim/packet_faults.ts';
import { ScenarioBuilder } from '../../src/world/sim/scenario/builder.ts';
import type { Scenario } from '../../src/world/sim/scenario/types.ts';
import { Simulation } from '../../src/world/sim/simulation.ts';
import { Timeline } from '../../src/world/sim/timeline.ts';
import { rules } from '../testing/gate_bench.ts';
import { ip, Lan } from '../testing/lan.ts';

const addressOf = (host: Host): string | undefined => {
  const address = host.network.interfaces[0]?.ipv4;
  return address === undefined ? undefined : formatIpv4(address);
};

function* udpAsk(system: System, address: string, text = 'hello'): Program<string | undefined> {
  const socket = system.udp();
  socket.sendTo(utf8(text), ip(address), 7);
  const answer = yield* socket.receive(after(system.now, seconds(3)));
  socket.close();
  return answer === undefined ? undefined : textOf(answer.data);
}

// DHCP

function dhcpWorld(last = '10.0.0.150'): { lan: Lan; server: Host; client: Host } {
  const lan = new Lan();
  lan.network('lan', '10.0.0.0/24');
  const server = lan.host('server', { lan: '10.0.0.1' });
  const client = lan.host('client', { lan: '' });
  lan.dhcpServer(server, '10.0.0.100', last, hours(1));
  return { lan, server, client };
}

test('DHCP: address, route and name server; renewed at half time, given back with dhclient -r', () => {
  const { lan, client } = dhcpWorld();
  lan.dhcpClient(client);
  assert.equal(client.isReady, false);
  lan.run();
  assert.equal(client.isReady, true);
  assert.equal(addressOf(client), '10.0.0.100');
  assert.deepEqual(client.nameServers, [{ address: ip('10.0.0.1'), port: 53 }]);
  assert.equal(client.network.routes.list().length, 2);
  assert.match(lan.command(client, 'ping -c 1 10.0.0.1'), /exit 0/);
  const before = lan.world.capture?.length ?? 0;
  lan.pass(minutes(31));
  const renewal = lan
    .frames()
    .split('\n')
    .slice(before)
    .filter((line) => !line.includes('ARP'));
  assert.equal(renewal.length - 1, 2, renewal.join('\n'));
  assert.equal(addressOf(client), '10.0.0.100');
  const releasedAt = lan.world.capture?.length ?? 0;
  assert.equal(lan.command(client, 'dhclient -r'), 'released 10.0.0.100\nexit 0\n');
  lan.pass(seconds(1));
  const sent = lan.frames().split('\n').slice(releasedAt).join('\n');
  assert.match(sent, /10\.0\.0\.100[.:]68 > 10\.0\.0\.1[.:]67/, 'the release is on the wire');
  assert.equal(addressOf(client), undefined);
  lan.close();
});

test('DHCP: when the range is used up, the next machine looks after itself', () => {
  const { lan, client } = dhcpWorld('10.0.0.100');
  lan.dhcpClient(client);
  lan.run();
  const late = lan.host('late', { lan: '' });
  lan.dhcpClient(late);
  lan.run();
  assert.equal(addressOf(client), '10.0.0.100');
  assert.match(addressOf(late) ?? '', /^169\.254\./);
  assert.equal(late.isReady, true);
  lan.close();
});

test('without a DHCP server two machines give themselves addresses, and reach each other', () => {
  const lan = new Lan();
  lan.network('lan', '10.0.0.0/24');
  const [a, b] = [lan.host('a', { lan: '' }), lan.host('b', { lan: '' })];
  lan.dhcpClient(a);
  lan.dhcpClient(b);
  while (!(a.isReady && b.isReady) && lan.world.isAlive) lan.world.step();
  assert.ok(lan.now < seconds(30), `ready after ${lan.now / 1e9} s: commands wait no longer than 30 s`);
  assert.match(addressOf(a) ?? '', /^169\.254\./);
  assert.notEqual(addressOf(a), addressOf(b));
  assert.match(lan.command(a, `ping -c 1 ${addressOf(b)}`), /exit 0/);
  lan.close();
});

test('a server that comes late: the address of its own making goes, that of DHCP comes', () => {
  const lan = new Lan();
  lan.network('lan', '10.0.0.0/24');
  const server = lan.host('server', { lan: '10.0.0.1' });
  const client = lan.host('client', { lan: '' });
  lan.dhcpClient(client);
  lan.run();
  assert.match(addressOf(client) ?? '', /^169\.254\./);
  lan.dhcpServer(server, '10.0.0.100', '10.0.0.150', hours(1));
  lan.pass(minutes(10));
  assert.equal(addressOf(client), '10.0.0.100');
  assert.equal(client.network.interfaces[0]?.addresses.length, 1);
  lan.close();
});

// NAT

test('behind two NATs: a question gets out, its answer gets in, and neither outside network sees an inside address', () => {
  const lan = new Lan();
  lan.network('home', '192.168.1.0/24');
  lan.network('isp', '10.0.0.0/24');
  lan.network('net', '198.51.100.0/24');
  const alice = lan.host('alice', { home: '192.168.1.5' }, '192.168.1.1');
  const inner = lan.router('inner', { home: '192.168.1.1', isp: '10.0.0.2' }, '10.0.0.1');
  const outer = lan.router('outer', { isp: '10.0.0.1', net: '198.51.100.1' });
  const www = lan.host('www', { net: '198.51.100.80' });
  lan.gate(inner, { inside: 'home', outside: 'isp' });
  lan.gate(outer, { inside: 'isp', outside: 'net' });
  lan.spawn(www, (system) => udpEchoServer(system), true);
  lan.spawn(www, (system) => tcpEchoServer(system), true);
  assert.equal(
    lan.call(alice, (system) => udpAsk(system, '198.51.100.80')),
    'hello',
  );
  assert.match(lan.command(alice, 'ping -c 1 198.51.100.80'), /ttl=62.*\n\n.*\n.*\nrtt .*\nexit 0/);
  assert.match(
    lan.command(alice, 'traceroute -n 198.51.100.80'),
    /192\.168\.1\.1.*\n.*10\.0\.0\.1.*\n.*198\.51\.100\.80/,
  );
  for (const frame of lan.world.capture?.frames() ?? []) {
    const text = lan.frames().split('\n')[frame.number - 1] ?? '';
    if (frame.network !== 'home') assert.doesNotMatch(text, /192\.168\./);
    if (frame.network === 'net') assert.doesNotMatch(text, /10\.0\.0\./);
  }
  lan.pass(hours(3));
  assert.deepEqual([inner.gate?.conntrack.size, inner.gate?.nat?.size], [0, 0]);
  assert.deepEqual([outer.gate?.conntrack.size, outer.gate?.nat?.size], [0, 0]);
  lan.close();
});

// Failures

test('a machine that is switched off says nothing; switched on again it is reached anew', () => {
  const { lan, server, client } = dhcpWorld();
  lan.dhcpClient(client);
  lan.run();
  lan.spawn(client, (system) => udpEchoServer(system), true);
  assert.equal(
    lan.call(server, (system) => udpAsk(system, '10.0.0.100')),
    'hello',
  );
  client.crash(lan.now);
  assert.equal(
    lan.call(server, (system) => udpAsk(system, '10.0.0.100')),
    undefined,
  );
  client.forget(lan.now);
  assert.equal(addressOf(client), undefined);
  lan.dhcpClient(client); // its port is free again
  lan.run();
  assert.equal(addressOf(client), '10.0.0.100');
  lan.close();
});

test('a crash in the middle of a transfer keeps no packet, and tells nobody', () => {
  const lan = new Lan();
  lan.network('lan', '10.0.0.0/24');
  const [a, b] = [lan.host('a', { lan: '10.0.0.1' }), lan.host('b', { lan: '10.0.0.2' })];
  lan.spawn(b, (system) => tcpEchoServer(system), true);
  lan.spawn(a, function* (system): Program<void> {
    const socket = system.tcp();
    yield* socket.connect(ip('10.0.0.2'), 7);
    for (;;) yield* socket.write(new Uint8Array(50_000));
  });
  lan.pass(milliseconds(50));
  a.crash(lan.now);
  const count = lan.world.capture?.length ?? 0;
  a.forget(lan.now);
  a.settle(lan.now);
  lan.pass(milliseconds(1));
  const after = lan
    .frames()
    .split('\n')
    .slice(count)
    .filter((line) => line.includes('10.0.0.1.') && / 10\.0\.0\.1\.\d+ >/.test(line));
  assert.deepEqual(after, []);
  assert.equal(a.tcp.connectionCount, 0);
  b.crash(lan.now);
  lan.world.failures.length = 0;
  lan.close();
});

test('a network that is down delivers nothing, and delivers again when it is up', () => {
  for (const medium of ['ethernet', 'wifi', 'cable'] as const) {
    const lan = new Lan();
    lan.network('lan', '10.0.0.0/24', {}, medium);
    const [a, b] = [lan.host('a', { lan: '10.0.0.1' }), lan.host('b', { lan: '10.0.0.2' })];
    lan.spawn(b, (system) => udpEchoServer(system), true);
    const network = lan.world.network('lan');
    assert.equal(
      lan.call(a, (system) => udpAsk(system, '10.0.0.2')),
      'hello',
      medium,
    );
    network.down(lan.now);
    assert.equal(
      lan.call(a, (system) => udpAsk(system, '10.0.0.2')),
      undefined,
      medium,
    );
    network.up();
    assert.equal(
      lan.call(a, (system) => udpAsk(system, '10.0.0.2')),
      'hello',
      medium,
    );
    network.unplug(a, 0, lan.now);
    assert.equal(
      lan.call(a, (system) => udpAsk(system, '10.0.0.2')),
      undefined,
      `${medium}: unplugged`,
    );
    network.replug(a, 0);
    assert.equal(
      lan.call(a, (system) => udpAsk(system, '10.0.0.2')),
      'hello',
      `${medium}: plugged in again`,
    );
    lan.close();
  }
});

test('what a network does to frames can be changed, and changed back', () => {
  for (const medium of ['ethernet', 'wifi', 'cable'] as const) {
    const lan = new Lan();
    lan.network('lan', '10.0.0.0/24', { loss: 1 }, medium);
    const [a, b] = [lan.host('a', { lan: '10.0.0.1' }), lan.host('b', { lan: '10.0.0.2' })];
    lan.spawn(b, (system) => udpEchoServer(system), true);
    const network = lan.world.network('lan');
    assert.equal(
      lan.call(a, (system) => udpAsk(system, '10.0.0.2')),
      undefined,
      medium,
    );
    const lost = lan.world.capture?.frames() ?? [];
    assert.ok(lost.length > 0 && lost.every(({ comment }) => comment === 'lost on the link'), medium);
    network.change({ loss: 0, delay: milliseconds(100) });
    assert.equal(
      lan.call(a, (system) => udpAsk(system, '10.0.0.2')),
      'hello',
      medium,
    );
    const before = lan.now;
    assert.equal(
      lan.call(a, (system) => udpAsk(system, '10.0.0.2')),
      'hello',
      medium,
    );
    assert.equal(Math.floor((lan.now - before) / 1e6), 200, `${medium}: there and back`);
    network.change({ loss: 1 });
    assert.equal(
      lan.call(a, (system) => udpAsk(system, '10.0.0.2')),
      undefined,
      medium,
    );
    lan.close();
  }
});

test('TCP brings every byte across a network that loses, doubles, reorders and damages frames', () => {
  const lan = new Lan();
  lan.network('lan', '10.0.0.0/24', {
    loss: 0.02,
    duplicate: 0.02,
    corrupt: 0.02,
    reorder: 0.05,
    reorderDelay: milliseconds(3),
    jitter: milliseconds(1),
  });
  const [a, b] = [lan.host('a', { lan: '10.0.0.1' }), lan.host('b', { lan: '10.0.0.2' })];
  lan.spawn(b, (system) => tcpEchoServer(system), true);
  const data = new Uint8Array(200_000).map((_, i) => (i * 7) ^ (i >> 8));
  const same = lan.call(a, function* (system) {
    const socket = system.tcp();
    yield* socket.connect(ip('10.0.0.2'), 7);
    system.spawn(
      'writer',
      (function* (): Program<void> {
        yield* socket.write(data);
        socket.shutdown();
      })(),
    );
    const heard: number[] = [];
    for (let piece = yield* socket.read(); piece !== undefined; piece = yield* socket.read()) heard.push(...piece);
    socket.close();
    return heard.length === data.length && heard.every((byte, i) => byte === data[i]);
  });
  assert.equal(same, true);
  lan.close();
});

test('a packet that the firewall rejects comes back as filtered; one that it drops does not come back', () => {
  const policy = { input: 'drop', forward: 'accept', output: 'accept' } as const;
  for (const action of ['reject', 'drop']) {
    const lan = new Lan();
    lan.network('lan', '10.0.0.0/24');
    const [a, b] = [lan.host('a', { lan: '10.0.0.1' }), lan.host('b', { lan: '10.0.0.2' })];
    lan.gate(b, undefined, { policy, rules: rules(`${action} input icmp`) });
    const text = lan.command(a, 'ping -c 1 10.0.0.2');
    assert.equal(/Packet filtered/.test(text), action === 'reject', text);
    assert.match(text, /exit 1\n$/);
    lan.close();
  }
});

test('a fault strikes the packets that it names, counts them, and leaves the others alone', () => {
  const lan = new Lan();
  lan.network('lan', '10.0.0.0/24');
  const [a] = [lan.host('a', { lan: '10.0.0.1' }), lan.host('b', { lan: '10.0.0.2' })];
  const common = {
    position: { line: 0, column: 0 },
    network: undefined,
    from: START,
    until: NEVER,
    corruptKind: 'wire',
  };
  const faultOf = (id: string, kind: string, nth: number, times: number): PacketFault =>
    new PacketFault({ ...common, id, kind, nth, times, filter: 'icmp.type == 8', by: milliseconds(50) } as never);
  const lost = faultOf('lost', 'drop', 2, 1);
  const late = faultOf('late', 'delay', 3, 1);
  const never = faultOf('never', 'drop', 100, 1);
  for (const fault of [lost, late, never]) lan.world.network('lan').addRule(fault);
  const text = lan.command(a, 'ping -c 4 10.0.0.2');
  assert.match(text, /4 packets transmitted, 3 received, 25% packet loss/);
  // The packet that was lost never came to the second rule: it is the third of those that it sees.
  assert.match(text, /icmp_seq=4 ttl=64 time=52\.0 ms/);
  assert.deepEqual([lost.matches, lost.hits, late.hits, never.hits], [4, 1, 1, 0]);
  lan.close();
});

test('a router that restarts has forgotten its translations, serves again, and what it hides reaches out again', () => {
  const scenario = new ScenarioBuilder('restart')
    .network('home', { subnet: '192.168.1.0/24' })
    .network('wan', { subnet: '203.0.113.0/24' })
    .host('alice', { interfaces: { home: 'dhcp' } })
    .router('gate', {
      interfaces: { home: '192.168.1.1', wan: '203.0.113.2' },
      nat: { inside: 'home', outside: 'wan' },
      dhcp: { network: 'home', range: '192.168.1.100-192.168.1.110' },
    })
    .host('www', { interfaces: { wan: '203.0.113.80' } })
    .run('1s', 'alice', 'ping -c 1 203.0.113.80')
    .build();
  const { built, world, run, steps } = simulate(scenario);
  const gate = world.host('gate');
  assert.equal(steps[0]?.exitCode, 0);
  assert.equal(gate.gate?.nat?.size, 1);
  built.actOnHost('gate', 'restart', world.now);
  assert.deepEqual([gate.gate?.nat?.size, gate.gate?.conntrack.size], [0, 0]);
  built.actOnHost('alice', 'restart', world.now);
  run();
  assert.equal(addressOf(world.host('alice')), '192.168.1.100');
  const again = runCommand(world.host('alice'), 'ping -c 1 203.0.113.80');
  world.host('alice').settle(world.now);
  run();
  assert.equal(again.exitCode, 0, again.output.join('\n'));
  world.close();
  assert.equal(world.queue.size, 0);
});

function simulate(scenario: Scenario): Pick<Simulation, 'built' | 'world' | 'steps'> & { run: () => void } {
  const simulation = new Simulation(scenario);
  const { built, world, steps } = simulation;
  simulation.run();
  return { built, world, steps, run: () => world.runUntil(NEVER) };
}

// Order

function crowd(entry: readonly number[], shuffleSeed?: number): string {
  const lan = new Lan(shuffleSeed === undefined ? {} : { shuffleSeed });
  lan.network('lan', '10.0.0.0/24');
  const hosts = [1, 2, 3, 4, 5].map((n) => lan.host(`h${n}`, { lan: `10.0.0.${n}` }));
  for (const i of entry) {
    const host = hosts[i];
    if (host === undefined) continue;
    host.spawn('server', (system) => udpEchoServer(system), true);
    host.spawn('client', function* (system): Program<void> {
      yield* system.sleep(seconds(1));
      yield* udpAsk(system, `10.0.0.${((i + 1) % 5) + 1}`);
    });
    host.settle(lan.now);
  }
  lan.run();
  const digest = lan.world.capture?.digest() ?? '';
  lan.close();
  return digest;
}

test('what happens at the same time does not depend on the order of entry', () => {
  assert.equal(crowd([0, 1, 2, 3, 4]), crowd([4, 2, 0, 3, 1]));
});

test('a shuffle seed changes the order of equal times, and stays deterministic', () => {
  const entry = [0, 1, 2, 3, 4];
  const digests = [undefined, 1, 2, 3].map((seed) => crowd(entry, seed));
  assert.deepEqual(
    digests,
    [undefined, 1, 2, 3].map((seed) => crowd(entry, seed)),
  );
  assert.ok(new Set(digests).size > 1);
});

test('the timeline acts before anything else of its instant, in the order of the file', () => {
  const lan = new Lan();
  lan.network('lan', '10.0.0.0/24');
  const host = lan.host('a', { lan: '10.0.0.1' });
  const log: string[] = [];
  lan.spawn(host, function* (system): Program<void> {
    yield* system.sleep(seconds(1));
    log.push('program');
  });
  const timeline = new Timeline(lan.world);
  timeline.at(after(lan.now, seconds(2)), () => log.push('later'));
  timeline.at(after(lan.now, seconds(1)), (now) => {
    log.push('first');
    timeline.at(now, () => log.push('made by the first'));
  });
  timeline.at(after(lan.now, seconds(1)), () => log.push('second'));
  lan.run();
  assert.deepEqual(log, ['first', 'second', 'made by the first', 'program', 'later']);
  assert.throws(() => timeline.at(0 as typeof lan.now, () => {}), RangeError);
  timeline.at(after(lan.now, seconds(1)), () => log.push('never'));
  lan.close();
  assert.equal(log.includes('never'), false);
});

test('a world is closed in the middle of everything, and holds nothing then', () => {
  for (const medium of ['ethernet', 'wifi', 'cable'] as const) {
    for (let cut = 1; cut < 60; cut += 2) {
      const lan = new Lan();
      lan.network('lan', '10.0.0.0/24', { rate: 1e7 }, medium);
      const [a, b] = [lan.host('a', { lan: '10.0.0.1' }), lan.host('b', { lan: '10.0.0.2' })];
      lan.spawn(b, (system) => tcpEchoServer(system), true);
      lan.spawn(a, function* (system): Program<void> {
        const lone = system.udp();
        lone.sendTo(utf8('x'), ip('10.0.0.9'), 9);
        const socket = system.tcp();
        yield* socket.connect(ip('10.0.0.2'), 7, NEVER);
        for (;;) yield* socket.write(new Uint8Array(10_000));
      });
      lan.pass(milliseconds(cut));
      assert.ok(lan.world.arena.slotsInUse > 0);
      lan.world.close();
      assert.equal(lan.world.arena.slotsInUse, 0, `${medium}, closed after ${cut} ms`);
      assert.equal(lan.world.queue.size, 0);
    }
  }
});
