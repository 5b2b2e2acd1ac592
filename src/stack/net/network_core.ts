// What the parts of the network layer see of the whole.

import type { Arena } from '../../core/arena.ts';
import type { DropReason } from '../../core/drop_reason.ts';
import type { Instant } from '../../core/time.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import type { PacketSender, TransportHandler } from './network_layer_api.ts';
import type { PacketHooks } from './packet_hooks.ts';
import type { Path, Paths } from './path.ts';

export interface NetworkCore extends PacketSender {
  readonly arena: Arena;
  readonly paths: Paths;
  readonly hooks: PacketHooks | undefined;
  readonly isForwarding: boolean;
  readonly answersBroadcastEcho: boolean;
  /** Sends a packet that starts at its IP header, fragmenting where it must; takes over the reference, which is not shared. */
  dispatch(now: Instant, path: Path, slot: number): void;
  /** Counts and reports a packet that starts at its IP header, and releases it. */
  drop(now: Instant, slot: number, reason: DropReason): void;
  transportOf(protocol: number): TransportHandler | undefined;
  /** Whether one more ICMP error may be sent now. */
  mayComplain(now: Instant): boolean;
  /** Takes in a router's word on a packet of `length` bytes; returns the path MTU that holds now. */
  learnPathMtu(now: Instant, destination: Ipv4Address, mtu: number, length: number): number;
}
