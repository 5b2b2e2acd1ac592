// A trace: all that it takes to run a scenario again and to know that it came out the same. It holds no packets: those
// come from running it. `trace/1` is JSON, one object.

export const TRACE_FORMAT = 'trace/1';

export interface Trace {
  readonly format: typeof TRACE_FORMAT;
  /** The version of the program that wrote it. Another one may give other bytes. */
  readonly program: string;
  readonly scenario: { readonly fileName: string; readonly text: string };
  /** The seed it ran with. */
  readonly seed: number;
  readonly variant: string | null;
  /** `path=value`, in their order. */
  readonly set: readonly string[];
  /** A duration's text; `null`: to the end. */
  readonly until: string | null;
  /** SHA-256 in hex, see `Capture.digest`. */
  readonly digest: string;
  readonly packets: number;
}

export interface TraceProblem {
  /** A sentence. */
  readonly problem: string;
}

export const formatTrace = (trace: Trace): string => `${JSON.stringify(trace, undefined, 2)}\n`;

/** Whether a text may be meant as a trace: it is an object of JSON that names its format. */
export const isTraceText = (text: string): boolean => /^\s*\{/.test(text) && /"format"\s*:\s*"trace\//.test(text);

/** The trace, or what is wrong with it. Never throws. */
export function parseTrace(text: string): Trace | TraceProblem {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'This trace is cut off or damaged: it is not JSON.' };
  }
  return checked(value);
}

export const isTraceProblem = (trace: Trace | TraceProblem): trace is TraceProblem => 'problem' in trace;

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isTextOrNull = (value: unknown): value is string | null => value === null || isText(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function checked(value: unknown): Trace | TraceProblem {
  if (!isObject(value)) return { problem: 'This is no trace: it is not an object.' };
  const { format, program, scenario, seed, variant, set, until, digest, packets } = value;
  if (format !== TRACE_FORMAT) {
    const found = isText(format) ? `"${format}"` : 'without a format';
    const writer = isText(program) ? `, written by ${program}` : '';
    return { problem: `This trace is ${found}${writer}, and only "${TRACE_FORMAT}" is known here.` };
  }
  const wrong = (what: string): TraceProblem => ({ problem: `This trace is damaged: its ${what} makes no sense.` });
  if (!isText(program)) return wrong('program');
  if (!isObject(scenario)) return wrong('scenario');
  const { fileName, text } = scenario;
  if (!isText(fileName) || !isText(text)) return wrong('scenario');
  if (!isCount(seed)) return wrong('seed');
  if (!isTextOrNull(variant)) return wrong('variant');
  if (!Array.isArray(set) || !set.every(isText)) return wrong('set');
  if (!isTextOrNull(until)) return wrong('until');
  if (!isText(digest) || !/^[0-9a-f]{64}$/.test(digest)) return wrong('digest');
  if (!isCount(packets)) return wrong('packets');
  return { format, program, scenario: { fileName, text }, seed, variant, set, until, digest, packets };
}
