// What a program catches where TLS ends a connection: a socket's error, so that whoever knows nothing of TLS sees a protocol
// that was broken, with the failure behind it.

import { formatFailure, type TlsFailure } from '../../../secure/tls/failure.ts';
import { SocketError } from '../program.ts';

export class TlsError extends SocketError {
  readonly failure: TlsFailure;

  constructor(failure: TlsFailure) {
    super('EPROTO', formatFailure(failure));
    this.failure = failure;
  }
}
