// `dig`: asks a name server and prints the whole answer.

import { milliseconds } from '../../../core/time.ts';
import { formatIpAddress, parseIpv4Address } from '../../../wire/address.ts';
import { formatDnsDig, formatDnsShort } from '../../../wire/dns_format.ts';
import { formatDnsRcode } from '../../../wire/dns_type.ts';
import { stubResolve } from '../../app/dns/stub.ts';
import type { Endpoint, Program } from '../../app/program.ts';
import { type Command, type CommandContext, printText, UsageError } from './command.ts';

const DNS_PORT = 53;

export const dig: Command = {
  name: 'dig',
  usage: '[@SERVER] [-x ADDRESS] NAME [TYPE] [+short] [+tcp] [+norecurse] [+noedns]',
  summary: 'asks the DNS',
  *run({ system, host, terminal, facts }: CommandContext, args): Program<number> {
    const words = args.filter((word) => !/^[@+]/.test(word));
    const options = new Set(args.filter((word) => word.startsWith('+')).map((word) => word.slice(1)));
    for (const option of options) {
      if (!KNOWN_OPTIONS.includes(option))
        throw new UsageError(`dig knows ${KNOWN_OPTIONS.join(', ')}, not +${option}`);
    }
    const question = questionOf(words);
    const named = args.find((word) => word.startsWith('@'))?.slice(1);
    const servers = named === undefined ? host.nameServers : yield* serversCalled(system, named);
    if (servers.length === 0) throw new UsageError('this machine knows no name server: give one as @SERVER');
    const result = yield* stubResolve(system, {
      ...question,
      servers,
      timeout: milliseconds(5000),
      isRecursionDesired: !options.has('norecurse'),
      hasEdns: !options.has('noedns'),
      passesOverFailures: false,
      ...(options.has('tcp') ? { transport: 'tcp' as const } : {}),
    });
    if (result.kind === 'failed') {
      facts.error = result.code;
      terminal.print(`;; ${result.reason}`);
      return 9; // as dig does when nobody answers
    }
    if (result.message.rcode !== 0) facts.error = formatDnsRcode(result.message.rcode);
    if (options.has('short')) {
      printText(terminal, formatDnsShort(result.message));
      return 0;
    }
    const address = formatIpAddress(result.server.address);
    const server = `${address}#${result.server.port}(${named ?? address}) (${result.transport.toUpperCase()})`;
    const { elapsed, length } = result;
    printText(terminal, formatDnsDig(result.message, { command: args.join(' '), elapsed, server, length }));
    return 0;
  },
};

const KNOWN_OPTIONS = ['short', 'tcp', 'norecurse', 'noedns', 'recurse', 'edns'];

function questionOf(words: readonly string[]): { readonly name: string; readonly type: string } {
  const [first, second, ...rest] = words;
  if (first === '-x') {
    const address = parseIpv4Address(second ?? '');
    if (address === undefined) throw new UsageError('-x needs an IPv4 address');
    const bytes = formatIpAddress(address).split('.').reverse();
    return { name: `${bytes.join('.')}.in-addr.arpa`, type: 'PTR' };
  }
  if (first === undefined) return { name: '.', type: 'NS' };
  if (rest.length > 0 || first.startsWith('-')) throw new UsageError('dig takes a name and perhaps a type');
  return { name: first, type: (second ?? 'A').toUpperCase() };
}

function* serversCalled(system: CommandContext['system'], name: string): Program<readonly Endpoint[]> {
  return yield* system.getAddressInfo(name, DNS_PORT, { family: 4 });
}
