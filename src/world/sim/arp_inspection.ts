// A switch or an access point that looks into ARP (what vendors call dynamic ARP inspection): it knows who has which address
// from the leases that trusted machines gave, and from the fixed addresses of those machines, and passes no ARP that says
// otherwise.
//
//   DHCP Ack of a trusted machine --> binding (address, link address, until when)
//   ARP --> from a trusted machine? pass : sender's address bound to somebody else? drop : pass
//
// An address without a binding is anybody's: whoever types addresses in by hand is not protected. Not here: inspection of
// DHCP itself.

import { DropReason, isDrop } from '../../core/drop_reason.ts';
import { after, FOREVER, type Instant, NEVER } from '../../core/time.ts';
import type { Device } from '../../stack/link/device.ts';
import { type Ipv4Address, type LinkAddress, UNSPECIFIED_IPV4 } from '../../wire/address.ts';
import { parseArp } from '../../wire/arp.ts';
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT, parseDhcp } from '../../wire/dhcp.ts';
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, parseEthernet } from '../../wire/ethernet.ts';
import { ipv4IsFragment, parseIpv4 } from '../../wire/ipv4.ts';
import { UDP_HEADER_LENGTH, UDP_PROTOCOL, udpDestinationPort, udpSourcePort } from '../../wire/udp.ts';

/** Leases that are remembered; those beyond get no binding. */
export const MAX_BINDINGS = 8192;

export interface TrustedMachine {
  readonly device: Device;
  /** Nobody else may claim these. */
  readonly addresses: readonly Ipv4Address[];
}

interface Binding {
  readonly linkAddress: LinkAddress;
  readonly until: Instant;
}

export class ArpInspection {
  private readonly trusted: ReadonlySet<Device>;
  private readonly reserved: ReadonlySet<Ipv4Address>;
  private readonly bindings = new Map<Ipv4Address, Binding>();

  constructor(trusted: readonly TrustedMachine[]) {
    this.trusted = new Set(trusted.map(({ device }) => device));
    this.reserved = new Set(trusted.flatMap(({ addresses }) => addresses));
  }

  /** Looks at the frame in `[at, end)` that `sender` hands in: 0, or why it goes no further. */
  inspect(now: Instant, sender: Device, view: DataView, at: number, end: number): 0 | DropReason {
    const ethernet = parseEthernet(view, at, end);
    if (isDrop(ethernet)) return 0;
    const start = at + ethernet.headerLength;
    if (this.trusted.has(sender)) {
      if (ethernet.etherType === ETHERTYPE_IPV4) this.learnLease(now, view, start, end);
      return 0;
    }
    if (ethernet.etherType !== ETHERTYPE_ARP) return 0;
    const arp = parseArp(view, start, end);
    if (isDrop(arp) || arp.sender === UNSPECIFIED_IPV4) return 0; // RFC 5227 §2.1.1: asks, and claims nothing
    if (this.reserved.has(arp.sender)) return DropReason.RuleDropped;
    const binding = this.bindings.get(arp.sender);
    if (binding === undefined || binding.until <= now) return 0;
    const isItsOwn = binding.linkAddress === arp.senderLink && binding.linkAddress === ethernet.source;
    return isItsOwn ? 0 : DropReason.RuleDropped;
  }

  private learnLease(now: Instant, view: DataView, at: number, end: number): void {
    const packet = parseIpv4(view, at, end);
    if (isDrop(packet) || packet.protocol !== UDP_PROTOCOL || ipv4IsFragment(view, at)) return;
    const udp = at + packet.headerLength;
    const packetEnd = at + packet.totalLength;
    if (packetEnd - udp < UDP_HEADER_LENGTH) return;
    if (udpSourcePort(view, udp) !== DHCP_SERVER_PORT || udpDestinationPort(view, udp) !== DHCP_CLIENT_PORT) return;
    const message = parseDhcp(view, udp + UDP_HEADER_LENGTH, packetEnd);
    if (isDrop(message) || message.options.messageType !== 'Ack') return;
    const { yourAddress, clientLinkAddress, options } = message;
    // RFC 2131 §4.3.5: an answer to Inform gives no address and no lease
    if (yourAddress === UNSPECIFIED_IPV4 || options.leaseTime === undefined) return;
    if (!this.bindings.has(yourAddress) && this.bindings.size >= MAX_BINDINGS) return;
    const until = options.leaseTime === FOREVER ? NEVER : after(now, options.leaseTime);
    this.bindings.set(yourAddress, { linkAddress: clientLinkAddress, until });
  }
}
