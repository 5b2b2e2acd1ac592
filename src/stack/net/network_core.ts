// What the parts of the network layer see of the whole.

import type { Arena } from '../../core/arena.ts';
import type { DropReason } from '../../core/drop_reason.ts';
import { itemAt, type OneOrMany } from '../../core/one_or_many.ts';
import { earlier, type Instant, NEVER } from '../../core/time.ts';
import type { Ipv4Address, LinkAddress } from '../../wire/address.ts';
import type { DropLog } from './drop_log.ts';
import type { LinkLocal, LinkLocalEvent } from './link_local.ts';
import type { LocalQueue } from './local_queue.ts';
import type { NeighborCache, UnresolvedCause } from './neighbor_cache.ts';
import type { NetworkInterface } from './network_interface.ts';
import type { PacketSender, TransportHandler } from './network_layer_api.ts';
import type { PacketHooks } from './packet_hooks.ts';
import type { Path, Paths } from './path.ts';
import type { PathMtuCache } from './path_mtu.ts';
import type { Reassembly } from './reassembly.ts';
import type { TokenBucket } from './token_bucket.ts';

/** News about the machine's own addresses. */
export type NetworkEvent = Readonly<
  | { kind: 'LinkLocal'; interfaceIndex: number; event: LinkLocalEvent }
  | { kind: 'AddressConflict'; interfaceIndex: number; address: Ipv4Address; by: LinkAddress }
>;

/** What most machines never need: made with the first of it. */
export class NetworkExtras {
  reassembly: Reassembly | undefined;
  pathMtus: PathMtuCache | undefined;
  /** Packets to the machine itself. */
  localQueue: LocalQueue | undefined;
  isFlushing = false;
  /** Of the packet that may be fragmented and was sent last; -1 before the first. */
  identification = -1;
  /** Of ICMP errors. */
  errorBucket: TokenBucket | undefined;
  /** By protocol number, beside TCP and UDP. */
  transports: Map<number, TransportHandler> | undefined;
  /** Addresses of the machine's own making (RFC 3927), each on an interface of its own. */
  linkLocals: OneOrMany<LinkLocal>;
  /** Nobody has polled them yet. */
  events: NetworkEvent[] | undefined;
  dropLog: DropLog | undefined;
  /** See `NetworkLayer.answersBroadcastEcho`. */
  answersBroadcastEcho = false;
  /** See `NetworkLayer.framesForOthers`. */
  framesForOthers = 0;

  /** While packets are on the way to the machine itself, or an address is being looked for. */
  pollTimeout(): Instant {
    const { linkLocals } = this;
    let deadline = this.localQueue?.deadline ?? NEVER;
    for (let i = 0, each = itemAt(linkLocals, 0); each !== undefined; each = itemAt(linkLocals, ++i)) {
      deadline = earlier(deadline, each.pollTimeout());
    }
    return deadline;
  }

  /** Unfinished packets, announcements. */
  pollBackgroundTimeout(): Instant {
    const { linkLocals } = this;
    let deadline = this.reassembly?.pollBackgroundTimeout() ?? NEVER;
    for (let i = 0, each = itemAt(linkLocals, 0); each !== undefined; each = itemAt(linkLocals, ++i)) {
      deadline = earlier(deadline, each.pollBackgroundTimeout());
    }
    return deadline;
  }
}

export interface NetworkCore extends PacketSender {
  readonly arena: Arena;
  readonly paths: Paths;
  readonly neighbors: NeighborCache;
  readonly hooks: PacketHooks | undefined;
  readonly isForwarding: boolean;
  readonly answersBroadcastEcho: boolean;
  readonly extras: NetworkExtras | undefined;
  /** Makes them if there are none. */
  readonly madeExtras: NetworkExtras;
  /** @throws RangeError when there is no such interface */
  interfaceAt(index: number): NetworkInterface;
  /** A number from 0 to 65,535 that nobody can guess. */
  firstIdentification(): number;
  /**
   * Sends a packet that starts at its IP header, fragmenting where it must; takes over the reference, which is not shared.
   * Returns whether it went out as it was, at once: nothing else follows then.
   */
  dispatch(now: Instant, path: Path, slot: number): boolean;
  countDrop(reason: DropReason): void;
  /** Counts and reports a packet that starts at its IP header, and releases it. */
  drop(now: Instant, slot: number, reason: DropReason): void;
  /** A frame, from its Ethernet header on, that is of no use: takes over the reference. */
  dropFrame(now: Instant, slot: number, reason: DropReason, from: NetworkInterface): void;
  /** A packet, from its IP header on, whose next hop has no link address: takes over the reference. */
  unresolved(now: Instant, slot: number, cause: UnresolvedCause): void;
  linkLocalChanged(now: Instant, at: NetworkInterface, event: LinkLocalEvent): void;
  /** Someone else uses an address of ours. */
  addressConflict(at: NetworkInterface, address: Ipv4Address, by: LinkAddress): void;
  transportOf(protocol: number): TransportHandler | undefined;
  /** Whether one more ICMP error may be sent now. */
  mayComplain(now: Instant): boolean;
  /** Takes in a router's word on a packet of `length` bytes; returns the path MTU that holds now. */
  learnPathMtu(now: Instant, destination: Ipv4Address, mtu: number, length: number): number;
}
