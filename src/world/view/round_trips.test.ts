import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tcpFrame } from '../../../test/testing/frames.ts';
import { type Instant, NEVER } from '../../core/time.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import { TcpFlag } from '../../wire/tcp.ts';
import type { CapturedFrame } from './captured_frame.ts';
import { roundTripsTo } from './round_trips.ts';

const CLIENT = { address: 0x0a000001 as Ipv4Address, port: 4000 };
const SERVER = { address: 0x0a000002 as Ipv4Address, port: 80 };

/** `c` or `s`, a number, and how many bytes from there on; a plus for SYN: `c10+0`. One a microsecond. */
function framesOf(story: string, network = 'lan'): CapturedFrame[] {
  return story.split(' ').map((word, i) => {
    const [, side, sequence, syn, length] = /^([cs])(\d+)([+:])(\d+)$/.exec(word) ?? assert.fail(word);
    const flags = syn === '+' ? TcpFlag.Syn | (side === 's' ? TcpFlag.Ack : 0) : TcpFlag.Ack;
    const bytes = tcpFrame({
      isFromB: side === 's',
      sequence: Number(sequence) | 0,
      flags,
      window: 1000,
      payload: new Uint8Array(Number(length)),
    });
    return { number: i + 1, time: (1000 * (i + 1)) as Instant, network, bytes };
  });
}

const counted = (story: string, until: Instant = NEVER): number => roundTripsTo(framesOf(story), CLIENT, SERVER, until);

const SETUP = 'c10+0 s50+0 c11:0';

test('a request in the clear takes two, and a handshake one more for each time that the server must answer', () => {
  assert.equal(counted(SETUP), 1);
  assert.equal(counted(`${SETUP} c11:90 s51:200`), 2);
  assert.equal(counted(`${SETUP} c11:90 s51:200 c101:150 s251:300`), 3);
});

test('a flight of several segments is one turn, acknowledged on the way or not', () => {
  assert.equal(counted(`${SETUP} c11:90 s51:100 c101:0 s151:100 c101:0 s251:50`), 2);
  assert.equal(counted(`${SETUP} c11:50 c61:50 s51:0 c111:50 s51:100`), 2);
});

test('what is sent again says nothing new', () => {
  assert.equal(counted(`c10+0 c10+0 s50+0 s50+0 c11:0 c11:90 s50+0 c11:90 s51:200 s51:200`), 2);
});

test('what comes after the first byte does not count, nor what is of others', () => {
  const story = `${SETUP} c11:90 s51:200 c101:150 s251:300`;
  assert.equal(counted(story, 5000 as Instant), 2);
  assert.equal(roundTripsTo(framesOf(story), { ...CLIENT, port: 4001 }, SERVER, NEVER), 0);
  const twice = [...framesOf(story), ...framesOf(story, 'next')].sort((a, b) => a.time - b.time);
  assert.equal(roundTripsTo(twice, CLIENT, SERVER, NEVER), 3, 'a router passes it on: the first network counts');
});

test('another connection over the same ports begins anew, and numbers may wrap around', () => {
  assert.equal(counted(`${SETUP} c11:90 s51:200 c900+0 s70+0 c901:0 c901:5 s71:5`), 2);
  assert.equal(counted('c4294967290+0 s4294967295+0 c4294967291:50 s0:5'), 2);
});
