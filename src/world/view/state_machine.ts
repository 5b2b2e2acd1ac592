// A state machine as text and as a picture, from its table of transitions alone. States stand in rows by their distance from
// where it begins; what nearly every state sees is said in words and not drawn. Not here: any particular machine.

/** For each state, the event and the state that it leads to. */
export type TransitionTable = Readonly<Record<string, Readonly<Partial<Record<string, string>>>>>;

/** A move that most states have in common. */
export interface CommonMove {
  readonly event: string;
  readonly target: string;
  /** States that do not see it. */
  readonly except: readonly string[];
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly events: readonly string[];
}

const BOX_WIDTH = 128;
const BOX_HEIGHT = 34;
const COLUMN = 200;
const ROW = 96;
const MARGIN = 24;

/** One line a state: `Established  Shutdown -> FinWait1, FinArrives -> CloseWait`. */
export function stateMachineText(table: TransitionTable): string {
  const width = Math.max(...Object.keys(table).map((state) => state.length));
  const lines = Object.entries(table).map(([state, moves]) => {
    const ways = Object.entries(moves).map(([event, next]) => `${event} -> ${next}`);
    return `${state.padEnd(width)}  ${ways.join(', ')}`.trimEnd();
  });
  return `${lines.join('\n')}\n`;
}

/** Moves that more than half of the states have: the same event to the same state. */
export function commonMoves(table: TransitionTable): readonly CommonMove[] {
  const states = Object.keys(table);
  const moves = new Map<string, { event: string; target: string; from: Set<string> }>();
  for (const [state, ways] of Object.entries(table)) {
    for (const [event, target = ''] of Object.entries(ways)) {
      const known = moves.get(`${event} ${target}`) ?? { event, target, from: new Set() };
      known.from.add(state);
      moves.set(`${event} ${target}`, known);
    }
  }
  return [...moves.values()]
    .filter(({ from }) => from.size > states.length / 2)
    .map(({ event, target, from }) => ({ event, target, except: states.filter((state) => !from.has(state)) }));
}

/** The rows of the picture, from the top: states by the least number of moves from one of `roots`. */
export function stateRows(table: TransitionTable, roots: readonly string[]): readonly (readonly string[])[] {
  const rows: string[][] = [[...roots]];
  const placed = new Set(roots);
  for (let row = rows[0]; row !== undefined && row.length > 0; row = rows.at(-1)) {
    const next = row.flatMap((state) => Object.values(table[state] ?? {})).filter((state) => state !== undefined);
    const fresh = [...new Set(next)].filter((state) => !placed.has(state));
    for (const state of fresh) placed.add(state);
    if (fresh.length === 0) break;
    rows.push(fresh);
  }
  return rows;
}

/** An SVG document. What leads back to a root is drawn to a second box of that root, at the bottom. */
export function stateMachineSvg(table: TransitionTable, roots: readonly string[], title: string): string {
  const common = commonMoves(table);
  const edges = edgesOf(table, common, roots);
  const returns = [...new Set(edges.filter(({ to }) => to.endsWith(AGAIN)).map(({ to }) => to))];
  const rows = [...stateRows(table, roots), ...(returns.length === 0 ? [] : [returns])];
  const columns = Math.max(...rows.map((row) => row.length));
  const width = 2 * MARGIN + columns * COLUMN;
  const height = 2 * MARGIN + rows.length * ROW + 20 * common.length;
  const places = new Map<string, { x: number; y: number }>();
  for (const [i, row] of rows.entries()) {
    for (const [j, state] of row.entries()) {
      places.set(state, { x: width / 2 + (j - (row.length - 1) / 2) * COLUMN, y: MARGIN + BOX_HEIGHT / 2 + i * ROW });
    }
  }
  const boxes = [...places].map(([state, { x, y }]) => {
    const box = `<rect x="${x - BOX_WIDTH / 2}" y="${y - BOX_HEIGHT / 2}" width="${BOX_WIDTH}" height="${BOX_HEIGHT}" rx="6"/>`;
    return `  <g class="state">${box}<text x="${x}" y="${y + 5}">${escaped(state.replace(AGAIN, ''))}</text></g>`;
  });
  const arrows = edges.map(({ from, to, events }) => {
    const [a, b] = [places.get(from) ?? { x: 0, y: 0 }, places.get(to) ?? { x: 0, y: 0 }];
    const isLevel = a.y === b.y;
    const side = a.x < b.x ? 1 : -1;
    const start = isLevel ? { x: a.x + (side * BOX_WIDTH) / 2, y: a.y } : { x: a.x, y: a.y + BOX_HEIGHT / 2 };
    const end = isLevel ? { x: b.x - (side * BOX_WIDTH) / 2, y: b.y } : { x: b.x, y: b.y - BOX_HEIGHT / 2 };
    const label = { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 - (isLevel ? 6 : 0) };
    const line = `<path d="M${start.x} ${start.y}L${end.x} ${end.y}" marker-end="url(#tip)"/>`;
    return `  <g class="move">${line}<text x="${label.x}" y="${label.y}">${escaped(events.join(', '))}</text></g>`;
  });
  const captions = common.map(({ event, target, except }, i) => {
    const but = except.length === 0 ? '' : ` but ${except.join(', ')}`;
    const y = height - MARGIN + 8 - 20 * (common.length - 1 - i);
    return `  <text class="caption" x="${MARGIN}" y="${y}">${escaped(`From every state${but}: ${event} leads to ${target}.`)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
  <title>${escaped(title)}</title>
  <style>
    text { font: 13px sans-serif; text-anchor: middle; fill: #222 }
    .state rect { fill: #eef3fb; stroke: #35507a }
    .move path { stroke: #666; fill: none }
    .move text { font-size: 11px; paint-order: stroke; stroke: #fff; stroke-width: 4px }
    .caption { text-anchor: start; font-size: 12px }
  </style>
  <defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">
    <path d="M0 0L8 4L0 8z" fill="#666"/></marker></defs>
${[...arrows, ...boxes, ...captions].join('\n')}
</svg>
`;
}

/** Marks the second box of a root; no state's name has it. */
const AGAIN = '\n';

function edgesOf(table: TransitionTable, common: readonly CommonMove[], roots: readonly string[]): readonly Edge[] {
  const edges = new Map<string, { from: string; to: string; events: string[] }>();
  for (const [from, moves] of Object.entries(table)) {
    for (const [event, next = ''] of Object.entries(moves)) {
      if (common.some((move) => move.event === event && move.target === next)) continue;
      const to = roots.includes(next) ? next + AGAIN : next;
      const edge = edges.get(`${from} ${to}`) ?? { from, to, events: [] };
      edge.events.push(event);
      edges.set(`${from} ${to}`, edge);
    }
  }
  return [...edges.values()];
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
