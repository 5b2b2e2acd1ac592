// CPU seconds a gigabyte for one bulk transfer between two TCPs, without a network layer: what is TCP's own share of the
// path. `node bench/tcp_pair.ts [MEGABYTES] [WINDOW]`

import { Arena } from '../src/core/arena.ts';
import { simdKernel } from '../src/core/checksum_kernel_simd.ts';
import { Random } from '../src/core/random.ts';
import { after, type Instant, milliseconds, START } from '../src/core/time.ts';
import type { PacketSender } from '../src/stack/net/network_layer_api.ts';
import { TcpLayer } from '../src/stack/transport/tcp/tcp_layer.ts';
import type { Ipv4Address } from '../src/wire/address.ts';

const [megabytes = '500', window = '262144', kernel = 'simd'] = process.argv.slice(2);
const TOTAL = Number(megabytes) * 1e6;
const WINDOW = Number(window);
const DELAY = milliseconds(1);
const ADDRESSES = [0x0a000001, 0x0a000002] as Ipv4Address[];
const RING = 1 << 16;

/** What is under way to one side: a ring of slots and arrival times. */
class Wire {
  readonly times = new Float64Array(RING);
  readonly slots = new Int32Array(RING);
  head = 0;
  count = 0;
  push(at: Instant, slot: number): void {
    const i = (this.head + this.count++) & (RING - 1);
    this.times[i] = at;
    this.slots[i] = slot;
  }
}

function transfer(total: number): { readonly seconds: number; readonly segments: number } {
  const arena = kernel === 'simd' ? new Arena(2 ** 30, simdKernel) : new Arena(2 ** 30);
  const wires = [new Wire(), new Wire()] as const;
  const layers = [0, 1].map((side) => {
    const wire = wires[side === 0 ? 1 : 0];
    const sender: PacketSender = {
      send(now, slot) {
        wire.push(after(now, DELAY), slot);
        return 'sent';
      },
      selectSource: () => ADDRESSES[side],
      pathMtu: () => 1500,
      learnPathMtu: () => 1500,
      isLocal: (address) => address === ADDRESSES[side],
      isBroadcast: () => false,
    };
    return new TcpLayer({
      arena,
      random: Random.fromSeed(1).fork(String(side)),
      sender,
      journal: undefined,
      hostName: '',
    });
  });
  const [a, b] = layers;
  if (a === undefined || b === undefined) throw new Error('two layers');
  const options = { sendBuffer: 2 * WINDOW, receiveBuffer: WINDOW };
  b.acceptedOptions = { ...b.acceptedOptions, ...options };
  const listener = b.listen(START, undefined, 80);
  const client = a.connect(START, { remoteAddress: ADDRESSES[1] as Ipv4Address, remotePort: 80, options });
  if (typeof listener === 'string' || typeof client === 'string') throw new Error('no connection');
  const data = new Uint8Array(65_536);
  for (let i = 0; i < data.length; i++) data[i] = Math.imul(i, 2654435761) >>> 11;
  const buffer = new Uint8Array(65_536);
  let server: ReturnType<typeof listener.accept>;
  let written = 0;
  let received = 0;
  let segments = 0;
  let now = START;
  const before = process.cpuUsage();
  a.flush(now);
  while (received < total) {
    const [toA, toB] = wires;
    const wire =
      toA.count > 0 && (toB.count === 0 || (toA.times[toA.head] ?? 0) <= (toB.times[toB.head] ?? 0)) ? toA : toB;
    if (wire.count === 0) {
      now = Math.min(a.pollTimeout(), b.pollTimeout()) as Instant;
      a.handleTimeout(now);
      b.handleTimeout(now);
    } else {
      const i = wire.head;
      wire.head = (i + 1) & (RING - 1);
      wire.count--;
      now = (wire.times[i] ?? 0) as Instant;
      if (wire === toA) a.receive(now, wire.slots[i] ?? 0, ADDRESSES[1] as Ipv4Address, ADDRESSES[0] as Ipv4Address, 0);
      else {
        b.receive(now, wire.slots[i] ?? 0, ADDRESSES[0] as Ipv4Address, ADDRESSES[1] as Ipv4Address, 0);
        segments++;
      }
    }
    while (a.pollReady() !== undefined || client.state === 'Established') {
      if (written >= total || client.writableBytes < 16_384) break;
      const taken = client.write(data, 0, Math.min(data.length, total - written));
      written += taken;
      if (taken === 0) break;
    }
    for (let ready = b.pollReady(); ready !== undefined; ready = b.pollReady()) {
      if (ready === listener) server = listener.accept();
      // A reader that wakes for a quarter of the buffer, as a program reads: not for each segment.
    }
    if (server !== undefined && server.readableBytes >= 16_384) received += server.readInto(buffer);
    else if (server !== undefined && written >= total) received += server.readInto(buffer);
    a.flush(now);
    b.flush(now);
  }
  const used = process.cpuUsage(before);
  return { seconds: (used.user + used.system) / 1e6, segments };
}

transfer(50e6); // warm
const runs = Array.from({ length: 5 }, () => transfer(TOTAL)).sort((x, y) => x.seconds - y.seconds);
const median = runs[2] ?? { seconds: 0, segments: 1 };
const perGigabyte = median.seconds / (TOTAL / 1e9);
const perSegment = (median.seconds / median.segments) * 1e9;
console.log(
  `tcp pair, ${WINDOW} byte window, ${kernel}: ${perGigabyte.toFixed(3)} CPU s/GB, ${perSegment.toFixed(0)} ns a segment`,
);
