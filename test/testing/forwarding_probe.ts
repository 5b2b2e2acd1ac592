// Run by test/world/hot_path.test.ts in a process of its own, with a young generation so large that nothing is collected
// while it counts: frames through a router, as JSON on the standard output.

import { memoryUsage, stdout } from 'node:process';
import { isDrop } from '../../src/core/drop_reason.ts';
import { after, type Instant, microseconds, START } from '../../src/core/time.ts';
import { Cable } from '../../src/stack/link/cable.ts';
import type { Device } from '../../src/stack/link/device.ts';
import type { LinkAddress } from '../../src/wire/address.ts';
import { emitArp, parseArp } from '../../src/wire/arp.ts';
import {
  ETHERNET_HEADER_LENGTH,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  emitEthernet,
  etherType,
} from '../../src/wire/ethernet.ts';
import { gateFor } from '../../src/world/host/firewall.ts';
import { World } from '../../src/world/sim/world.ts';
import { viewOf } from './bytes.ts';
import { address, packet } from './gate_bench.ts';

const FRAMES = 100_000;
const WARM_UP = 50_000;
const NEIGHBOR = 0x0200_0000_0007 as LinkAddress;
const LINK = { delay: microseconds(10), rate: 10e9, queueBytes: 1_000_000 };

const { gc } = globalThis as { gc?: () => void };
const [, , kind] = process.argv;

const world = new World({ seed: 1, isCapturing: false });
const router = world.addHost('router');
router.network.isForwarding = true;
let arrived = 0;
const end = (node: number): Device => ({
  node,
  receive: (now, _port, slot): void => {
    const { arena } = world;
    if (etherType(arena.view, arena.start(slot)) === ETHERTYPE_IPV4) {
      arrived++;
      arena.release(slot);
    } else answerArp(now, arena.own(slot));
  },
});
// Whoever is asked for says that it is there: the router's neighbor stays reachable.
function answerArp(now: Instant, slot: number): void {
  const { arena } = world;
  const at = arena.start(slot);
  const asked = parseArp(arena.view, at + ETHERNET_HEADER_LENGTH, arena.end(slot));
  if (isDrop(asked)) throw new Error('the router sends nothing else');
  const { senderLink, sender, target } = asked;
  emitEthernet(arena.view, at, senderLink, NEIGHBOR, ETHERTYPE_ARP);
  const reply = { senderLink: NEIGHBOR, sender: target, targetLink: senderLink, target: sender } as const;
  emitArp(arena.view, at + ETHERNET_HEADER_LENGTH, { operation: 'reply', ...reply });
  outgoing.backward.transmit(now, slot);
}

const left = router.addInterface('left', 0x0200_0000_0001 as LinkAddress);
const right = router.addInterface('right', 0x0200_0000_0002 as LinkAddress);
const random = world.random.fork('cables');
const incoming = new Cable(world, { device: end(100), port: 0 }, { device: router, port: left.index }, random, LINK);
const outgoing = new Cable(world, { device: router, port: right.index }, { device: end(101), port: 0 }, random, LINK);
left.transmitter = incoming.backward;
right.transmitter = outgoing.forward;
router.network.setAddresses(START, left.index, [{ address: address('192.168.1.1'), prefixLength: 24 }]);
router.network.setAddresses(START, right.index, [{ address: address('198.51.100.1'), prefixLength: 24 }]);
if (kind === 'nat') {
  const nat = { inside: [0], outside: 1, firstPort: 1024, lastPort: 65_535 } as const;
  const behaviour = { mapping: 'endpoint-independent', filtering: 'endpoint-independent' } as const;
  router.gate = gateFor(router, undefined, { ...nat, ...behaviour }, undefined);
  router.network.hooks = router.gate;
}

const ip = packet('udp 192.168.1.5:4000 > 198.51.100.7:53', new Uint8Array(1000));
const frame = new Uint8Array(ETHERNET_HEADER_LENGTH + ip.length);
emitEthernet(viewOf(frame), 0, left.linkAddress, 0x0200_0000_0005 as LinkAddress, ETHERTYPE_IPV4);
frame.set(ip, ETHERNET_HEADER_LENGTH);

function send(count: number): void {
  for (let n = 0; n < count; n++) {
    incoming.forward.transmit(world.now, world.arena.allocateFrom(frame));
    world.runUntil(after(world.now, microseconds(15)));
  }
  world.runUntil(after(world.now, microseconds(100))); // the last ones arrive
}

send(WARM_UP);
gc?.();
arrived = 0;
const eventsBefore = world.eventCount;
const memoryBefore = world.arena.byteLength;
const heapBefore = memoryUsage().heapUsed;
send(FRAMES);
const heapBytes = memoryUsage().heapUsed - heapBefore;
const events = world.eventCount - eventsBefore;
const arenaGrowth = world.arena.byteLength - memoryBefore;
world.close();
stdout.write(
  JSON.stringify({ frames: FRAMES, arrived, events, heapBytes, arenaGrowth, slots: world.arena.slotsInUse }),
);
