// Faults on chosen packets: the n-th that matches a filter is dropped, delayed, damaged or doubled. Each counts its hits:
// a fault that never bit proves nothing, and fails the run.

import type { Instant } from '../../core/time.ts';
import type { FrameRule, Verdict } from '../../stack/link/device.ts';
import { dissect } from '../view/dissection.ts';
import { type PacketFilter, parseFilter } from '../view/filter.ts';
import type { Fault } from './scenario/types.ts';

export class PacketFault implements FrameRule {
  readonly fault: Fault;
  /** Packets that matched, and those among them that it struck. */
  matches = 0;
  hits = 0;
  private readonly filter: PacketFilter;

  /** @throws RangeError on a filter that does not parse */
  constructor(fault: Fault) {
    this.fault = fault;
    const filter = parseFilter(fault.filter);
    if (typeof filter !== 'function') throw new RangeError(`fault ${fault.id}: ${filter.message}`);
    this.filter = filter;
  }

  judge(now: Instant, frame: Uint8Array): Verdict {
    const { nth, times, from, until, kind, by, corruptKind } = this.fault;
    if (now < from || now > until) return 'pass';
    const seen = { number: 0, time: now, network: this.fault.network ?? '', bytes: frame };
    if (!this.filter(dissect(seen))) return 'pass';
    this.matches++;
    if (this.matches < nth || this.matches >= nth + times) return 'pass';
    this.hits++;
    switch (kind) {
      case 'drop':
        return 'drop';
      case 'delay':
        return { delay: by };
      case 'duplicate':
        return { replace: [frame, frame] };
      default:
        return corruptKind === 'wire' ? 'drop' : { replace: [damaged(frame)] };
    }
  }
}

// One bit in the middle of what the frame carries.
function damaged(frame: Uint8Array): Uint8Array {
  const copy = frame.slice();
  const at = copy.length - 1 - ((copy.length - 14) >> 1);
  copy[at] = (copy[at] ?? 0) ^ 0x10;
  return copy;
}
