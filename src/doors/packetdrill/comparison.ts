// Whether a segment that the machine has sent is the one that the script expects, and where it differs.
//
//   strict     every field that the script gives, options in their order with their padding
//   semantic   what the two ends understand: options as a set, the window as at least so many bytes, shifts of windows
//              and the push flag as the sender sees fit
//
// Not here: when it came, and segments that come in several pieces (outbound.ts).

import { TcpFlag } from '../../wire/tcp.ts';
import type { Segment } from './packet_bytes.ts';
import { flagsText, optionText } from './packet_text.ts';
import type { BlockSpec, IpSpec, OptionSpec, TcpSpec } from './script.ts';

export const MODES = ['semantic', 'strict'] as const;
export type Mode = (typeof MODES)[number];

export interface Difference {
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
}

export interface ComparisonRules {
  readonly mode: Mode;
  /** How far window fields are shifted, as the machine has it and as the script does. */
  readonly windowShifts: { readonly own: number; readonly script: number };
  /** The largest payload that the machine takes. */
  readonly segmentSize: number;
  /** How much timestamps may be off; undefined: they are not compared. */
  readonly timestampTolerance: number | undefined;
}

/** @param actual with the numbers of the script */
export function compareSegments(
  ip: IpSpec,
  expected: TcpSpec,
  actual: Segment,
  rules: ComparisonRules,
): readonly Difference[] {
  const found: Difference[] = [];
  const differ = (what: string, wanted: string | number, got: string | number): void => {
    if (wanted !== got) found.push({ what, expected: String(wanted), actual: String(got) });
  };
  // RFC 9293 §3.9.1.2 (MAY-15, MUST-61): which of several segments carry the push flag is the sender's choice.
  const flagMask = rules.mode === 'semantic' ? ~TcpFlag.Psh : ~0;
  if ((expected.flags & flagMask) !== (actual.flags & flagMask)) {
    differ('flags', flagsText(expected.flags), flagsText(actual.flags));
  }
  if (expected.sequence !== undefined) differ('sequence number', expected.sequence, actual.sequence);
  differ('length', expected.length, actual.payload.length);
  if (expected.acknowledgment !== undefined) differ('acknowledgment', expected.acknowledgment, actual.acknowledgment);
  compareWindows(expected, actual, rules, found);
  differ('urgent pointer', expected.urgentPointer, actual.urgentPointer);
  if (expected.options !== undefined) compareOptions(expected.options, actual.options, rules, found);
  compareIp(ip, actual, found);
  return found;
}

function compareWindows(
  { window, flags }: TcpSpec,
  actual: Segment,
  { mode, windowShifts, segmentSize }: ComparisonRules,
  found: Difference[],
): void {
  if (window === undefined) return;
  if (mode === 'strict') {
    if (window !== actual.window) found.push({ what: 'window', expected: `${window}`, actual: `${actual.window}` });
    return;
  }
  // RFC 7323 §2.2: the window of a SYN is never shifted.
  const isShifted = (flags & TcpFlag.Syn) === 0;
  const wanted = window << (isShifted ? windowShifts.script : 0);
  const offered = actual.window << (isShifted ? windowShifts.own : 0);
  // RFC 9293 §3.8.6.2.2: a receiver moves the right edge on once it has room for another segment, and not before.
  const held = isShifted ? segmentSize - 1 : 0;
  if (offered + held >= wanted && (offered > 0 || wanted === 0)) return;
  found.push({ what: 'window', expected: `at least ${wanted}`, actual: `${offered}` });
}

function compareIp({ trafficClass, isAnyEct, ttl }: IpSpec, actual: Segment, found: Difference[]): void {
  const { trafficClass: got } = actual;
  if (trafficClass !== undefined && (got & trafficClass.mask) !== trafficClass.value) {
    found.push({
      what: trafficClass.mask === 0xff ? 'traffic class' : `traffic class & 0x${trafficClass.mask.toString(16)}`,
      expected: `0x${trafficClass.value.toString(16)}`,
      actual: `0x${(got & trafficClass.mask).toString(16)}`,
    });
  }
  const codepoint = got & 3;
  if (isAnyEct && codepoint !== 1 && codepoint !== 2) {
    found.push({ what: 'ECN codepoint', expected: 'ECT(0) or ECT(1)', actual: `${codepoint}` });
  }
  if (ttl !== undefined && ttl !== actual.ttl) {
    found.push({ what: 'time to live', expected: `${ttl}`, actual: `${actual.ttl}` });
  }
}

const isPadding = ({ kind }: OptionSpec): boolean => kind === 'nop' || kind === 'eol';

function compareOptions(
  expected: readonly OptionSpec[],
  actual: readonly OptionSpec[],
  rules: ComparisonRules,
  found: Difference[],
): void {
  const isSame = (wanted: OptionSpec, got: OptionSpec): boolean => isSameOption(wanted, got, rules);
  if (rules.mode === 'strict') {
    if (expected.length === actual.length && expected.every((each, i) => isSame(each, actual[i] ?? { kind: 'eol' })))
      return;
    found.push({ what: 'options', expected: listText(expected), actual: listText(actual) });
    return;
  }
  const left = actual.filter((each) => !isPadding(each));
  for (const wanted of expected.filter((each) => !isPadding(each))) {
    const at = left.findIndex((got) => isSame(wanted, got));
    if (at >= 0) {
      left.splice(at, 1);
      continue;
    }
    const near = left.findIndex((got) => nameOf(got) === nameOf(wanted));
    const got = near < 0 ? 'none' : left.splice(near, 1).map(optionText).join();
    found.push({ what: `option ${nameOf(wanted)}`, expected: optionText(wanted), actual: got });
  }
  for (const more of left) found.push({ what: `option ${nameOf(more)}`, expected: 'none', actual: optionText(more) });
}

const nameOf = (option: OptionSpec): string => (option.kind === 'other' ? `${option.number}` : option.kind);

const listText = (options: readonly OptionSpec[]): string => `<${options.map(optionText).join(',')}>`;

function isSameOption(wanted: OptionSpec, got: OptionSpec, { mode, timestampTolerance }: ComparisonRules): boolean {
  if (wanted.kind === 'mss' && got.kind === 'mss') return wanted.value === got.value;
  // RFC 7323 §2.3: how much room a window needs, its receiver alone knows.
  if (wanted.kind === 'wscale' && got.kind === 'wscale') return mode === 'semantic' || wanted.value === got.value;
  if (wanted.kind === 'sack' && got.kind === 'sack') return hasSameBlocks(wanted.blocks, got.blocks, mode);
  if (wanted.kind === 'TS' && got.kind === 'TS') {
    return wanted.echo === got.echo && isNear(wanted.value, got.value, timestampTolerance);
  }
  if (wanted.kind === 'other' && got.kind === 'other') {
    return wanted.number === got.number && wanted.data.join() === got.data.join();
  }
  return wanted.kind === got.kind && (isPadding(wanted) || wanted.kind === 'sackOK');
}

const isNear = (wanted: number | undefined, got: number | undefined, tolerance: number | undefined): boolean =>
  wanted === undefined || got === undefined || tolerance === undefined || Math.abs((got - wanted) | 0) <= tolerance;

// RFC 2018 §4: the first block is the one that has just come; of the others each may be there, in any order.
function hasSameBlocks(wanted: readonly BlockSpec[], got: readonly BlockSpec[], mode: Mode): boolean {
  const text = ({ left, right }: BlockSpec): string => `${left}:${right}`;
  const [first, ...others] = wanted.map(text);
  const [gotFirst, ...gotOthers] = got.map(text);
  if (mode === 'semantic') return first === gotFirst && others.toSorted().join() === gotOthers.toSorted().join();
  return first === gotFirst && others.join() === gotOthers.join();
}
