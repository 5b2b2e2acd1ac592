import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../core/random.ts';
import { after, earlier, formatInstant, type Instant, NEVER, START, seconds } from '../../core/time.ts';
import {
  formatIpv4,
  type Ipv4Address,
  isLinkLocalIpv4,
  type LinkAddress,
  NO_LINK_ADDRESS,
} from '../../wire/address.ts';
import { type ArpPacket, formatArp } from '../../wire/arp.ts';
import { LinkLocal } from './link_local.ts';
import { NetworkInterface } from './network_interface.ts';

const link = (host: number): LinkAddress => (0x0200_0000_0000 + host) as LinkAddress;
const at = (count: number): Instant => after(START, seconds(count));
const wanted = (0xa9fe_0707 | 0) as Ipv4Address; // 169.254.7.7

/** Machines on one link, each of which hears what the others say. */
class Link {
  readonly log: string[] = [];
  readonly machines: LinkLocal[] = [];

  join(remembered?: Ipv4Address): LinkLocal {
    const number = this.machines.length + 1;
    const machine = new LinkLocal(
      new NetworkInterface(0, 'eth0', link(number)),
      Random.fromSeed(1).fork(`machine ${number}`),
      remembered,
    );
    this.machines.push(machine);
    return machine;
  }

  start(now: Instant): void {
    for (const machine of this.machines) machine.start(now);
    this.drain(now);
  }

  hear(now: Instant, packet: ArpPacket): void {
    for (const machine of this.machines) machine.handleInput(now, packet);
    this.drain(now);
  }

  runUntil(end: Instant): void {
    for (let now = this.deadline; now <= end; now = this.deadline) {
      for (const machine of this.machines) machine.handleTimeout(now);
      this.drain(now);
    }
  }

  takeLog(): string[] {
    return this.log.splice(0);
  }

  private get deadline(): Instant {
    return this.machines
      .map((machine) => earlier(machine.pollTimeout(), machine.pollBackgroundTimeout()))
      .reduce(earlier, NEVER);
  }

  private drain(now: Instant): void {
    for (const [i, machine] of this.machines.entries()) {
      for (let packet = machine.pollTransmit(); packet; packet = machine.pollTransmit()) {
        this.log.push(`${formatInstant(now).slice(0, -8)} ${i + 1}: ${formatArp(packet).slice(5, -11)}`);
        for (const other of this.machines) other.handleInput(now, packet);
      }
      for (let event = machine.pollEvent(); event; event = machine.pollEvent()) {
        this.log.push(`${formatInstant(now).slice(0, -8)} ${i + 1}: ${event.kind} ${formatIpv4(event.address)}`);
      }
    }
  }
}

const claim = (host: number, sender: Ipv4Address, target = sender): ArpPacket => {
  return { operation: 'request', senderLink: link(host), sender, targetLink: NO_LINK_ADDRESS, target };
};

test('three probes, then two announcements; only the search keeps the world alive', () => {
  const bench = new Link();
  const machine = bench.join(wanted);
  bench.start(START);
  assert.notEqual(machine.pollTimeout(), NEVER);
  bench.runUntil(at(60));
  assert.deepEqual(bench.takeLog(), [
    '0.7 1: Request who-has 169.254.7.7 tell 0.0.0.0',
    '2.2 1: Request who-has 169.254.7.7 tell 0.0.0.0',
    '3.6 1: Request who-has 169.254.7.7 tell 0.0.0.0',
    '5.6 1: Request who-has 169.254.7.7 tell 169.254.7.7',
    '5.6 1: Acquired 169.254.7.7',
    '7.6 1: Request who-has 169.254.7.7 tell 169.254.7.7',
  ]);
  assert.deepEqual([machine.state, machine.pollTimeout()], ['Bound', NEVER]);
});

test('two that want the same address end up with two', () => {
  const bench = new Link();
  const [one, two] = [bench.join(wanted), bench.join(wanted)];
  bench.start(START);
  bench.runUntil(at(60));
  assert.deepEqual([one.state, two.state], ['Bound', 'Bound']);
  assert.notEqual(one.address, two.address);
  assert.ok(bench.takeLog().some((line) => line.includes('Refused 169.254.7.7')));
});

test('an address in use is defended once; whoever insists gets it', () => {
  const bench = new Link();
  const machine = bench.join(wanted);
  bench.start(START);
  bench.runUntil(at(60));
  bench.takeLog();
  bench.hear(at(60), claim(9, wanted));
  bench.hear(at(71), claim(9, wanted));
  assert.equal(machine.state, 'Bound');
  bench.hear(at(72), claim(9, wanted));
  assert.deepEqual(bench.takeLog(), [
    '60.0 1: Request who-has 169.254.7.7 tell 169.254.7.7',
    '60.0 1: Defended 169.254.7.7',
    '71.0 1: Request who-has 169.254.7.7 tell 169.254.7.7',
    '71.0 1: Defended 169.254.7.7',
    '72.0 1: Lost 169.254.7.7',
  ]);
  bench.runUntil(at(90));
  assert.ok(machine.isInUse && machine.address !== wanted);
});

test('where everything is taken, it slows down to a try a minute', () => {
  const bench = new Link();
  const machine = bench.join();
  bench.start(START);
  let tries = 0;
  for (let now = machine.pollTimeout(); now < at(1000); now = machine.pollTimeout()) {
    assert.ok(isLinkLocalIpv4(machine.address));
    bench.runUntil(now);
    if (machine.state === 'Probing') {
      tries++;
      bench.hear(now, claim(9, machine.address));
    }
  }
  assert.ok(tries > 20 && tries < 30, `${tries} tries`);
});

test('stopped, it gives the address up and is silent', () => {
  const bench = new Link();
  const machine = bench.join(wanted);
  bench.start(START);
  bench.runUntil(at(60));
  bench.takeLog();
  machine.stop();
  bench.hear(at(60), claim(9, wanted));
  assert.deepEqual(bench.takeLog(), ['60.0 1: Lost 169.254.7.7']);
  assert.equal(machine.pollTimeout(), NEVER);
});
