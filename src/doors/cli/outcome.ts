// What a finished run amounts to: expectations, plus what fails a run without being asked for. A fault that never struck
// proves nothing, and a command that waits for ever is a deadlock.

import type { Simulation } from '../../world/sim/simulation.ts';
import type { CapturedFrame } from '../../world/view/captured_frame.ts';

export interface Verdict {
  readonly name: string;
  readonly isMet: boolean;
  readonly detail: string;
  /** With packets: those that matched. */
  readonly frames: readonly CapturedFrame[];
  /** How many of them were allowed. */
  readonly allowed: number;
}

/** Once, after the run. @param wasStopped by a limit: what is open then is no deadlock */
export function verdictsOn(simulation: Simulation, wasStopped: boolean): readonly Verdict[] {
  const expected = simulation.judge().map(({ name, isMet, detail, frames, expectation }): Verdict => {
    const allowed = expectation.kind === 'packets' ? expectation.count.max : Number.POSITIVE_INFINITY;
    return { name, isMet, detail, frames, allowed };
  });
  return [
    ...expected,
    ...idleFaults(simulation),
    ...idleAttacks(simulation),
    ...(wasStopped ? [] : deadlocks(simulation)),
  ];
}

function idleFaults({ faults, scenario }: Simulation): readonly Verdict[] {
  const judged = new Set(scenario.expectations.flatMap((each) => (each.kind === 'fault' ? [each.fault] : [])));
  return faults
    .filter(({ fault, hits }) => hits === 0 && !fault.isOptional && !judged.has(fault.id))
    .map(({ fault, matches }) => {
      const seen =
        matches === 0 ? 'no packet matched' : `${matches} packets matched, and it begins at number ${fault.nth}`;
      return unmet(`${fault.id} strikes`, `it never struck: ${seen} ${fault.filter}`);
    });
}

// Like a fault that never struck: an attack that did nothing proves nothing.
const idleAttacks = ({ attacks }: Simulation): readonly Verdict[] =>
  attacks
    .filter(({ deeds, isOptional }) => deeds === 0 && !isOptional)
    .map(({ id, attacker, name }) =>
      unmet(`${id} does something`, `${name} of ${attacker} never sent or changed anything`),
    );

function deadlocks({ openSteps, scenario }: Simulation): readonly Verdict[] {
  const judged = new Set(scenario.expectations.flatMap((each) => (each.kind === 'step' ? [each.step] : [])));
  return openSteps
    .filter(({ id }) => !judged.has(id))
    .map(({ id, host, command }) => {
      return unmet(`${id} comes to an end`, `${host} ${command} still waits, and nothing is left to happen`);
    });
}

const unmet = (name: string, detail: string): Verdict => {
  return { name, isMet: false, detail, frames: [], allowed: Number.POSITIVE_INFINITY };
};
