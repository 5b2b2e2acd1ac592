import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FRAMES } from '../../../test/testing/frames.ts';
import type { Instant } from '../../core/time.ts';
import { dissect } from './dissection.ts';

const layersOf = (bytes: Uint8Array): string => {
  const { ethernet, arp, ip, icmp, udp, tcp, payload } = dissect({
    number: 1,
    time: 0 as Instant,
    network: 'lan',
    bytes,
  });
  const spans = Object.entries({ ip, icmp, udp, tcp, payload }).flatMap(([name, layer]) =>
    layer === undefined ? [] : [`${name} ${layer.at}-${layer.end}`],
  );
  return [...(ethernet === undefined ? [] : ['eth']), ...(arp === undefined ? [] : ['arp']), ...spans].join(', ');
};

const TABLE: Readonly<Partial<Record<keyof typeof FRAMES, string>>> = {
  arpRequest: 'eth, arp',
  syn: 'eth, ip 14-74, tcp 34-74, payload 74-74',
  data: 'eth, ip 14-71, tcp 34-71, payload 66-71',
  udp: 'eth, ip 14-47, udp 34-47, payload 42-47',
  echoRequest: 'eth, ip 14-46, icmp 34-46',
  lastFragment: 'eth, ip 14-50',
  tagged: 'eth, ip 18-51, udp 38-51, payload 46-51',
  ipv6: 'eth',
};
for (const [name, layers] of Object.entries(TABLE)) {
  test(`${name} has its layers where they are`, () =>
    assert.equal(layersOf(FRAMES[name as keyof typeof FRAMES]), layers));
}

test('padding behind the packet belongs to no layer', () => {
  assert.equal(layersOf(Uint8Array.of(...FRAMES.udp, 0, 0, 0)), TABLE.udp);
});

test('a cut or damaged frame has the layers that can still be told apart, each inside the frame', () => {
  const frames = fc.constantFrom(...Object.values(FRAMES));
  fc.assert(
    fc.property(frames, fc.nat(80), fc.nat(80), fc.nat(255), (frame, length, at, value) => {
      const bytes = frame.slice(0, length);
      if (at < bytes.length) bytes[at] = value;
      const { ip, icmp, udp, tcp, payload } = dissect({ number: 1, time: 0 as Instant, network: 'lan', bytes });
      for (const layer of [ip, icmp, udp, tcp, payload]) {
        if (layer !== undefined) assert.ok(layer.at <= layer.end && layer.end <= bytes.length);
      }
    }),
  );
});
