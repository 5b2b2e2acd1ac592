// What is wrong with a scenario, and where: one object a problem, and its text as a compiler would print it.
//
//   home.yaml:22:74  error  unknown key "filterng" in hosts.home-router.nat
//     22 | ..., mapping: endpoint-independent, filterng: address-and-port-dependent }
//        |                                     ^^^^^^^^  did you mean "filtering"?

/** `not-built`: right, but the simulator cannot run it yet. Errors and not-built keep a scenario from running. */
export type Severity = 'error' | 'not-built' | 'warning';

export interface Diagnostic {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** UTF-16 units from the column on that are meant, at least 1. */
  readonly length: number;
  readonly severity: Severity;
  /** Stable name of the kind of problem: `unknown-key`. */
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly suggestion?: string;
  /** The whole line of the file. */
  readonly sourceLine: string;
}

export type DiagnosticCode =
  | 'syntax'
  | 'unknown-key'
  | 'missing-key'
  | 'wrong-type'
  | 'wrong-value'
  | 'bad-unit'
  | 'unknown-name'
  | 'duplicate-name'
  | 'bad-combination'
  | 'bad-filter'
  | 'bad-rule'
  | 'bad-command'
  | 'bad-patch'
  | 'overlapping-subnets'
  | 'bad-address'
  | 'duplicate-address'
  | 'dhcp-pool'
  | 'no-dhcp-server'
  | 'no-route'
  | 'bad-nat'
  | 'bad-dns'
  | 'too-late'
  | 'not-built';

/** Columns of the source line that are shown around a problem. */
const WINDOW = 100;
const WORDS: Readonly<Record<Severity, string>> = { error: 'error', 'not-built': 'not built yet', warning: 'warning' };

/** Three lines: where and what, the source line, and a mark under it with the suggestion. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, length, severity, message, suggestion, sourceLine } = diagnostic;
  const head = `${file}:${line}:${column}  ${WORDS[severity]}  ${message}`;
  const start = column - 1 > WINDOW - 30 ? column - 1 - 40 : 0;
  const before = start > 0 ? '…' : '';
  const after = sourceLine.length > start + WINDOW ? '…' : '';
  const shown = before + sourceLine.slice(start, start + WINDOW).replaceAll('\t', ' ') + after;
  const room = Math.max(1, Math.min(length, shown.length - (column - 1 - start + before.length)));
  const mark = `${' '.repeat(column - 1 - start + before.length)}${'^'.repeat(room)}`;
  const gutter = ' '.repeat(String(line).length);
  return `${head}\n  ${line} │ ${shown}\n  ${gutter} │ ${mark}${suggestion === undefined ? '' : `  ${suggestion}`}`;
}

/** By place; at one place the graver first. */
export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  const severities: readonly Severity[] = ['error', 'not-built', 'warning'];
  return (
    Number(a.file > b.file) - Number(a.file < b.file) ||
    a.line - b.line ||
    a.column - b.column ||
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    Number(a.message > b.message) - Number(a.message < b.message)
  );
}
