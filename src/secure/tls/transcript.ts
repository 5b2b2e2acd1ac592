// The transcript: a running hash over every handshake message, as both ends have seen them (RFC 8446 §4.4.1, now 9846). Not
// here: which messages belong to it, and when it is looked at (the states).

import type { CryptoProvider, HashName, RunningHash } from '../crypto/provider.ts';
import { HandshakeType } from './handshake_message.ts';

export class Transcript {
  private readonly provider: CryptoProvider;
  private readonly hashName: HashName;
  private running: RunningHash;

  constructor(provider: CryptoProvider, hash: HashName) {
    this.provider = provider;
    this.hashName = hash;
    this.running = provider.startHash(hash);
  }

  /** A message whole, its four bytes of header included. */
  add(message: Uint8Array): void {
    this.running.update(message);
  }

  /** Of all messages so far; more may follow. */
  hash(): Uint8Array {
    return this.running.digest();
  }

  /** RFC 8446 §4.4.1: before a HelloRetryRequest, the hash of the first ClientHello stands for it, as a message of its own. */
  restartForRetry(): void {
    const digest = this.hash();
    this.running = this.provider.startHash(this.hashName);
    this.running.update(Uint8Array.of(HandshakeType.MessageHash, 0, 0, digest.length, ...digest));
  }

  /** Goes on from here by itself. */
  copy(): Transcript {
    const copy = new Transcript(this.provider, this.hashName);
    copy.running = this.running.copy();
    return copy;
  }
}
