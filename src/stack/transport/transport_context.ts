// What a transport has of the machine it lives on.

import type { Arena } from '../../core/arena.ts';
import type { Journal } from '../../core/journal.ts';
import type { RandomForks } from '../../core/random.ts';
import type { PacketSender } from '../net/network_layer_api.ts';

export interface TransportContext {
  readonly arena: Arena;
  /** The way out. */
  readonly sender: PacketSender;
  /** The machine's own randomness: transports fork theirs from it, on first use. */
  readonly random: RandomForks;
  readonly journal: Journal | undefined;
  readonly hostName: string;
}
