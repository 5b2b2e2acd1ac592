// Link-local addresses at work on the interfaces of one machine (RFC 3927): where there are any, and what they want sent and
// said. Not here: the procedure itself (link_local.ts), and deadlines, which ARP has as well (address_resolution.ts).

import { arrayOf, countOf, withItem, withoutItem } from '../../core/one_or_many.ts';
import type { Random } from '../../core/random.ts';
import type { Instant } from '../../core/time.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import { sendArp } from './address_resolution.ts';
import { LinkLocal } from './link_local.ts';
import type { NetworkCore } from './network_core.ts';
import type { NetworkInterface } from './network_interface.ts';

/** What looks after an interface's address of its own making, if anything does. */
export function linkLocalOn({ extras }: NetworkCore, at: NetworkInterface): LinkLocal | undefined {
  return extras?.linkLocals === undefined ? undefined : arrayOf(extras.linkLocals).find((each) => each.at === at);
}

/** Lets an interface find itself an address. @param remembered the one of last time, which is tried first */
export function startLinkLocal(
  core: NetworkCore,
  now: Instant,
  at: NetworkInterface,
  random: Random,
  remembered: Ipv4Address | undefined,
): void {
  let linkLocal = linkLocalOn(core, at);
  if (linkLocal === undefined) {
    linkLocal = new LinkLocal(at, random, remembered);
    const extras = core.madeExtras;
    extras.linkLocals = withItem(extras.linkLocals, countOf(extras.linkLocals), linkLocal);
  }
  linkLocal.start(now);
  settleLinkLocal(core, now, linkLocal);
}

/** Ends it; the address goes. */
export function stopLinkLocal(core: NetworkCore, now: Instant, at: NetworkInterface): void {
  const linkLocal = linkLocalOn(core, at);
  if (linkLocal === undefined) return;
  linkLocal.stop();
  settleLinkLocal(core, now, linkLocal);
  const extras = core.madeExtras;
  extras.linkLocals = withoutItem(extras.linkLocals, arrayOf(extras.linkLocals).indexOf(linkLocal));
}

/** Does what the machine wants after it was touched: send, say what has become of the address. */
export function settleLinkLocal(core: NetworkCore, now: Instant, linkLocal: LinkLocal): void {
  const { at } = linkLocal;
  for (let packet = linkLocal.pollTransmit(); packet !== undefined; packet = linkLocal.pollTransmit()) {
    sendArp(core, now, at, packet);
  }
  for (let event = linkLocal.pollEvent(); event !== undefined; event = linkLocal.pollEvent()) {
    core.linkLocalChanged(now, at, event);
  }
}
