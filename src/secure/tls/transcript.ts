// The hash of everything that was said so far (RFC 8446 §4.4.1): what signatures, Finished and keys depend on.

import type { CryptoProvider, HashName, RunningHash } from '../crypto/provider.ts';
import { HandshakeType } from './handshake_message.ts';

export class Transcript {
  private readonly provider: CryptoProvider;
  private readonly hashName: HashName;
  private running: RunningHash;

  constructor(provider: CryptoProvider, hash: HashName, running: RunningHash = provider.startHash(hash)) {
    this.provider = provider;
    this.hashName = hash;
    this.running = running;
  }

  /** A message whole, with its header. */
  add(message: Uint8Array): void {
    this.running.update(message);
  }

  hash(): Uint8Array {
    return this.running.digest();
  }

  /** After a HelloRetryRequest its hash stands for the first ClientHello, so that a server need not remember that. */
  restartForRetry(): void {
    const first = this.hash();
    this.running = this.provider.startHash(this.hashName);
    this.running.update(Uint8Array.of(HandshakeType.MessageHash, 0, 0, first.length)).update(first);
  }

  copy(): Transcript {
    return new Transcript(this.provider, this.hashName, this.running.copy());
  }
}
