// Interfaces and their addresses as `ip addr` prints them.

import {
  BROADCAST_LINK,
  broadcastOf,
  formatIpAddress,
  formatIpv4,
  formatLinkAddress,
  isLinkLocalIpv4,
  isLoopbackIpv4,
} from '../../wire/address.ts';
import { type InterfaceAddress, LOOPBACK, type NetworkInterface } from './network_interface.ts';

/** The loopback first, then the given interfaces, numbered from 1 as the command does. */
export const formatInterfaces = (interfaces: readonly NetworkInterface[]): string =>
  [LOOPBACK, ...interfaces].map((each, i) => formatInterface(each, i + 1)).join('');

function formatInterface(shown: NetworkInterface, number: number): string {
  const { name, mtu, isLoopback, isUp, linkAddress, addresses } = shown;
  const kind = isLoopback ? 'LOOPBACK' : 'BROADCAST,MULTICAST';
  const flags = isUp ? `${kind},UP,LOWER_UP` : kind;
  const state = isLoopback ? 'UNKNOWN' : isUp ? 'UP' : 'DOWN';
  const queue = isLoopback ? 'noqueue' : 'pfifo_fast';
  const everyone = formatLinkAddress(isLoopback ? linkAddress : BROADCAST_LINK);
  const head = `${number}: ${name}: <${flags}> mtu ${mtu} qdisc ${queue} state ${state} group default qlen 1000
    link/${isLoopback ? 'loopback' : 'ether'} ${formatLinkAddress(linkAddress)} brd ${everyone}
`;
  return head + addresses.map((address) => formatAddress(address, shown)).join('');
}

function formatAddress({ address, prefixLength }: InterfaceAddress, { name, isLoopback }: NetworkInterface): string {
  const isIpv4 = typeof address === 'number';
  const scope =
    isLoopback || (isIpv4 && isLoopbackIpv4(address)) ? 'host' : isIpv4 && isLinkLocalIpv4(address) ? 'link' : 'global';
  const hasBroadcast = isIpv4 && !isLoopback && prefixLength < 31;
  const broadcast = hasBroadcast ? ` brd ${formatIpv4(broadcastOf(address, prefixLength))}` : '';
  const label = isIpv4 ? ` ${name}` : '';
  return `    ${isIpv4 ? 'inet' : 'inet6'} ${formatIpAddress(address)}/${prefixLength}${broadcast} scope ${scope}${label}
       valid_lft forever preferred_lft forever
`;
}
