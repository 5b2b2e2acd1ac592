// Text in columns, as tables of machines are shown: each column as wide as its widest cell, two blanks between.

/** One line a row, each ending in a newline; no blanks at the ends of lines. Rows have as many cells as the first. */
export function formatColumns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}
