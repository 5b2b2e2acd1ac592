// What scenario files may name and the simulator does not know by itself: kinds of attack, and what can be read out of what
// an attacker heard. The floors above fill it; whoever loads a file hands it over.
//
//   file: attack: arp-spoof --read by its kind--> options --> Step --at its time--> start on the attacker's machine
//
// Not here: any attack.

import type { Instant } from '../../../core/time.ts';
import type { CapturedFrame } from '../../view/captured_frame.ts';
import type { Note, PromiscuousHost } from '../promiscuous_host.ts';
import type { World } from '../world.ts';
import type { Directory } from './read_networks.ts';
import type { Maybe, Reading } from './reading.ts';
import type { Span } from './source_tree.ts';

export interface Registry {
  readonly attacks: readonly AttackKind[];
  /**
   * How a text can be read out of frames, or out of what was learned beside them: `10.0.0.1:5000 to 10.0.0.2:80, base64`. Nothing
   * where it cannot.
   */
  readonly pathTo: (frames: readonly CapturedFrame[], learned: readonly Note[], text: string) => string | undefined;
}

export interface AttackKind {
  readonly name: string;
  /** The options of a step as `start` takes them; what is wrong with them is reported. */
  readonly read: (reading: Reading, options: Maybe, place: AttackPlace) => unknown;
  readonly start: (site: AttackSite, options: unknown) => RunningAttack;
}

/** Names of authorities and certificates whose keys somebody has. */
export interface Holding {
  readonly authorities: readonly string[];
  readonly certificates: readonly string[];
}

/** Where a step of the file stands, for those who read its options. */
export interface AttackPlace {
  readonly attacker: string;
  /** Whose keys the attacker has. */
  readonly holds: Holding;
  readonly directory: Directory;
  /** Of the attack's name. */
  readonly span: Span;
}

/** What an attack that starts has to work with. */
export interface AttackSite {
  readonly attacker: PromiscuousHost;
  readonly world: World;
  readonly now: Instant;
}

export interface RunningAttack {
  /** What it has sent or changed so far: an attack that never did anything proves nothing, and fails the run. */
  readonly deeds: number;
  stop(now: Instant): void;
}
