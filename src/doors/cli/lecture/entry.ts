// One item of the lecture: what it teaches in our own words, and the runs that show it.
//
// To show another item, find its number in `chapters/`, one file a subject, and give the entry there `shows` and `lookAt` in
// the place of `waitsFor`. There are four kinds of show, and each must be able to fail:
//
//   { scenario: 'nat', expects: ['one row a connection'] }           a shipped scenario (with `variant`, if it is one), and
//                                                                    those of its expectations that are about this item
//   { command: ['qos'], prints: [/^too long +not allowed/m] }        a command line, run in the folder of the project; it
//                                                                    ends with status 0 (or `status`) and prints all these
//   { example: 'examples/two_hosts.ts', prints: [/1 received/] }     a program of examples/, in the same way
//   { attack: 'reflection' }                                         an entry of the ladder of channels: it succeeds against
//                                                                    its rung, and fails against the cure (see attacked.ts)
//
// An entry with both `shows` and `waitsFor` is built in part: what there is is run and tested, and the item counts as not
// built. Then `node scripts/run.mjs scripts/lecture.ts` writes docs/lecture.md anew. Nothing else has to be told.

/** What must stand in an output: a text, of several lines if need be, or what an expression finds. */
export type Pattern = string | RegExp;

export interface ScenarioShow {
  readonly scenario: string;
  readonly variant?: string;
  /** Names of expectations of the scenario, or of its variant. */
  readonly expects: readonly [string, ...string[]];
}

export interface CommandShow {
  /** The words behind `netarium`; paths count from the folder of the project. */
  readonly command: readonly [string, ...string[]];
  readonly prints: readonly [Pattern, ...Pattern[]];
  /** 0 unless given. */
  readonly status?: number;
}

export interface ExampleShow {
  readonly example: string;
  readonly prints: readonly [Pattern, ...Pattern[]];
}

export interface AttackShow {
  /** The name of an entry of the ladder of channels. */
  readonly attack: string;
}

export type Show = ScenarioShow | CommandShow | ExampleShow | AttackShow;

interface Text {
  readonly item: number;
  readonly title: string;
  /** A sentence or two. */
  readonly text: string;
}

interface ShownEntry extends Text {
  readonly lookAt: string;
  readonly shows: readonly [Show, ...Show[]];
  readonly waitsFor?: undefined;
}

interface WaitingEntry extends Text {
  /** What has to be built first; ends the sentence "It waits for ...". */
  readonly waitsFor: string;
  readonly lookAt?: string;
  readonly shows?: readonly [Show, ...Show[]];
}

export type LectureEntry = ShownEntry | WaitingEntry;

export interface Chapter {
  readonly title: string;
  /** By their numbers. */
  readonly entries: readonly LectureEntry[];
}

export type ItemState = 'shown' | 'not built';

export const stateOf = ({ waitsFor }: LectureEntry): ItemState => (waitsFor === undefined ? 'shown' : 'not built');

/** The command lines that show an item. */
export const commandsOf = ({ shows }: LectureEntry): readonly string[] => shows?.map(commandOf) ?? [];

/** What to type, from a clone's folder or a package's. */
export function commandOf(show: Show): string {
  if ('command' in show) return `netarium ${show.command.map(quoted).join(' ')}`;
  if ('attack' in show) return `netarium attack run ${show.attack}`;
  if ('example' in show) return `node scripts/run.mjs ${show.example}`;
  return `netarium run scenarios/${show.scenario}.yaml${show.variant === undefined ? '' : ` --variant ${show.variant}`}`;
}

const quoted = (word: string): string => (/^[\w./:=+,@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
