// The tables of a running world by name: those of machines, of their resolvers, and of switches.

import { formatColumns } from '../../core/columns.ts';
import type { Instant } from '../../core/time.ts';
import { formatSwitchTable } from '../../stack/link/switch.ts';
import type { Host } from '../../world/host/host.ts';
import { suggestFrom } from '../../world/sim/scenario/suggestion.ts';
import type { Simulation } from '../../world/sim/simulation.ts';
import { HOST_TABLE_ROWS, switchRow, type TableRow } from '../../world/view/table_rows.ts';
import { HOST_TABLES } from '../../world/view/tables.ts';
import { usageError } from './exit.ts';
import { sentence } from './options.ts';

export const TABLE_NAMES: readonly string[] = [...HOST_TABLES.keys(), 'dns-cache', 'switch'];

/** One owner's table, for people and for programs. */
export interface OwnedTable {
  readonly owner: string;
  readonly text: string;
  readonly rows: readonly TableRow[];
}

/** Of all that have such a table, or of one. @throws CliError when it is named and unknown, or has none */
export function tablesOf(simulation: Simulation, table: string, owner: string | undefined): readonly OwnedTable[] {
  const { now } = simulation.world;
  if (table === 'switch') return switchTables(simulation, owner, now);
  const hosts = owner === undefined ? [...simulation.world.hosts.values()] : [hostNamed(simulation, owner)];
  const found = hosts.flatMap((host) => {
    if (table === 'dns-cache') return dnsTables(simulation, host, now);
    const text = HOST_TABLES.get(table)?.(host, now);
    return text === undefined ? [] : [{ owner: host.name, text, rows: HOST_TABLE_ROWS.get(table)?.(host, now) ?? [] }];
  });
  if (owner !== undefined && found.length === 0) throw usageError(`${owner} has no ${table} table.`);
  return found;
}

/** @throws CliError */
export function hostNamed({ world }: Simulation, name: string): Host {
  const host = world.hosts.get(name);
  if (host !== undefined) return host;
  const names = [...world.hosts.keys()];
  throw usageError(`There is no host "${name}".`, sentence(suggestFrom(name, names) ?? `known: ${names.join(', ')}`));
}

function switchTables({ world }: Simulation, name: string | undefined, now: Instant): readonly OwnedTable[] {
  const switches = [...world.networks.values()].flatMap((network) => {
    const entries = network.switch?.list(now);
    if (entries === undefined) return [];
    return [{ owner: network.name, text: formatSwitchTable(entries), rows: entries.map(switchRow) }];
  });
  if (name === undefined) return switches;
  const found = switches.filter(({ owner }) => owner === name);
  if (found.length > 0) return found;
  const names = switches.map(({ owner }) => owner);
  throw usageError(
    `There is no network "${name}" with a switch.`,
    sentence(suggestFrom(name, names) ?? 'there is none'),
  );
}

function dnsTables({ built }: Simulation, host: Host, now: Instant): readonly OwnedTable[] {
  const rows = built.dnsCacheRows(host.name, now);
  const [first] = rows;
  if (first === undefined) return [];
  const names = Object.keys(first);
  return [
    {
      owner: host.name,
      text: formatColumns([names, ...rows.map((row) => names.map((name) => row[name] ?? ''))]),
      rows,
    },
  ];
}
