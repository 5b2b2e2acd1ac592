// Commands that print what a machine knows: arp, route, ip, ss.

import { formatInterfaces } from '../../../stack/net/interface_text.ts';
import { formatArpTable } from '../../../stack/net/neighbor.ts';
import { formatRoutes } from '../../../stack/net/route_text.ts';
import { formatSockets, type SocketRow } from '../../../stack/transport/socket_table.ts';
import type { Host } from '../host.ts';
import { parseArguments } from './arguments.ts';
import { type Command, type CommandContext, printText, UsageError } from './command.ts';

/** The neighbor tables of all interfaces, in the words of `arp -an`. */
export const arpText = (host: Host): string =>
  host.network.interfaces
    .map(({ name, neighbors }) => (neighbors === undefined ? '' : formatArpTable(neighbors.list(), name)))
    .join('');

export const routeText = (host: Host): string => formatRoutes(host.network.routes.list());

export const interfaceText = (host: Host): string => formatInterfaces(host.network.interfaces);

/** Sockets of both kinds, listening ones or the others or both. */
export function socketRows(host: Host): readonly SocketRow[] {
  return [...host.udp.list(), ...host.tcp.list()];
}

export const arp: Command = {
  name: 'arp',
  usage: '[-an]',
  summary: 'the neighbors on the link: address, link address, interface',
  run({ host, terminal }: CommandContext, args): number {
    refuseOperands('arp', parseArguments(args, [], ['a', 'n']).operands);
    printText(terminal, arpText(host));
    return 0;
  },
};

export const route: Command = {
  name: 'route',
  usage: '[-n]',
  summary: 'the routing table',
  run({ host, terminal }: CommandContext, args): number {
    refuseOperands('route', parseArguments(args, [], ['n']).operands);
    printText(terminal, routeText(host));
    return 0;
  },
};

export const ip: Command = {
  name: 'ip',
  usage: 'addr | route | neigh',
  summary: 'interfaces and their addresses, routes, neighbors',
  run({ host, terminal }: CommandContext, args): number {
    const [what = 'addr', ...more] = parseArguments(args, [], []).operands;
    refuseOperands(`ip ${what}`, more[0] === 'show' ? more.slice(1) : more);
    if ('address'.startsWith(what)) printText(terminal, interfaceText(host));
    else if ('route'.startsWith(what)) printText(terminal, routeText(host));
    else if ('neighbor'.startsWith(what) || what === 'neigh') printText(terminal, arpText(host));
    else throw new UsageError(`ip knows addr, route and neigh, not ${what}`);
    return 0;
  },
};

const isListening = ({ state, protocol }: SocketRow): boolean =>
  state === 'LISTEN' || (protocol === 'udp' && state === 'UNCONN');

export const ss: Command = {
  name: 'ss',
  usage: '[-tualnp]',
  summary: 'sockets: -t TCP, -u UDP, -l listening ones, -a all, -n numbers, -p programs',
  run({ host, terminal }: CommandContext, args): number {
    const { flags, operands } = parseArguments(args, [], ['t', 'u', 'a', 'l', 'n', 'p']);
    refuseOperands('ss', operands);
    const isAnyProtocol = !flags.has('t') && !flags.has('u');
    const rows = socketRows(host).filter((row) => {
      const isWanted = isAnyProtocol || flags.has(row.protocol === 'tcp' ? 't' : 'u');
      return isWanted && (flags.has('a') || isListening(row) === flags.has('l'));
    });
    printText(terminal, formatSockets(rows));
    return 0;
  },
};

function refuseOperands(command: string, operands: readonly string[]): void {
  if (operands.length > 0)
    throw new UsageError(`${command} shows a table and changes nothing: "${operands.join(' ')}" is too much`);
}
