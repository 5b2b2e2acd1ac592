// Forwarding: packets for others, from one network to the next (RFC 1812 §5.2, §5.3).
//
//   TTL --> route --> forward hook --> size --> one hop less --> postrouting hook --> out
//
// No redirects are sent. Not here: what happened before (checks, reassembly, prerouting), and the frame.

import { DropReason } from '../../core/drop_reason.ts';
import type { Instant } from '../../core/time.ts';
import { isLinkLocalIpv4, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import { decrementIpv4Ttl, ipv4Destination, ipv4DontFragment, ipv4Source, ipv4Ttl } from '../../wire/ipv4.ts';
import { NETWORK_UNREACHABLE, PROHIBITED, sendIcmpError, TTL_EXCEEDED, tooBig } from './icmp_errors.ts';
import type { NetworkCore } from './network_core.ts';
import { ACCEPT, type HookVerdict } from './packet_hooks.ts';

/**
 * Takes over a packet that starts at its IP header, has been checked and is not shared. Returns whether it went on at
 * once, and nobody but the routing table was asked.
 */
export function forward(core: NetworkCore, now: Instant, slot: number, from: number): boolean {
  const { arena, hooks } = core;
  const at = arena.start(slot);
  const source = ipv4Source(arena.view, at);
  const destination = ipv4Destination(arena.view, at);
  // RFC 3927 §7: addresses that several networks may use at once stay where they are.
  const cannotLeave = source === UNSPECIFIED_IPV4 || isLinkLocalIpv4(source) || isLinkLocalIpv4(destination);
  if (cannotLeave) {
    core.drop(now, slot, DropReason.BadSource);
    return false;
  }
  if (ipv4Ttl(arena.view, at) <= 1) {
    sendIcmpError(core, now, slot, TTL_EXCEEDED); // RFC 1812 §5.3.1
    core.drop(now, slot, DropReason.TtlExceeded);
    return false;
  }
  let path = core.paths.to(destination);
  if (path.kind !== 'unicast') {
    sendIcmpError(core, now, slot, NETWORK_UNREACHABLE); // RFC 1812 §5.2.7.1
    core.drop(now, slot, DropReason.NoRoute);
    return false;
  }
  if (hooks !== undefined) {
    const verdict = hooks.forward(now, slot, from, path.egress.index);
    if (verdict !== ACCEPT) {
      refuse(core, now, slot, verdict);
      return false;
    }
  }
  if (arena.length(slot) > path.egress.mtu && ipv4DontFragment(arena.view, at)) {
    sendIcmpError(core, now, slot, tooBig(path.egress.mtu)); // RFC 1191 §4
    core.drop(now, slot, DropReason.TooBig);
    return false;
  }
  decrementIpv4Ttl(arena.view, arena.start(slot));
  if (hooks !== undefined) {
    const verdict = hooks.postrouting(now, slot, path.egress.index);
    if (verdict !== ACCEPT) {
      refuse(core, now, slot, verdict);
      return false;
    }
    path = core.paths.to(destination); // a hook may have sent something of its own
  }
  return core.dispatch(now, path, slot) && hooks === undefined;
}

/** Drops a packet that a hook did not let through; one kind of verdict tells the sender. */
export function refuse(core: NetworkCore, now: Instant, slot: number, verdict: HookVerdict): void {
  if (verdict === ACCEPT) return;
  if (verdict === DropReason.FirewallRejected) sendIcmpError(core, now, slot, PROHIBITED); // RFC 1812 §5.2.7.1
  core.drop(now, slot, verdict);
}
