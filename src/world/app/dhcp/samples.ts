// Valid messages of every type, from a client and to it: what mutation starts from.

import { hours } from '../../../core/time.ts';
import { type Ipv4Address, type LinkAddress, UNSPECIFIED_IPV4 } from '../../../wire/address.ts';
import { encodeDhcp } from '../../../wire/dhcp.ts';
import { DHCP_MESSAGE_TYPES } from '../../../wire/dhcp_options.ts';

const SERVER = 0xc0a80101 as Ipv4Address;
const ADDRESS = 0xc0a80164 as Ipv4Address;

export const DHCP_SAMPLES: readonly Uint8Array[] = DHCP_MESSAGE_TYPES.map((messageType) => {
  const isReply = messageType === 'Offer' || messageType === 'Ack' || messageType === 'Nak';
  const server = { serverIdentifier: SERVER };
  const options = isReply
    ? {
        ...server,
        leaseTime: hours(12),
        subnetMask: 0xffffff00 as Ipv4Address,
        routers: [SERVER],
        dnsServers: [SERVER],
      }
    : {
        ...server,
        requestedAddress: ADDRESS,
        hostName: 'alice',
        parameterRequestList: [1, 3, 6],
        unknown: [{ code: 43, data: Uint8Array.of(1, 2) }],
      };
  return encodeDhcp({
    operation: isReply ? 'reply' : 'request',
    hops: 0,
    transactionId: 7,
    secondsElapsed: 0,
    isBroadcast: false,
    clientAddress: messageType === 'Release' || messageType === 'Inform' ? ADDRESS : UNSPECIFIED_IPV4,
    yourAddress: isReply ? ADDRESS : UNSPECIFIED_IPV4,
    nextServer: UNSPECIFIED_IPV4,
    relayAgent: UNSPECIFIED_IPV4,
    clientLinkAddress: 0x0200_0000_0001 as LinkAddress,
    serverName: 'srv',
    bootFile: '',
    options: { messageType, ...options },
  });
});
