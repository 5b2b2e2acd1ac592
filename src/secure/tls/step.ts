// What a step of the handshake gives: the next state, and what the record layer is to do, in this order. That keys change between
// two messages is part of the order, and nothing that somebody could do too early. Not here: who carries it out (connection.ts).

import type { CipherSuite } from './cipher_suite.ts';
import type { HandshakeMessage } from './handshake_message.ts';
import type { SecretLabel, TlsEvent } from './tls_event.ts';

export type Effect =
  | { readonly kind: 'send'; readonly name: string; readonly bytes: Uint8Array }
  /** RFC 8446 §D.4: goes out in front of the next record. */
  | { readonly kind: 'change-cipher-spec' }
  | { readonly kind: 'write-keys'; readonly suite: CipherSuite; readonly secret: Uint8Array }
  | { readonly kind: 'read-keys'; readonly suite: CipherSuite; readonly secret: Uint8Array }
  /** A second ClientHello goes out in the clear, though early data did not (§4.2.10). */
  | { readonly kind: 'write-in-the-clear' }
  | {
      readonly kind: 'secret';
      readonly label: SecretLabel;
      readonly clientRandom: Uint8Array;
      readonly secret: Uint8Array;
    }
  | { readonly kind: 'early-data'; readonly data: Uint8Array }
  /** What the client sends before its Finished is read, up to so many bytes. */
  | { readonly kind: 'take-early-data'; readonly limit: number }
  /** It sends early data that this end cannot or will not read: records are passed over until one can be (§4.2.10). */
  | { readonly kind: 'skip-early-data'; readonly until: 'decrypted' | 'hello'; readonly limit: number }
  | { readonly kind: 'open-for-writing' }
  | { readonly kind: 'event'; readonly event: TlsEvent };

export interface Step<State> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** A message as it came: what it means, and its bytes for the transcript. */
export type Incoming<Message extends HandshakeMessage = HandshakeMessage> = Message & { readonly bytes: Uint8Array };
