// Why the end that closes first remembers a connection for a while (TIME_WAIT, RFC 9293 §3.6.1). A segment of one connection
// is held up on the way. Its endpoints close, and talk again from the same port; then the old segment comes.
// From a clone: node scripts/run.mjs examples/delayed_message.ts. Elsewhere the imports read `from 'netarium'`.

import { Internet, milliseconds, type Program, type System, seconds } from '../src/doors/library/index.ts';

const PORT = 7000;
/** Alice's own port, each time. */
const ALICE_PORT = 5000;
const LENGTH = 1_000_000;
/** What Bob sends before he pauses. */
const FIRST = 600_000;

/** Sends a million ones to whoever comes first, and a million twos to the next, these with a pause. */
function* bob(system: System): Program<void> {
  const listener = system.listen(undefined, PORT);
  for (const digit of ['1', '2']) {
    const socket = yield* listener.accept();
    if (socket === undefined) return;
    const message = new TextEncoder().encode(digit.repeat(LENGTH));
    yield* socket.write(message.subarray(0, FIRST));
    if (digit === '2') yield* system.sleep(seconds(1));
    yield* socket.write(message.subarray(FIRST));
    yield* socket.read(); // Alice closes first
    socket.close();
  }
}

/** What Alice reads from her port: how often which digit. */
function* read(system: System): Program<string> {
  const [peer] = yield* system.getAddressInfo('bob', PORT);
  if (peer === undefined) return 'nobody is called Bob';
  const socket = system.tcp();
  const counts = new Map<string, number>();
  try {
    socket.bind(undefined, ALICE_PORT);
    yield* socket.connect(peer.address, peer.port);
    for (let length = 0; length < LENGTH; ) {
      const bytes = yield* socket.read();
      if (bytes === undefined) break;
      length += bytes.length;
      for (const byte of bytes) {
        const digit = String.fromCharCode(byte);
        counts.set(digit, (counts.get(digit) ?? 0) + 1);
      }
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    socket.close();
  }
  return [...counts].map(([digit, count]) => `${count} times ${digit}`).join(', ');
}

for (const timeWait of ['1m', '0s']) {
  const tcp = { timestamps: false, 'time-wait': timeWait };
  const net = await Internet.boot({
    networks: { net: { subnet: '10.0.0.0/24', delay: '10ms', rate: '100Mbps' } },
    hosts: { alice: { interfaces: { net: '10.0.0.1' }, tcp }, bob: { interfaces: { net: '10.0.0.2' }, tcp } },
    faults: [{ id: 'held-up', delay: `tcp.srcport == ${PORT} && tcp.len > 0`, nth: 630, times: 1, by: '1300ms' }],
  });
  const serving = net.host('bob').program(bob);
  const [first, second] = await net.host('alice').program(function* (system): Program<[string, string]> {
    const before = yield* read(system);
    yield* system.sleep(milliseconds(500));
    return [before, yield* read(system)];
  });
  console.log(`TIME_WAIT of ${timeWait}: first ${first}; then ${second}`);
  net.close();
  await serving.catch(() => undefined); // where Alice never came again
}
