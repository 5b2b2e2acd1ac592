// The outcomes of the transports as what programs catch.

import type { TransportError } from '../../stack/transport/transport_error.ts';
import { SocketError } from '../app/program.ts';

const TEXT: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'not an address of this machine',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ETIMEDOUT: 'connection timed out',
  EMSGSIZE: 'message too long',
  EPIPE: 'broken pipe',
};

export const socketError = (code: TransportError, what: string): SocketError =>
  new SocketError(code, `${what}: ${TEXT[code] ?? code}`);
