// Everything that was put on any network, once each, as its sender sent it; the digest of all of it; and the secrets by which
// what is encrypted can be read.

import { sha256 } from '@noble/hashes/sha2.js';
import type { Arena } from '../../core/arena.ts';
import { hexOf, joinBytes, utf8 } from '../../core/bytes.ts';
import { type Instant, NEVER } from '../../core/time.ts';
import type { FrameFate, FrameTap } from '../../stack/link/device.ts';
import { PcapngWriter, type WallTime } from '../../wire/pcapng_writer.ts';
import type { CapturedFrame } from '../view/captured_frame.ts';

const COMMENTS: Readonly<Record<FrameFate, string | undefined>> = {
  sent: undefined,
  lost: 'lost on the link',
  damaged: 'damaged on the link: the receiver drops it by its frame check sequence',
  'damaged-beyond-fcs': 'damaged on the link, and the frame check sequence does not show it',
  duplicated: 'arrives twice',
};

interface Recorded {
  readonly time: Instant;
  readonly network: string;
  readonly bytes: Uint8Array;
  readonly fate: FrameFate;
}

/** A line of a TLS key log (RFC 9850), and when it came into being. */
export interface TlsSecret {
  readonly time: Instant;
  readonly line: string;
}

export class Capture {
  private readonly arena: Arena;
  private readonly recorded: Recorded[] = [];
  // By line: both ends of a connection tell of the same secrets.
  private readonly secrets = new Map<string, Instant>();
  private isSorted = true;
  private latest = 0;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  get length(): number {
    return this.recorded.length;
  }

  /** A tap for one network. */
  tap(network: string): FrameTap {
    return {
      frame: (startsAt: Instant, slot: number, fate: FrameFate): void => {
        // A frame that waits for its transmitter is told of before others that start earlier.
        if (startsAt < this.latest) this.isSorted = false;
        else this.latest = startsAt;
        this.recorded.push({ time: startsAt, network, bytes: this.arena.copyOut(slot), fate });
      },
    };
  }

  addTlsSecret(time: Instant, line: string): void {
    if (!this.secrets.has(line)) this.secrets.set(line, time);
  }

  /** In the order in which they came into being: each before the frames that need it. */
  tlsSecrets(): readonly TlsSecret[] {
    return [...this.secrets].map(([line, time]) => ({ time, line }));
  }

  /** All of them as a text. */
  keyLog(): string {
    return [...this.secrets.keys()].map((line) => `${line}\n`).join('');
  }

  /** In the order of time; those of equal time in the order in which they were sent. */
  frames(): readonly CapturedFrame[] {
    return this.sorted().map(({ time, network, bytes, fate }, i) => {
      const comment = COMMENTS[fate];
      const frame = { number: i + 1, time, network, bytes };
      return comment === undefined ? frame : { ...frame, comment };
    });
  }

  /** SHA-256 over each frame's time (64 bits, nanoseconds), network and bytes, each with its length (32 bits). */
  digest(): string {
    const hash = sha256.create();
    const head = new Uint8Array(16);
    const view = new DataView(head.buffer);
    for (const { time, network, bytes } of this.sorted()) {
      const name = utf8(network);
      view.setUint32(0, Math.floor(time / 0x1_0000_0000));
      view.setUint32(4, time % 0x1_0000_0000);
      view.setUint32(8, name.length);
      view.setUint32(12, bytes.length);
      hash.update(head).update(name).update(bytes);
    }
    return hexOf(hash.digest());
  }

  private sorted(): readonly Recorded[] {
    if (!this.isSorted) this.recorded.sort((a, b) => a.time - b.time); // stable: equal times keep their order
    this.isSorted = true;
    return this.recorded;
  }
}

/**
 * A pcapng file with one interface a network.
 *
 * @param secrets each stands in front of the first frame that is not earlier
 */
export function pcapngOf(
  frames: readonly CapturedFrame[],
  networks: readonly string[],
  start: WallTime,
  application: string,
  secrets: readonly TlsSecret[] = [],
): Uint8Array {
  const writer = new PcapngWriter(start, application);
  const pieces = [writer.header(), ...networks.map((name) => writer.interface(name))];
  let told = 0;
  const tellUntil = (time: Instant): void => {
    const from = told;
    while (told < secrets.length && (secrets[told]?.time ?? NEVER) <= time) told++;
    const lines = secrets.slice(from, told).map(({ line }) => `${line}\n`);
    if (lines.length > 0) pieces.push(writer.tlsSecrets(lines.join('')));
  };
  for (const { time, network, bytes, comment } of frames) {
    tellUntil(time);
    const comments = comment === undefined ? [] : [comment];
    pieces.push(writer.packet(networks.indexOf(network), time, bytes, ...comments));
  }
  tellUntil(NEVER);
  return joinBytes(pieces);
}
