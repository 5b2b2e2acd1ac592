// Between which two ends a segment or a datagram goes.

import { formatIpv4 } from '../../wire/address.ts';
import { ipv4Destination, ipv4Source } from '../../wire/ipv4.ts';
import { tcpDestinationPort, tcpSourcePort } from '../../wire/tcp.ts';
import type { Dissection } from './dissection.ts';

/** As they are printed. */
export interface SegmentEnds {
  readonly source: string;
  readonly destination: string;
}

/** `10.0.0.1.4000`, as tcpdump prints an end. */
export function segmentEnds({ view, ip, tcp, udp }: Dissection): SegmentEnds | undefined {
  const segment = tcp ?? udp;
  if (ip === undefined || segment === undefined) return undefined;
  const [sourcePort, destinationPort] = [tcpSourcePort(view, segment.at), tcpDestinationPort(view, segment.at)];
  return {
    source: `${formatIpv4(ipv4Source(view, ip.at))}.${sourcePort}`,
    destination: `${formatIpv4(ipv4Destination(view, ip.at))}.${destinationPort}`,
  };
}
