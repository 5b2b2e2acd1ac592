// The medium in one direction: the engine's impaired link, with two differences. What is no message (ARP) crosses
// unharmed, and damage is inside the message, where the program has to find it: a damaged header would only be one more
// way to lose it.

import { type Arena, NO_SLOT } from '../../core/arena.ts';
import type { Random } from '../../core/random.ts';
import { type Duration, type Instant, milliseconds } from '../../core/time.ts';
import { type Crossing, type ImpairmentOptions, Impairments } from '../../stack/link/impairments.ts';
import { ETHERNET_HEADER_LENGTH, ETHERTYPE_IPV4, etherType } from '../../wire/ethernet.ts';
import { IPV4_MIN_HEADER_LENGTH } from '../../wire/ipv4.ts';
import { UDP_HEADER_LENGTH } from '../../wire/udp.ts';
import type { Faults } from './levels.ts';

/** Bytes of a packet in front of the message. */
export const PACKET_HEADERS: number = IPV4_MIN_HEADER_LENGTH + UDP_HEADER_LENGTH;
const FRAME_HEADERS = ETHERNET_HEADER_LENGTH + PACKET_HEADERS;

/** What becomes of a message. */
export interface Fate {
  readonly kind: 'arrives' | 'lost' | 'twice' | 'damaged';
  /** Which byte is damaged, from 0. */
  readonly damagedByte: number | undefined;
  /** How much longer than usual it takes. */
  readonly extraDelay: Duration;
}

export class MessageMedium extends Impairments {
  /** Of the message that was sent last. */
  latest: Fate | undefined;
  private readonly damage: Random;
  private readonly unharmed: Crossing = { fate: 'sent', extraDelay: 0 as Duration, damaged: NO_SLOT, isIntact: true };

  constructor(faults: Faults, random: Random) {
    super(impairmentsOf(faults), random);
    this.damage = random.fork('damage');
  }

  override cross(sentAt: Instant, arena: Arena, slot: number): Crossing {
    if (etherType(arena.view, arena.start(slot)) !== ETHERTYPE_IPV4) return this.unharmed;
    const crossing = super.cross(sentAt, arena, slot);
    const { extraDelay } = crossing;
    const damagedByte = crossing.damaged === NO_SLOT ? undefined : this.damageMessage(arena, slot, crossing);
    const kind =
      damagedByte !== undefined
        ? 'damaged'
        : crossing.fate === 'lost'
          ? 'lost'
          : crossing.fate === 'duplicated'
            ? 'twice'
            : 'arrives';
    this.latest = { kind, damagedByte, extraDelay: kind === 'lost' ? (0 as Duration) : extraDelay };
    return crossing;
  }

  // The damaged frame anew: one bit of the message, any. An empty message has none, and stays as it is.
  private damageMessage(arena: Arena, slot: number, crossing: Crossing): number | undefined {
    const { damaged } = crossing;
    const length = arena.length(slot);
    const start = arena.start(damaged);
    arena.bytes.copyWithin(start, arena.start(slot), arena.end(slot));
    if (length <= FRAME_HEADERS) {
      arena.release(damaged);
      crossing.damaged = NO_SLOT;
      crossing.fate = 'sent';
      return undefined;
    }
    const byte = this.damage.below(length - FRAME_HEADERS);
    const at = start + FRAME_HEADERS + byte;
    arena.bytes[at] = (arena.bytes[at] ?? 0) ^ (1 << this.damage.below(8));
    return byte;
  }
}

function impairmentsOf({ loss, duplicate, reorder, reorderDelay, jitter, corrupt }: Faults): ImpairmentOptions {
  return {
    loss: loss ?? 0,
    duplicate: duplicate ?? 0,
    reorder: reorder ?? 0,
    reorderDelay: milliseconds(reorderDelay ?? 0),
    jitter: milliseconds(jitter ?? 0),
    corrupt: corrupt ?? 0,
    corruptKind: 'beyond-fcs',
  };
}
