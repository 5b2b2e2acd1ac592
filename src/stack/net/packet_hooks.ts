// Where a firewall and a NAT look at packets on their way through a machine, as in netfilter:
//
//   in --> prerouting --> route? --> input --> programs --> output --> postrouting --> out
//                           \------> forward ------------------------> postrouting --> out
//
// Each hook says 0 to let the packet go on, or why it is dropped (the caller then releases it). The slot starts at the IP
// header, is whole (fragments are put together before prerouting), has been checked, and is not shared: addresses and
// ports may be rewritten in place, checksums brought up to date (RFC 1624).

import type { DropReason } from '../../core/drop_reason.ts';
import type { Instant } from '../../core/time.ts';

export const ACCEPT = 0;
export type HookVerdict = typeof ACCEPT | DropReason;

/** Interfaces are given by their index on the machine. */
export interface PacketHooks {
  prerouting(now: Instant, slot: number, from: number): HookVerdict;
  input(now: Instant, slot: number, from: number): HookVerdict;
  forward(now: Instant, slot: number, from: number, to: number): HookVerdict;
  output(now: Instant, slot: number, to: number): HookVerdict;
  postrouting(now: Instant, slot: number, to: number): HookVerdict;
  /** An interface has other addresses than before, or none. */
  addressesChanged(now: Instant, interfaceIndex: number): void;
  /** Ageing of tables: does not keep a world alive. */
  pollBackgroundTimeout(): Instant;
  handleTimeout(now: Instant): void;
}
