// A scenario from a file, ready to run; or its problems, as a compiler prints them.

import { ADVERSARY } from '../../adversary/registry.ts';
import { textOf } from '../../core/bytes.ts';
import { LANGUAGES } from '../../world/sim/languages.ts';
import { type Diagnostic, formatDiagnostic } from '../../world/sim/scenario/diagnostic.ts';
import { isRunnable, type LoadedScenario, loadScenario } from '../../world/sim/scenario/loader.ts';
import type { Scenario } from '../../world/sim/scenario/types.ts';
import { isTraceText } from '../../world/sim/trace.ts';
import { readBytes } from '../io/files.ts';
import { CliError, ExitStatus, usageError } from './exit.ts';
import { note, paintNote } from './terminal.ts';

/** What may be changed about a scenario from outside its file. */
export interface ScenarioChoice {
  readonly seed: number | undefined;
  readonly variant: string | undefined;
  readonly set: readonly string[];
}

export const AS_WRITTEN: ScenarioChoice = { seed: undefined, variant: undefined, set: [] };

export interface ScenarioText {
  readonly fileName: string;
  readonly text: string;
}

/** @throws FileError; CliError where it is a file of another kind */
export async function readScenarioText(fileName: string): Promise<ScenarioText> {
  const bytes = await readBytes(fileName);
  if (isCaptureFile(bytes)) {
    throw usageError(`${fileName} is a capture, and no scenario.`, `netarium packets ${fileName} lists what is in it.`);
  }
  const text = textOf(bytes);
  if (isTraceText(text)) {
    throw usageError(`${fileName} is a trace, and no scenario.`, `netarium replay ${fileName} runs it again.`);
  }
  return { fileName, text };
}

const CAPTURE_STARTS: ReadonlySet<number> = new Set([0x0a0d0d0a, 0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1]);

/** By its first bytes: pcapng, or pcap in either byte order and precision. */
export const isCaptureFile = (bytes: Uint8Array): boolean =>
  bytes.length >= 4 && CAPTURE_STARTS.has(new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0));

export const load = ({ fileName, text }: ScenarioText, { seed, variant, set }: ScenarioChoice): LoadedScenario =>
  loadScenario(text, fileName, { seed, variant, set, checks: LANGUAGES, registry: ADVERSARY });

/** Warnings go to stderr. @throws CliError when there is anything worse */
export function loadRunnable(source: ScenarioText, choice: ScenarioChoice): Scenario {
  const loaded = load(source, choice);
  if (loaded.diagnostics.length > 0) note(diagnosticsText(loaded.diagnostics));
  if (loaded.scenario !== undefined && isRunnable(loaded)) return loaded.scenario;
  throw new CliError(
    ExitStatus.Usage,
    `${source.fileName} cannot run: ${countText(loaded.diagnostics)}.`,
    undefined,
    loaded.diagnostics,
  );
}

export const diagnosticsText = (diagnostics: readonly Diagnostic[]): string =>
  diagnostics
    .map((diagnostic) => {
      const [head = '', ...rest] = formatDiagnostic(diagnostic).split('\n');
      return [paintNote(diagnostic.severity === 'warning' ? 'yellow' : 'red', head), ...rest].join('\n');
    })
    .join('\n');

/** For programs: every one has the same shape. */
export const diagnosticObjects = (diagnostics: readonly Diagnostic[]): readonly object[] =>
  diagnostics.map((diagnostic) => ({ ...diagnostic, suggestion: diagnostic.suggestion ?? null }));

/** `2 errors, 1 warning`. */
export function countText(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Diagnostic['severity'], one: string, many: string): string[] => {
    const found = diagnostics.filter((each) => each.severity === severity).length;
    return found === 0 ? [] : [`${found} ${found === 1 ? one : many}`];
  };
  const parts = [
    ...count('error', 'error', 'errors'),
    ...count('not-built', 'thing that is not built yet', 'things that are not built yet'),
    ...count('warning', 'warning', 'warnings'),
  ];
  return parts.join(', ');
}
