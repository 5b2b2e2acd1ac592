// `netarium complete SHELL` prints a script for a shell; that script asks `netarium complete -- WORDS` what the last word
// may become: commands, options, files, and names from the scenario that the words before it name.

import { type Dirent, readdirSync } from 'node:fs';
import { type Complete, RootCommand, script } from '@bomb.sh/tab';
import type { CAC } from 'cac';
import { FILTER_FIELDS } from '../../world/view/filter_fields.ts';
import { MODES } from '../packetdrill/comparison.ts';
import { ExitStatus, usageError } from './exit.ts';
import { oneOf, sentence } from './options.ts';
import { load } from './scenario_file.ts';
import { openSource } from './source.ts';
import { TABLE_NAMES } from './tables.ts';
import { print } from './terminal.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

/** What commands look into. */
const FILE_NAMES = /\.(?:ya?ml|json|pcapng|pcap|cap)$/;
const SCRIPT_NAMES = /\.pkt$/;

// The script for bash leans on the package bash-completion, which not everybody has.
const BASH_WITHOUT_PACKAGE = `# Where bash-completion is not installed:
if ! declare -F _get_comp_words_by_ref > /dev/null; then
    _get_comp_words_by_ref() {
        cur=\${COMP_WORDS[COMP_CWORD]}
        prev=\${COMP_WORDS[COMP_CWORD - 1]}
        words=("\${COMP_WORDS[@]}")
        cword=$COMP_CWORD
    }
fi
`;

/** @param words behind `complete` @throws CliError */
export async function complete(cli: CAC, words: readonly string[]): Promise<ExitStatus> {
  const [first, ...typed] = words;
  if (first === undefined) throw usageError('For which shell?', sentence(`known: ${SHELLS.join(', ')}`));
  if (first !== '--') {
    const shell = oneOf(first, SHELLS, 'completion for');
    if (shell === 'bash') print(BASH_WITHOUT_PACKAGE);
    script(shell, 'netarium', 'netarium');
    return ExitStatus.Ok;
  }
  completer(cli, typed.at(-1) ?? '', await namesIn(typed)).parse([...typed]);
  return ExitStatus.Ok;
}

/** What a scenario has names for. */
interface Names {
  readonly hosts: readonly string[];
  readonly networks: readonly string[];
  readonly variants: readonly string[];
  readonly actions: readonly string[];
  readonly attacks: readonly string[];
}

const NO_NAMES: Names = { hosts: [], networks: [], variants: [], actions: ['explain'], attacks: [] };

function completer(cli: CAC, word: string, names: Names): RootCommand {
  const candidates: Readonly<Record<string, () => readonly string[]>> = {
    file: () => filesLike(word, FILE_NAMES),
    files: () => filesLike(word, FILE_NAMES),
    trace: () => filesLike(word, FILE_NAMES),
    a: () => filesLike(word, FILE_NAMES),
    b: () => filesLike(word, FILE_NAMES),
    scenario: () => filesLike(word, FILE_NAMES),
    out: () => filesLike(word, undefined),
    filter: () => [...FILTER_FIELDS.keys()],
    table: () => TABLE_NAMES,
    owner: () => [...names.hosts, ...names.networks],
    action: () => names.actions,
    id: () => names.attacks,
    host: () => names.hosts,
    variant: () => names.variants,
    output: () => ['line', 'json', 'hex'],
    paths: () => filesLike(word, SCRIPT_NAMES),
    mode: () => MODES,
  };
  const completing =
    (what: string) =>
    (complete: Complete): void => {
      for (const candidate of candidates[what]?.() ?? []) complete(candidate, '');
    };
  const root = new RootCommand();
  for (const { name, description, args, options } of cli.commands) {
    const command = root.command(name, description);
    for (const { value, variadic } of args) command.argument(value, completing(value), variadic);
    for (const { rawName, description: about, isBoolean, name: option } of [...options, ...cli.globalCommand.options]) {
      const [, letter] = /^-(\w),/.exec(rawName) ?? [];
      const written = /--([\w-]+)/.exec(rawName)?.[1] ?? option;
      if (isBoolean !== true) command.option(written, about, completing(option), letter);
      else if (letter === undefined) command.option(written, about);
      else command.option(written, about, letter);
    }
  }
  return root;
}

/** Of the scenario or trace that stands in the words so far, or of the ladder of channels. */
async function namesIn(typed: readonly string[]): Promise<Names> {
  if (typed[0] === 'attack') {
    const { ENTRIES } = await import('../../adversary/channel/entries.ts');
    const attacks = ENTRIES.map(({ id }) => id);
    return { ...NO_NAMES, variants: ['vulnerable', 'cured'], actions: ['list', 'run', 'explain', 'matrix'], attacks };
  }
  for (const word of typed.slice(1, -1).filter((each) => FILE_NAMES.test(each))) {
    try {
      const source = await openSource(word);
      const scenario = source.kind === 'capture' ? undefined : load(source.scenario, source.choice).scenario;
      if (scenario === undefined) continue;
      const { hosts, networks, variants } = scenario;
      const namesOf = (named: readonly { readonly name: string }[]): readonly string[] => named.map(({ name }) => name);
      return { ...NO_NAMES, hosts: namesOf(hosts), networks: namesOf(networks), variants: namesOf(variants) };
    } catch {
      // A file that cannot be read has no names.
    }
  }
  return NO_NAMES;
}

/**
 * Paths that begin like `word`. Where only one directory does, what is in it: a shell would put a blank behind the name of
 * a directory alone.
 */
function filesLike(word: string, names: RegExp | undefined): readonly string[] {
  const directory = word.slice(0, word.lastIndexOf('/') + 1);
  const found = entriesOf(directory)
    .filter(({ name }) => `${directory}${name}`.startsWith(word) && isShown(name, word.slice(directory.length)))
    .filter((entry) => entry.isDirectory() || names?.test(entry.name))
    .map((entry) => `${directory}${entry.name}${entry.isDirectory() ? '/' : ''}`)
    .sort();
  const [only] = found;
  if (found.length !== 1 || !only?.endsWith('/') || only === word) return found;
  const inside = filesLike(only, names);
  return inside.length === 0 ? found : inside;
}

/** Hidden ones only when they are asked for, but for the directory into which runs write. */
const isShown = (name: string, typed: string): boolean =>
  !name.startsWith('.') || typed.startsWith('.') || name === '.netarium';

function entriesOf(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory === '' ? '.' : directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
