// Commands that print what a machine knows: arp, route, ss.

import { formatInterfaces } from '../../../stack/net/interface_text.ts';
import { formatArpTable } from '../../../stack/net/neighbor.ts';
import { formatRoutes } from '../../../stack/net/route_text.ts';
import { formatSockets, type SocketRow } from '../../../stack/transport/socket_table.ts';
import type { Host } from '../host.ts';
import { type Operand, parseArguments } from './arguments.ts';
import { type Command, type CommandProgram, printText, UsageError } from './command.ts';

/** The neighbor tables of all interfaces, in the words of `arp -an`. */
export const arpText = (host: Host): string =>
  host.network.interfaces.map(({ name, neighbors }) => formatArpTable(neighbors, name)).join('');

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
  read(args) {
    refuseOperands('arp', parseArguments(args, [], ['a', 'n']).operands);
    return printing(arpText);
  },
};

export const route: Command = {
  name: 'route',
  usage: '[-n]',
  summary: 'the routing table',
  read(args) {
    refuseOperands('route', parseArguments(args, [], ['n']).operands);
    return printing(routeText);
  },
};

const isListening = ({ state, protocol }: SocketRow): boolean =>
  state === 'LISTEN' || (protocol === 'udp' && state === 'UNCONN');

export const ss: Command = {
  name: 'ss',
  usage: '[-tualnp]',
  summary: 'sockets: -t TCP, -u UDP, -l listening ones, -a all, -n numbers, -p programs',
  read(args) {
    const parsed = parseArguments(args, [], ['t', 'u', 'a', 'l', 'n', 'p']);
    refuseOperands('ss', parsed.operands);
    const isAnyProtocol = !parsed.has('t') && !parsed.has('u');
    const isShown = (row: SocketRow): boolean => {
      const isWanted = isAnyProtocol || parsed.has(row.protocol === 'tcp' ? 't' : 'u');
      return isWanted && (parsed.has('a') || isListening(row) === parsed.has('l'));
    };
    return printing((host) => formatSockets(socketRows(host).filter(isShown)));
  },
};

/** The program that prints a text about its machine. */
export const printing =
  (text: (host: Host) => string): CommandProgram =>
  ({ host, terminal }) => {
    printText(terminal, text(host));
    return 0;
  };

/** @throws UsageError when there are any */
export function refuseOperands(command: string, operands: readonly Operand[]): void {
  const [first] = operands;
  if (first === undefined) return;
  const written = operands.map(({ text }) => text).join(' ');
  throw new UsageError(`${command} shows a table and changes nothing: "${written}" is too much`, first);
}
