// Randomness that nobody can guess, from the operating system: for real peers, and for nothing in a simulated world.

import { randomFillSync } from 'node:crypto';
import type { RandomSource } from '../../secure/crypto/provider.ts';

export const systemRandom: RandomSource = { fill: (out) => void randomFillSync(out) };
