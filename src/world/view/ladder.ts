// A ladder: one lane a machine, time downwards, an arrow a frame, with what it says on the arrow.
//
//                       alice                           bob
//     1.000000  lan       │┄┄ ARP who-has 10.0.0.2? ┄┄┄┄▶│
//     1.001000  lan       │◀── ARP 10.0.0.2 is-at ... ───│
//     1.003000  lan       │── SYN seq 0 ──────────────✗│  lost on the link
//
// Dots are frames for everyone on the network; a cross never arrived. Where two machines are drawn with more than one TCP
// connection between them, each segment says its ports. Not here: who the machines are (stations.ts), and
// colours.

import { formatInstant } from '../../core/time.ts';
import type { TlsSecrets } from '../../secure/tls/eavesdropper.ts';
import { formatLinkAddress, isGroupAddress, type LinkAddress } from '../../wire/address.ts';
import { tcpDestinationPort, tcpSourcePort } from '../../wire/tcp.ts';
import type { CapturedFrame } from './captured_frame.ts';
import type { Dissection } from './dissection.ts';
import type { PacketFilter } from './filter.ts';
import { FrameReader } from './frame_text.ts';
import { frameTitle } from './frame_title.ts';
import { segmentEnds } from './segment_ends.ts';
import type { Stations } from './stations.ts';

/** Columns from one lane to the next; more when a machine's name is longer. */
const LANE_WIDTH = 32;
/** With so many lanes they come closer, to `NARROW_LANE_WIDTH`. */
const MANY_LANES = 5;
const NARROW_LANE_WIDTH = 26;
/** Columns that lanes are wider where ports are shown. */
const PORTS_WIDTH = 14;
/** And where messages of TLS are: several lie in a segment, and a name is among them. */
const TLS_WIDTH = 12;
/** Lanes beyond these are left out, and their frames are told of in words. */
const MAX_LANES = 24;
/** So many decimals of a second: microseconds, unless two frames would then look simultaneous. */
const DECIMALS = 6;

interface Row {
  readonly frame: CapturedFrame;
  readonly source: string;
  /** `undefined`: everyone. */
  readonly destination: string | undefined;
  readonly title: string;
  readonly segment: Segment | undefined;
  readonly isTls: boolean;
}

/** Which TCP connection a frame is of, and between which two machines it is drawn. */
interface Segment {
  readonly machines: string;
  readonly connection: string;
  /** `49152 > 80` */
  readonly ports: string;
}

/** The lines of the ladder; empty when no frame passes. @param secrets with which what TLS protects is read too */
export function formatLadder(
  frames: readonly CapturedFrame[],
  filter: PacketFilter,
  stations: Stations,
  secrets?: TlsSecrets,
): readonly string[] {
  const reader = new FrameReader(secrets);
  const members = new Map<string, Set<string>>();
  const rows: Row[] = [];
  for (const frame of frames) {
    const dissection = reader.read(frame);
    const row = rowOf(frame, dissection, reader, stations);
    if (row === undefined) continue;
    remember(members, frame.network, row.source);
    if (row.destination !== undefined) remember(members, frame.network, row.destination);
    if (filter(dissection)) rows.push(row);
  }
  return rows.length === 0 ? [] : new Ladder(withPorts(rows), stations, members).lines();
}

function withPorts(rows: readonly Row[]): readonly Row[] {
  const connections = new Map<string, Set<string>>();
  for (const { segment } of rows) {
    if (segment !== undefined) remember(connections, segment.machines, segment.connection);
  }
  return rows.map((row) => {
    const { segment, title } = row;
    const isOneOfMany = segment !== undefined && (connections.get(segment.machines)?.size ?? 0) > 1;
    return isOneOfMany ? { ...row, title: `${segment.ports} ${title}` } : { ...row, segment: undefined };
  });
}

function remember(groups: Map<string, Set<string>>, group: string, member: string): void {
  const members = groups.get(group) ?? new Set();
  groups.set(group, members.add(member));
}

function rowOf(frame: CapturedFrame, dissection: Dissection, reader: FrameReader, stations: Stations): Row | undefined {
  const { ethernet } = dissection;
  if (ethernet === undefined) return undefined;
  const nameOf = (address: LinkAddress): string => stations.get(address) ?? formatLinkAddress(address);
  const source = nameOf(ethernet.source);
  const destination = isGroupAddress(ethernet.destination) ? undefined : nameOf(ethernet.destination);
  const segment = segmentOf(dissection, [source, destination ?? '']);
  const isTls = dissection.tls !== undefined;
  return { frame, source, destination, title: frameTitle(dissection, reader), segment, isTls };
}

function segmentOf(dissection: Dissection, machines: readonly string[]): Segment | undefined {
  const { view, tcp } = dissection;
  const ends = segmentEnds(dissection);
  if (tcp === undefined || ends === undefined) return undefined;
  return {
    machines: machines.toSorted().join(' '),
    connection: [ends.source, ends.destination].sort().join(' '),
    ports: `${tcpSourcePort(view, tcp.at)} > ${tcpDestinationPort(view, tcp.at)}`,
  };
}

class Ladder {
  private readonly rows: readonly Row[];
  private readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  private readonly lanes: readonly string[];
  private readonly laneWidth: number;
  private readonly timeWidth: number;
  private readonly networkWidth: number;
  private readonly decimals: number;

  constructor(rows: readonly Row[], stations: Stations, members: ReadonlyMap<string, ReadonlySet<string>>) {
    this.rows = rows;
    this.members = members;
    this.lanes = lanesOf(rows, stations).slice(0, MAX_LANES);
    const extra =
      (rows.some(({ segment }) => segment !== undefined) ? PORTS_WIDTH : 0) +
      (rows.some(({ isTls }) => isTls) ? TLS_WIDTH : 0);
    const width = extra + (this.lanes.length < MANY_LANES ? LANE_WIDTH : NARROW_LANE_WIDTH);
    this.laneWidth = Math.max(width, ...this.lanes.map((name) => name.length + 2));
    this.decimals = rows.some(({ frame }) => frame.time % 1000 !== 0) ? 9 : DECIMALS;
    this.timeWidth = Math.max(...rows.map(({ frame }) => this.time(frame).length));
    this.networkWidth = Math.max(...rows.map(({ frame }) => frame.network.length));
  }

  lines(): readonly string[] {
    const margin = ' '.repeat(this.timeWidth + this.networkWidth + 4);
    const half = this.laneWidth >> 1;
    const heading = this.lanes.map((name) => centered(name, this.laneWidth)).join('');
    return [`${margin}${heading}`.trimEnd(), ...this.rows.map((row) => this.line(row, half))];
  }

  private line(row: Row, half: number): string {
    const { frame } = row;
    const start = `${this.time(frame).padStart(this.timeWidth)}  ${frame.network.padEnd(this.networkWidth)}  `;
    const cells = Array.from({ length: this.lanes.length * this.laneWidth }, () => ' ');
    const columnOf = (lane: number): number => lane * this.laneWidth + half;
    for (const [lane] of this.lanes.entries()) cells[columnOf(lane)] = '│';
    const [from, to] = [this.lanes.indexOf(row.source), this.target(row)];
    const note = frame.comment === undefined ? '' : `  ${frame.comment}`;
    if (from < 0 || to < 0 || from === to) {
      return `${start}${cells.join('')}  ${row.source} to ${row.destination ?? 'all'}: ${row.title}${note}`;
    }
    const isLost =
      frame.comment?.startsWith('lost') === true || frame.comment?.startsWith('damaged on the link:') === true;
    arrow(cells, columnOf(from), columnOf(to), row.title, row.destination === undefined ? '┄' : '─', isLost);
    return `${start}${cells.join('').trimEnd()}${note}`;
  }

  /** The lane at which the arrow ends: for everyone, the farthest one on this network, on the right if there is one. */
  private target({ source, destination, frame }: Row): number {
    if (destination !== undefined) return this.lanes.indexOf(destination);
    const from = this.lanes.indexOf(source);
    const others = this.lanes
      .map((name, lane) => ({ name, lane }))
      .filter(({ name, lane }) => lane !== from && this.members.get(frame.network)?.has(name) === true)
      .map(({ lane }) => lane);
    const last = others.at(-1);
    return last === undefined ? -1 : last > from ? last : (others[0] ?? -1);
  }

  private time(frame: CapturedFrame): string {
    const text = formatInstant(frame.time);
    return this.decimals === 9 ? text : text.slice(0, text.length - (9 - DECIMALS));
  }
}

/** In the order in which the stations are named; each that sends or is sent to. */
function lanesOf(rows: readonly Row[], stations: Stations): readonly string[] {
  const seen = new Set(rows.flatMap(({ source, destination }) => [source, destination ?? source]));
  const known = [...new Set(stations.values())].filter((name) => seen.has(name));
  return [...known, ...[...seen].filter((name) => !known.includes(name))];
}

// `│── title ───▶│` or `│◀── title ───│`; a lost frame ends in a cross.
function arrow(cells: string[], from: number, to: number, title: string, dash: string, isLost: boolean): void {
  const isRight = to > from;
  const [left, right] = isRight ? [from + 1, to] : [to + 1, from];
  const room = right - left;
  const shown = title.length > room - 7 ? `${title.slice(0, room - 8)}…` : title;
  const body = isRight ? `${dash}${dash} ${shown} ` : ` ${shown} ${dash}${dash}`;
  const fill = dash.repeat(Math.max(0, room - 1 - body.length));
  const head = isLost ? '✗' : isRight ? '▶' : '◀';
  const text = isRight ? `${body}${fill}${head}` : `${head}${fill}${body}`;
  for (const [i, character] of [...text].entries()) cells[left + i] = character;
}

function centered(text: string, width: number): string {
  const before = Math.max(0, (width >> 1) - (text.length >> 1));
  return `${' '.repeat(before)}${text}`.padEnd(width);
}
