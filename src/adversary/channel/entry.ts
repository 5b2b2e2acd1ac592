// An entry of the ladder of channels: a rung (a small protocol), the attack that breaks it, and the next rung that mends
// it. Both are performed, and what came of it is read off the attacker's knowledge or the victim's notes.
//
// How an entry is written: one file in rungs/, which exports one `Entry`.
//
//   - The protocol first: a function a principal, as the slide writes it, `function* b(mail, ...)`. At most 80 lines.
//   - Then the attack: at most 60 lines, with what its position gives (`stage.m`): `heard`, `intercepts`, `sends`,
//     `computes`, `knowledge`. It does the same in both variants: what changes is the protocol.
//   - `perform` sets both up and returns the judge, which is asked when all is over. The judge looks at `knowledge.pathTo`
//     of a secret that was minted, or at what a principal noted; never at what the attack believes of itself.
//   - `honest` says whether A and B got done what they came for. They must in both variants while the attacker is idle, and
//     while it is not, unless the entry `disturbs` them: a cure under which nothing works is none.
//
// Not here: the list (entries.ts), and how it is shown (doors/cli).

import type { CryptoProvider } from '../../secure/crypto/provider.ts';
import type { CapturedFrame } from '../../world/view/captured_frame.ts';
import type { Budget, Position } from '../attack/attacker.ts';
import { Stage } from './stage.ts';

export const PROPERTIES = [
  'confidential',
  'authentic',
  'fresh',
  'bound to the right principals',
  'forward secret',
  'deniable',
  'anonymous',
  'available',
] as const;
export type Property = (typeof PROPERTIES)[number];

export type Variant = 'vulnerable' | 'cured';

/** What came of a run. */
export interface Judgement {
  /** The property was broken. */
  readonly succeeded: boolean;
  /** What shows it, in a sentence without a full stop. */
  readonly evidence: string;
  /** Whether the principals got done what they came for. Where the attacker does nothing they must. */
  readonly honest: boolean;
}

export interface Entry {
  /** `password-on-request`. */
  readonly id: string;
  /** The lecture's items that it shows. */
  readonly items: readonly number[];
  /** The rung that is attacked, and the one that holds: `encryption alone`. */
  readonly rung: string;
  readonly curedBy: string;
  /** What the rung is said to give. */
  readonly claim: string;
  readonly position: Position;
  readonly budget: Budget;
  readonly breaks: Property;
  /** What the attacker does keeps A and B from what they came for, even where it fails: the cure is to notice. */
  readonly disturbs?: true;
  /** What happens, why it works, and what one learns from it. */
  readonly explanation: readonly [string, string, string];
  /** What mends it, in a sentence. */
  readonly cure: string;
  /** Sets up the protocol of the variant and the attack; returns the judge. */
  readonly perform: (stage: Stage, variant: Variant) => () => Judgement;
}

/** Whether a run went as its entry claims: the attack succeeds against the rung, fails against the cure, and serves. */
export function goesAsClaimed({ entry, variant, succeeded, honest }: EntryRun): boolean {
  if (succeeded !== (variant === 'vulnerable')) return false;
  return honest || entry.disturbs === true || (succeeded && entry.breaks === 'available');
}

export interface EntryRun extends Judgement {
  readonly entry: Entry;
  readonly variant: Variant;
  readonly seed: number;
  readonly spent: Required<Budget>;
  readonly frames: readonly CapturedFrame[];
  readonly digest: string;
  /** What was said, a line a message: `M(A) -> B` is M in A's name. */
  readonly transcript: readonly string[];
}

/**
 * Performs one variant of an entry. The same seed gives the same bytes.
 *
 * @param isAttacked off: the attacker does nothing, and the principals must get done what they came for
 */
export function runEntry(
  entry: Entry,
  variant: Variant,
  crypto: CryptoProvider,
  seed = 1,
  isAttacked = true,
): EntryRun {
  const stage = new Stage(seed, crypto, entry.position, entry.budget);
  stage.m.isIdle = !isAttacked;
  const judge = entry.perform(stage, variant);
  stage.run();
  const judgement = judge();
  const { world, m } = stage;
  const frames = world.capture?.frames() ?? [];
  const digest = world.capture?.digest() ?? '';
  world.close();
  return { ...judgement, entry, variant, seed, spent: m.spent, frames, digest, transcript: stage.transcript.lines };
}
