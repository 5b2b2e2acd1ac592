// The eight things that can happen to a frame or a packet, and the trials that show what comes of each: on Ethernet, on
// WiFi and for IPv4. Not here: the world of a trial (bench.ts), and words for what was seen (quality.ts).

import { milliseconds } from '../../../core/time.ts';
import type { FrameRule } from '../../../stack/link/device.ts';
import { parseIpv4Address } from '../../../wire/address.ts';
import { ETHERNET_HEADER_LENGTH } from '../../../wire/ethernet.ts';
import { Bench, type Observation, type Way } from './bench.ts';
import { qualityOf } from './quality.ts';

const COUNT = 100;
const SHORT = 20;
const LONG = 1000;
/** More than the link's 1,500, with IP's header; and what fits the first link and not the one behind the router. */
const OVERLONG = 2000;

export type Column = 'ethernet' | 'wifi' | 'ipv4';

export interface Cell {
  /** What was seen, in words; of two trials, joined by "or". */
  readonly quality: string;
  readonly trials: readonly Observation[];
}

export interface QualityRow {
  readonly event: string;
  readonly cells: Readonly<Record<Column, Cell>>;
}

type Trial = (bench: Bench) => void;

interface Event {
  readonly name: string;
  /** On one link. */
  readonly link: Trial;
  /** For a packet on its way through a router: each is a trial of its own. */
  readonly packet: readonly Trial[];
  /** Of what was seen the part that the event is about. */
  readonly part?: (seen: Observation) => Observation;
  /** Ethernet without a switch: who discards is the receiver. */
  readonly isBetweenTwo?: boolean;
}

const lose: Trial = (bench) => {
  bench.change({ loss: 1 });
  bench.sendInTurn(COUNT, SHORT);
};

const damage: Trial = (bench) => {
  bench.watchDamage();
  bench.change({ corrupt: 1, corruptKind: 'wire' });
  bench.sendInTurn(COUNT, SHORT);
};

const EVENTS: readonly Event[] = [
  { name: 'collides with another', link: sendTogether, packet: [sendTogether] },
  { name: 'not received', link: lose, packet: [lose] },
  {
    name: 'header corrupted',
    link: damage,
    packet: [damageBeyondCheck(ETHERNET_HEADER_LENGTH + 4)],
    part: (seen) => ({ ...seen, sent: seen.damagedHeaders, discarded: seen.damagedHeaders }),
    isBetweenTwo: true,
  },
  {
    name: 'data corrupted',
    link: damage,
    packet: [damageBeyondCheck(-1)],
    part: (seen) => ({ ...seen, sent: seen.damagedData, discarded: seen.damagedData }),
    isBetweenTwo: true,
  },
  {
    name: 'too long',
    link: (bench) => bench.sendUncut(COUNT, OVERLONG),
    packet: [(bench) => bench.sendInTurn(COUNT, LONG), (bench) => bench.sendUncut(COUNT, LONG)],
  },
  { name: 'reordered', link: overtake, packet: [overtake] },
  {
    name: 'destination unknown',
    link: (bench) => {
      bench.unplugBob();
      bench.sendInTurn(COUNT, SHORT);
    },
    packet: [
      // The router has no way to 10.9.9.9.
      (bench) => bench.send(COUNT, SHORT, ['alice'], parseIpv4Address('10.9.9.9')),
    ],
  },
  { name: 'too much being sent', link: overload, packet: [overload] },
];

/** Runs all trials of a seed and says what was seen. */
export function qualityRows(seed: number): readonly QualityRow[] {
  return EVENTS.map((event) => {
    const onLink = (way: Way): Cell => cellOf([event.link], way, seed, event.part);
    return {
      event: event.name,
      cells: {
        ethernet: onLink(event.isBetweenTwo === true ? 'cable' : 'ethernet'),
        wifi: onLink('wifi'),
        ipv4: cellOf(event.packet, 'routed', seed),
      },
    };
  });
}

function cellOf(trials: readonly Trial[], way: Way, seed: number, part?: Event['part']): Cell {
  const seen = trials.map((trial) => {
    const bench = new Bench(way, seed);
    trial(bench);
    const observation = bench.observe();
    return part === undefined ? observation : part(observation);
  });
  return { quality: [...new Set(seen.map(qualityOf))].join(', or '), trials: seen };
}

// Two stations begin at the same instant, on a link that takes a while for each frame.
function sendTogether(bench: Bench): void {
  bench.change({ rate: 10e6 });
  bench.send(1, LONG / 2, ['alice', 'carol']);
}

function overtake(bench: Bench): void {
  bench.change({ reorder: 0.3, reorderDelay: milliseconds(5) });
  bench.sendInTurn(COUNT, SHORT);
}

function overload(bench: Bench): void {
  bench.change({ rate: 1e6 });
  bench.send(COUNT * 10, LONG / 2);
}

/** One bit, and a check sequence that is made afterwards: damage inside a box. From the end where `at` is negative. */
function damageBeyondCheck(at: number): Trial {
  const rule: FrameRule = {
    judge: (_now, frame) => {
      const copy = frame.slice();
      const place = at < 0 ? copy.length + at : at;
      copy[place] = (copy[place] ?? 0) ^ 1;
      return { replace: [copy] };
    },
  };
  return (bench) => {
    bench.addRule(rule);
    bench.sendInTurn(COUNT, SHORT);
  };
}
