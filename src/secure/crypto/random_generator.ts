// A generator of random bytes as a kernel has one, from nothing but a hash:
//
//   add entropy    state <- SecureHash(state + entropy)
//   extract        bytes <- SecureHash(1 + state)       says nothing about the state
//   then forget    state <- SecureHash(2 + state)       and nobody finds the way back
//
// Whoever has seen the state knows all that follows, until entropy comes that he cannot guess, enough of it at once. The idea
// of /dev/urandom, without its estimates. A world's own randomness is core/random.ts: fast, and predictable on purpose.

import { joinBytes } from '../../core/bytes.ts';
import type { CryptoProvider, RandomSource } from './provider.ts';

const EXTRACT = Uint8Array.of(1);
const FORGET = Uint8Array.of(2);

export class RandomGenerator implements RandomSource {
  private readonly provider: CryptoProvider;
  private state: Uint8Array;

  /** Without a state it is the one that every machine has before anything happened. */
  constructor(provider: CryptoProvider, state: Uint8Array = new Uint8Array(32)) {
    this.provider = provider;
    this.state = state.slice();
  }

  /** The time of an interrupt, what was measured, what another generator gave. */
  addEntropy(entropy: Uint8Array): void {
    this.state = this.provider.hash('sha256', joinBytes([this.state, entropy]));
  }

  fill(out: Uint8Array): void {
    for (let at = 0; at < out.length; at += 32) {
      out.set(this.provider.hash('sha256', joinBytes([EXTRACT, this.state])).subarray(0, out.length - at), at);
      this.state = this.provider.hash('sha256', joinBytes([FORGET, this.state]));
    }
  }

  /** What an attacker on the machine sees, and a snapshot of it keeps. */
  capture(): Uint8Array {
    return this.state.slice();
  }
}
