// `ip`: what a machine knows, in the words of iproute2.

import { formatInterfaces } from '../../../stack/net/interface_text.ts';
import { formatIpNeighbors } from '../../../stack/net/neighbor.ts';
import { formatIpRoutes } from '../../../stack/net/route_text.ts';
import type { Host } from '../host.ts';
import { parseArguments } from './arguments.ts';
import { type Command, UsageError } from './command.ts';
import { printing, refuseOperands } from './tables.ts';

/** By the whole word; any beginning of it will do, the first that fits. */
const OBJECTS: readonly (readonly [name: string, text: (host: Host) => string])[] = [
  ['address', ({ network }) => formatInterfaces(network.interfaces)],
  ['route', ({ network }) => formatIpRoutes(network.routes.list())],
  ['neighbour', neighborText],
  ['neighbor', neighborText],
];

export const ip: Command = {
  name: 'ip',
  usage: 'addr | route | neigh',
  summary: 'interfaces and their addresses, routes, neighbors',
  read(args) {
    const [what, ...more] = parseArguments(args, [], []).operands;
    if (what === undefined) throw new UsageError('ip needs to know of what: addr, route or neigh');
    const found = OBJECTS.find(([name]) => name.startsWith(what.text));
    if (found === undefined || what.text === '') {
      const problem = { place: what.place, written: what.text, known: ['addr', 'route', 'neigh'] };
      throw new UsageError(`ip knows addr, route and neigh, not ${what.text}`, problem);
    }
    const isShow = ['show', 'list', 'ls'].includes(more[0]?.text ?? '');
    refuseOperands(`ip ${what.text}`, isShow ? more.slice(1) : more);
    return printing(found[1]);
  },
};

function neighborText({ network }: Host): string {
  return network.interfaces.map(({ name, neighbors }) => formatIpNeighbors(neighbors, name)).join('');
}
