// E on one of the networks: what crossed it so far, put together, unpacked and decoded, and whether a secret is among it.

import { Knowledge } from '../../adversary/attack/knowledge.ts';
import type { Secret } from '../../adversary/attack/secret.ts';
import { heardIn } from '../../adversary/attack/streams.ts';
import type { CapturedFrame } from '../../world/view/captured_frame.ts';

export class Eavesdropper {
  private readonly frames: () => readonly CapturedFrame[];

  /** Use `Internet.eavesdropper`. */
  constructor(frames: () => readonly CapturedFrame[]) {
    this.frames = frames;
  }

  /** How it comes to know the secret: `10.0.0.1:5000 to 10.0.0.2:80, base64`. Nothing where it does not. */
  pathTo(secret: Secret): string | undefined {
    const knowledge = new Knowledge();
    for (const { bytes, origin } of heardIn(this.frames())) knowledge.learn(bytes, origin);
    return knowledge.pathTo(secret);
  }

  knows(secret: Secret): boolean {
    return this.pathTo(secret) !== undefined;
  }
}
