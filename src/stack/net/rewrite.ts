// Changes the addresses and ports of a packet in place, and brings its checksums up to date from the change alone
// (RFC 1624): a router that would sum them anew would also heal damage that it should pass on.

import type { Arena } from '../../core/arena.ts';
import type { Ipv4Address } from '../../wire/address.ts';
import { addSums, sumOf32, updateChecksum } from '../../wire/checksum.ts';
import { ICMP_PROTOCOL, icmpChecksum, icmpIdentifier, setIcmpChecksum, setIcmpIdentifier } from '../../wire/icmp.ts';
import {
  ipv4Checksum,
  ipv4Destination,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
  setIpv4Checksum,
  setIpv4Destination,
  setIpv4Source,
} from '../../wire/ipv4.ts';
import {
  setTcpChecksum,
  setTcpDestinationPort,
  setTcpSourcePort,
  TCP_PROTOCOL,
  tcpChecksum,
  tcpDestinationPort,
  tcpSourcePort,
} from '../../wire/tcp.ts';
import {
  setUdpChecksum,
  setUdpDestinationPort,
  setUdpSourcePort,
  UDP_PROTOCOL,
  udpChecksum,
  udpDestinationPort,
  udpSourcePort,
} from '../../wire/udp.ts';

/** Which end of the packet. */
export type End = 'source' | 'destination';

/**
 * Gives the packet at `at` another source or destination. The port is that of TCP and UDP, or the identifier of an echo.
 *
 * @param end where the bytes at hand end: a quotation may lack the transport checksum, which is then left alone
 */
export function rewriteEnd(
  arena: Arena,
  at: number,
  end: number,
  which: End,
  address: Ipv4Address,
  port: number,
): void {
  const { view } = arena;
  const isSource = which === 'source';
  const before = isSource ? ipv4Source(view, at) : ipv4Destination(view, at);
  setIpv4Checksum(view, at, updateChecksum(ipv4Checksum(view, at), sumOf32(before), sumOf32(address)));
  if (isSource) setIpv4Source(view, at, address);
  else setIpv4Destination(view, at, address);
  const start = at + ipv4HeaderLength(view, at);
  switch (ipv4Protocol(view, at)) {
    case TCP_PROTOCOL: {
      const old = isSource ? tcpSourcePort(view, start) : tcpDestinationPort(view, start);
      if (isSource) setTcpSourcePort(view, start, port);
      else setTcpDestinationPort(view, start, port);
      if (start + 18 > end) return;
      setTcpChecksum(view, start, updated(tcpChecksum(view, start), before, old, address, port));
      return;
    }
    case UDP_PROTOCOL: {
      const old = isSource ? udpSourcePort(view, start) : udpDestinationPort(view, start);
      if (isSource) setUdpSourcePort(view, start, port);
      else setUdpDestinationPort(view, start, port);
      const checksum = udpChecksum(view, start);
      if (checksum === 0) return; // RFC 768: was not computed
      const fresh = updated(checksum, before, old, address, port);
      setUdpChecksum(view, start, fresh === 0 ? 0xffff : fresh);
      return;
    }
    case ICMP_PROTOCOL: {
      const old = icmpIdentifier(view, start);
      setIcmpIdentifier(view, start, port);
      setIcmpChecksum(view, start, updateChecksum(icmpChecksum(view, start), old, port)); // no pseudo-header
      return;
    }
    default:
  }
}

function updated(checksum: number, before: Ipv4Address, oldPort: number, address: Ipv4Address, port: number): number {
  return updateChecksum(checksum, addSums(sumOf32(before), oldPort), addSums(sumOf32(address), port));
}
