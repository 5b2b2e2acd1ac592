// Outcomes that a transport has for its caller, by their POSIX names. A transport returns them; whoever serves a program
// makes errors of them. Nothing (`undefined`) means that all went well.

import type { IcmpError, SendOutcome } from '../net/network_layer_api.ts';

export type TransportError =
  | 'EACCES'
  | 'EADDRINUSE'
  | 'EADDRNOTAVAIL'
  | 'EAFNOSUPPORT'
  | 'EAGAIN'
  | 'EBADF'
  | 'ECONNABORTED'
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'EDESTADDRREQ'
  | 'EHOSTUNREACH'
  | 'EINVAL'
  | 'EISCONN'
  | 'EMSGSIZE'
  | 'ENETUNREACH'
  | 'ENOBUFS'
  | 'ENOTCONN'
  | 'EPIPE'
  | 'EPROTO'
  | 'ETIMEDOUT';

/** What an ICMP error means to the socket whose packet it is about (RFC 792; RFC 1122 §4.1.3.3, §4.2.3.9). */
export function errorOfIcmp(error: Pick<IcmpError, 'kind' | 'code'>): TransportError {
  switch (error.kind) {
    case 'too-big':
      return 'EMSGSIZE';
    case 'parameter-problem':
      return 'EPROTO';
    case 'time-exceeded':
      return 'EHOSTUNREACH';
    case 'unreachable':
      return errorOfUnreachable(error.code);
  }
}

/** What came of handing a packet to the network layer; nothing when it was sent. */
export function errorOfSend(outcome: SendOutcome): TransportError | undefined {
  switch (outcome) {
    case 'sent':
      return undefined;
    case 'too-big':
      return 'EMSGSIZE';
    case 'denied':
      return 'EACCES';
    case 'no-route':
    case 'down':
      return 'ENETUNREACH';
  }
}

function errorOfUnreachable(code: number): TransportError {
  switch (code) {
    case 2: // RFC 1122 §3.2.2.1: nobody speaks the protocol
    case 3: // nobody listens on the port
      return 'ECONNREFUSED';
    case 4:
      return 'EMSGSIZE';
    case 0: // the network,
    case 6: // an unknown network,
    case 9: // a prohibited one, one without this type of service
    case 11:
      return 'ENETUNREACH';
    default:
      return 'EHOSTUNREACH';
  }
}
