// `dig`: asks a name server and prints the whole answer.

import { milliseconds } from '../../../core/time.ts';
import { formatIpAddress, parseIpv4Address } from '../../../wire/address.ts';
import { formatDnsDig, formatDnsShort } from '../../../wire/dns_format.ts';
import { parseDnsName, reverseName } from '../../../wire/dns_name.ts';
import { formatDnsRcode, parseDnsType } from '../../../wire/dns_type.ts';
import { stubResolve } from '../../app/dns/stub.ts';
import type { Endpoint, Program } from '../../app/program.ts';
import type { Operand } from './arguments.ts';
import { type Command, type CommandContext, printText, UsageError } from './command.ts';

const DNS_PORT = 53;

export const dig: Command = {
  name: 'dig',
  usage: '[@SERVER] [-x ADDRESS] NAME [TYPE] [+short] [+tcp] [+[no]recurse] [+[no]edns]',
  summary: 'asks the DNS',
  read(args) {
    const all = args.map((text, place) => ({ text, place }));
    const options = new Set<string>();
    for (const { text, place } of all.filter((word) => word.text.startsWith('+'))) {
      if (!KNOWN_OPTIONS.includes(text))
        throw new UsageError(`there is no option ${text}`, { place, written: text, known: KNOWN_OPTIONS });
      options.add(text);
    }
    const question = questionOf(all.filter(({ text }) => !/^[@+]/.test(text)));
    const server = args.findLast((word) => word.startsWith('@'))?.slice(1);
    if (server === '') throw new UsageError('a server is written as @198.51.100.53', { place: args.indexOf('@') });
    return (context) => ask(context, { question, options, server, command: args.join(' ') });
  },
};

const KNOWN_OPTIONS = ['+short', '+tcp', '+norecurse', '+noedns', '+recurse', '+edns'];

interface Question {
  readonly name: string;
  readonly type: string;
}

interface DigOptions {
  readonly question: Question;
  readonly options: ReadonlySet<string>;
  readonly server: string | undefined;
  /** As written. */
  readonly command: string;
}

function* ask(
  { system, host, terminal, facts }: CommandContext,
  { question, options, server: named, command }: DigOptions,
): Program<number> {
  const servers = named === undefined ? host.nameServers : yield* serversCalled(system, named);
  if (servers.length === 0) throw new UsageError('this machine knows no name server: give one as @SERVER');
  const result = yield* stubResolve(system, {
    ...question,
    servers,
    timeout: milliseconds(5000),
    isRecursionDesired: !options.has('+norecurse'),
    hasEdns: !options.has('+noedns'),
    passesOverFailures: false,
    ...(options.has('+tcp') ? { transport: 'tcp' as const } : {}),
  });
  if (result.kind === 'failed') {
    facts.error = result.code;
    terminal.print(`;; ${result.reason}`);
    return 9; // as dig does when nobody answers
  }
  if (result.message.rcode !== 0) facts.error = formatDnsRcode(result.message.rcode);
  if (options.has('+short')) {
    printText(terminal, formatDnsShort(result.message));
    return 0;
  }
  const address = formatIpAddress(result.server.address);
  const server = `${address}#${result.server.port}(${named ?? address}) (${result.transport.toUpperCase()})`;
  const { elapsed, length } = result;
  printText(terminal, formatDnsDig(result.message, { command, elapsed, server, length }));
  return 0;
}

function questionOf([first, second, ...rest]: readonly Operand[]): Question {
  if (first?.text === '-x') {
    const address = parseIpv4Address(second?.text ?? '');
    if (address === undefined) throw new UsageError('-x needs an IPv4 address', second ?? first);
    const [extra] = rest;
    if (extra !== undefined) throw new UsageError('-x takes one address', extra);
    return { name: reverseName(address), type: 'PTR' };
  }
  if (first === undefined) return { name: '.', type: 'NS' };
  const extra = first.text.startsWith('-') ? first : rest[0];
  if (extra !== undefined) throw new UsageError('dig takes a name and perhaps a type', extra);
  if (parseDnsName(first.text) === undefined) throw new UsageError(`${first.text} is not a domain name`, first);
  if (second === undefined) return { name: first.text, type: 'A' };
  const type = second.text.toUpperCase();
  if (parseDnsType(type) === undefined) {
    const problem = { place: second.place, written: type, known: TYPES };
    throw new UsageError(`${second.text} is not a type of DNS record`, problem);
  }
  return { name: first.text, type };
}

/** Those that are asked for by hand. */
const TYPES = ['A', 'AAAA', 'NS', 'CNAME', 'SOA', 'MX', 'TXT', 'PTR', 'SRV', 'CAA', 'ANY'];

function* serversCalled(system: CommandContext['system'], name: string): Program<readonly Endpoint[]> {
  return yield* system.getAddressInfo(name, DNS_PORT, { family: 4 });
}
