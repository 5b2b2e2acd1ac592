// The table of rungs by faults as text, and in a sentence a rung: what breaks it, and what mends it.

import { formatColumns } from '../../../core/columns.ts';
import { FAULTS } from './fault.ts';
import type { Cell, Row } from './table.ts';

/** The median time of what survives, in these columns. */
const TIMED = ['none', 'all'] as const;

export function formatReliabilityTable(rows: readonly Row[]): string {
  const head = ['rung', ...FAULTS.map(({ name }) => name), ...TIMED.map((name) => `ms, ${name}`)];
  const lines = rows.map(({ rung, cells }) => [
    rung.name,
    ...cells.map(cellText),
    ...TIMED.map((name) => timeText(cells, name)),
  ]);
  return formatColumns([head, ...lines]);
}

const cellText = ({ survives, exact, seeds }: Cell): string =>
  survives ? 'exact' : `${Math.floor((100 * exact) / seeds)} %`;

function timeText(cells: readonly Cell[], name: string): string {
  const cell = cells.find(({ fault }) => fault === name);
  return cell?.survives === true && cell.medianMs !== undefined ? String(Math.round(cell.medianMs)) : '-';
}

/** What breaks each rung, and what the next one makes of it. */
export function mendingLines(rows: readonly Row[]): readonly string[] {
  return rows.flatMap(({ rung, cells }, i) => {
    const next = rows[i + 1];
    if (next === undefined || rung.brokenBy === undefined) return [];
    if (rung.brokenBy === 'slow') {
      const [slow, fast] = [timeText(cells, 'all'), timeText(next.cells, 'all')];
      return [`${rung.name} takes ${slow} ms where all comes together; ${next.rung.name} takes ${fast}.`];
    }
    const of = (row: readonly Cell[]): string => {
      const cell = row.find(({ fault }) => fault === rung.brokenBy);
      return cell === undefined ? '' : `${cell.exact} of ${cell.seeds}`;
    };
    return [
      `${rung.brokenBy} breaks ${rung.name} (${of(cells)} exact); ${next.rung.name} mends it (${of(next.cells)}).`,
    ];
  });
}
