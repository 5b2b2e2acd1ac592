// All that a program has: the calls of its process, and what needs no process.

import { addrinfo, freeaddrinfo } from './address_info.ts';
import { htonl, htons, ntohl, ntohs } from './byte_order.ts';
import type { Calls } from './process.ts';
import { inet_ntop, inet_pton, sockaddr_in } from './socket_address.ts';
import { strlen, text } from './text.ts';

const PURE = {
  addrinfo,
  freeaddrinfo,
  htonl,
  htons,
  inet_ntop,
  inet_pton,
  ntohl,
  ntohs,
  sockaddr_in,
  strlen,
  text,
} as const;

export type Posix = Calls & typeof PURE;

// `output` is asked for anew each time, so the calls keep their object.
export const withCalls = (calls: Calls): Posix => Object.assign(calls, PURE);
