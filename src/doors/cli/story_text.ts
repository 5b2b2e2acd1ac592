// The story of a run as text: each step with what it did on the wire and what it printed, and each expectation with a tick
// or a cross and the packets around a miss.

import { type Duration, formatDuration, formatInstant, type Instant } from '../../core/time.ts';
import { secretsIn } from '../../secure/tls/key_log.ts';
import type { LinkAddress } from '../../wire/address.ts';
import { Simulation, type StepResult } from '../../world/sim/simulation.ts';
import type { Dissection } from '../../world/view/dissection.ts';
import { FrameReader } from '../../world/view/frame_text.ts';
import { type Phase, storyOf } from '../../world/view/story.ts';
import type { Verdict } from './outcome.ts';
import { paint } from './terminal.ts';

/** Lines of one step that are shown; `--json` and `packets` have all of them. */
const MAX_LINES = 60;
/** Packets that are shown around a miss. */
const MAX_PACKETS = 6;
const TEXT_WIDTH = 72;

export function storyLines(simulation: Simulation): readonly string[] {
  const { world, scenario } = simulation;
  const reader = new FrameReader(secretsIn(world.capture?.keyLog() ?? '', world.crypto));
  const dissections = (world.capture?.frames() ?? []).map((frame) => reader.read(frame));
  const width = Math.max(...[...scenario.hosts, ...scenario.attackers].map(({ name }) => name.length), 0);
  const steps = simulation.steps.map((step) => {
    const host = world.hosts.get(step.host);
    const stations = new Set((host?.network.interfaces ?? []).map(({ linkAddress }) => linkAddress));
    return { time: step.startedAt, lines: stepLines(step, dissections, stations, world.now, width) };
  });
  const attacks = simulation.attacks.map((attack) => {
    const { startedAt, attacker, name, deeds } = attack;
    const line = `${timeText(startedAt)}  ${paint('bold', attacker.padEnd(width))}  attack ${name}: it acts ${deeds} times`;
    return { time: startedAt, lines: [line] };
  });
  return merged(attacks, steps).flatMap(({ lines }, i) => [...(i === 0 ? [] : ['']), ...lines]);
}

function stepLines(
  step: StepResult,
  dissections: readonly Dissection[],
  stations: ReadonlySet<LinkAddress>,
  now: Instant,
  width: number,
): readonly string[] {
  const { startedAt, endedAt, host, command, ask } = step;
  const phases = storyOf(dissections, stations, startedAt, endedAt ?? now).map((phase) => {
    return { time: phase.time, text: phaseText(phase) };
  });
  const printed = step.output.map(({ time, text }) => ({ time, text: `|  ${text}` }));
  const told = merged(phases, printed);
  const shown = told.slice(0, MAX_LINES).map(({ time, text }) => `${paint('dim', timeText(time))}  ${text}`);
  const more = told.length > MAX_LINES ? [`${' '.repeat(14)}... ${told.length - MAX_LINES} more lines`] : [];
  return [
    ...(ask === undefined ? [] : [`${' '.repeat(14)}${paint('italic', ask)}`]),
    `${timeText(startedAt)}  ${paint('bold', host.padEnd(width))}  ${command}`,
    ...shown,
    ...more,
    endLine(step, now),
  ];
}

// Both are in the order of time; what happened on the wire comes first.
function merged<T extends { readonly time: Instant }>(first: readonly T[], second: readonly T[]): readonly T[] {
  return [...first, ...second].sort((a, b) => a.time - b.time);
}

function endLine(step: StepResult, now: Instant): string {
  const { endedAt, exitCode, error } = step;
  const at = timeText(endedAt ?? now);
  if (endedAt === undefined) return `${at}  ${paint('red', '=  still waiting')}`;
  const took = formatDuration(rounded(Simulation.duration(step)));
  if (exitCode === 0) return `${at}  ${paint('dim', `=  ended after ${took}`)}`;
  return `${at}  ${paint('yellow', `=  exit ${exitCode}${error === undefined ? '' : ` (${error})`} after ${took}`)}`;
}

function phaseText({ sign, protocol, text, duration }: Phase): string {
  const line = `${sign}  ${protocol.padEnd(4)}  ${text}`;
  const isUnanswered = duration === undefined && sign === '*';
  const took = duration === undefined ? (isUnanswered ? 'no answer' : '') : formatDuration(rounded(duration));
  return took === '' ? line : `${line.padEnd(TEXT_WIDTH)}  ${paint(isUnanswered ? 'yellow' : 'dim', took)}`;
}

/** To microseconds: exact ones are in the packets. */
const rounded = (duration: Duration): Duration =>
  (duration < 1e6 ? duration : Math.round(duration / 1000) * 1000) as Duration;

/** Microseconds, right-aligned. */
const timeText = (time: Instant): string => formatInstant(time).slice(0, -3).padStart(12);

export function verdictLines(verdicts: readonly Verdict[]): readonly string[] {
  const width = Math.min(48, Math.max(...verdicts.map(({ name }) => name.length), 0));
  return verdicts.flatMap((verdict) => {
    const { name, isMet, detail } = verdict;
    const sign = isMet ? paint('green', '✓') : paint('red', '✗');
    return [
      ` ${sign} ${name.padEnd(width)}  ${isMet ? paint('dim', detail) : detail}`,
      ...(isMet ? [] : around(verdict)),
    ];
  });
}

function around({ frames, allowed }: Verdict): readonly string[] {
  const reader = new FrameReader();
  const from = Number.isFinite(allowed) && frames.length > MAX_PACKETS ? Math.max(0, allowed - 2) : 0;
  const shown = frames.slice(from, from + MAX_PACKETS);
  const lines = shown.map((frame, i) => {
    const isTooMany = from + i >= allowed;
    const line = `${isTooMany ? '!' : ' '} #${frame.number}  ${formatInstant(frame.time)}  ${frame.network}  ${reader.text(reader.read(frame))}`;
    return `   ${isTooMany ? `${paint('red', line)}   <- not expected` : line}`;
  });
  const rest = frames.length - shown.length;
  return rest > 0 ? [...lines, `     ... and ${rest} more`] : lines;
}
