// What both ends have once the handshake is done, and KeyUpdate (RFC 8446 §4.6.3, §7.2): each direction's secret is replaced by
// one that follows from it, so that who steals the new one cannot read what went before.

import type { CryptoProvider } from '../crypto/provider.ts';
import type { CipherSuite } from './cipher_suite.ts';
import type { KeyUpdate } from './handshake_message.ts';
import { writeHandshakeMessage } from './handshake_writer.ts';
import { nextTrafficSecret } from './key_schedule.ts';
import type { Effect, Step } from './step.ts';

export interface ConnectedSecrets {
  readonly suite: CipherSuite;
  readonly readSecret: Uint8Array;
  readonly writeSecret: Uint8Array;
  readonly exporterSecret: Uint8Array;
}

/** The peer has changed what it writes with, and may want the same of this end. */
export function receiveKeyUpdate<State extends ConnectedSecrets>(
  provider: CryptoProvider,
  state: State,
  { isRequested }: KeyUpdate,
): Step<State> {
  const { suite } = state;
  const readSecret = nextTrafficSecret(provider, suite.hash, state.readSecret);
  const effects: Effect[] = [
    { kind: 'read-keys', suite, secret: readSecret },
    { kind: 'event', event: { kind: 'keys-updated', by: 'peer' } },
  ];
  const received = { ...state, readSecret };
  if (!isRequested) return { state: received, effects };
  const answered = updateWriteKeys(provider, received, false);
  return { state: answered.state, effects: [...effects, ...answered.effects] };
}

/** @param isRequested whether the peer is to do the same */
export function updateWriteKeys<State extends ConnectedSecrets>(
  provider: CryptoProvider,
  state: State,
  isRequested: boolean,
): Step<State> {
  const { suite } = state;
  const writeSecret = nextTrafficSecret(provider, suite.hash, state.writeSecret);
  const bytes = writeHandshakeMessage({ kind: 'key-update', isRequested });
  return {
    state: { ...state, writeSecret },
    effects: [
      { kind: 'send', name: 'KeyUpdate', bytes },
      { kind: 'write-keys', suite, secret: writeSecret },
      { kind: 'event', event: { kind: 'keys-updated', by: 'self' } },
    ],
  };
}
