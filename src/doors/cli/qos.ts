// `netarium qos`: eight things that can happen to a frame or a packet, and what comes of each on Ethernet, on WiFi and for
// IPv4. No cell is written down: each is what was seen of a hundred messages to which it happened.

import { formatColumns } from '../../core/columns.ts';
import { ExitStatus } from './exit.ts';
import { flagOption, type RawOptions, seedOption } from './options.ts';
import { type Cell, qualityRows } from './qos/trials.ts';
import { paint, print } from './terminal.ts';

const DEFAULT_SEED = 1;

/** @throws CliError */
export function qos(options: RawOptions): ExitStatus {
  const rows = qualityRows(seedOption(options) ?? DEFAULT_SEED);
  if (flagOption(options, 'json')) {
    const counted = rows.map(({ event, cells }) => ({
      event,
      cells: Object.fromEntries(Object.entries(cells).map(([column, cell]) => [column, objectOf(cell)])),
    }));
    print(JSON.stringify({ schema: 'netarium.qos/1', rows: counted }));
    return ExitStatus.Ok;
  }
  const [head = '', ...lines] = formatColumns([
    ['if a frame or packet ...', 'on Ethernet', 'on WiFi', 'IPv4 packet'],
    ...rows.map(({ event, cells }) => [event, cells.ethernet.quality, cells.wifi.quality, cells.ipv4.quality]),
  ]).split('\n');
  print([paint('bold', head), ...lines].join('\n'));
  print('Stations on WiFi acknowledge nothing here: what real ones send again is lost. IPv6 is not built.');
  return ExitStatus.Ok;
}

const objectOf = ({ quality, trials }: Cell): object => ({
  quality,
  trials: trials.map(({ arrived, ...seen }) => ({ ...seen, arrived: arrived.length })),
});
