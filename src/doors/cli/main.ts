#!/usr/bin/env node
// The command `netarium`: which command with which arguments, and with which status it ends. Each command's code is loaded
// when it is called. Data goes to stdout; all that a person is told beside it, to stderr.

import { type CAC, cac } from 'cac';
import { nearest } from '../../world/sim/scenario/suggestion.ts';
import { FileError } from '../io/files.ts';
import { withTextValues, writtenText } from './argument_vector.ts';
import { CliError, ExitStatus, usageError } from './exit.ts';
import type { RawOptions } from './options.ts';
import { note, paintNote, refuseColor } from './terminal.ts';
import { VERSION } from './version.ts';

const SEED = ['--seed <number>', "In the place of the file's seed"] as const;
const VARIANT = ['--variant <name>', "One of the file's variants"] as const;
const JSON_OUTPUT = ['--json', 'Print one object of JSON'] as const;
const QUIET = ['-q, --quiet', 'Say only what is wrong'] as const;
const NO_SECRETS = ['--no-secrets', 'Leave TLS shut, as an eavesdropper sees it'] as const;
const AT = ['--at <time>', 'The time to look at, like 5.2s (default: the end)'] as const;

function commandLine(): CAC {
  const cli = cac('netarium');
  cli.option('--no-color', 'No colours; NO_COLOR in the environment does the same');
  cli
    .command('run <file>', 'Run a scenario, tell what happened, judge it')
    .option(...SEED)
    .option(...VARIANT)
    .option('--until <time>', 'Stop there, like 30s')
    .option('--set <path=value>', 'Change a value of the file; may be repeated')
    .option('--out <directory>', 'Where the capture and the trace go (default: .netarium)')
    .option('--no-secrets', 'Leave the secrets of TLS out of the capture: nobody can decrypt it')
    .option(...JSON_OUTPUT)
    .option(...QUIET)
    .action(async (file: string, options: RawOptions) => (await import('./run.ts')).run(file, options));
  cli
    .command('check <...files>', 'Say what is wrong with scenarios, without running them')
    .option(...JSON_OUTPUT)
    .option(...QUIET)
    .action(async (files: string[], options: RawOptions) => (await import('./check.ts')).check(files, options));
  cli
    .command('packets <file> [filter]', 'List packets of a scenario, a trace or a capture')
    .option('-o, --output <format>', 'line, json (one object a line) or hex')
    .option('--json', 'As -o json')
    .option(...NO_SECRETS)
    .action(async (file: string, filter: string | undefined, options: RawOptions) =>
      (await import('./packets.ts')).packets(file, filter, options),
    );
  cli
    .command('explain <file> <number>', 'Tell what each byte of a packet means')
    .option(...NO_SECRETS)
    .option(...JSON_OUTPUT)
    .action(async (file: string, number: unknown, options: RawOptions) =>
      (await import('./explain.ts')).explain(file, number, options),
    );
  cli
    .command('ladder <file> [filter]', 'Draw packets as arrows between machines')
    .option(...NO_SECRETS)
    .action(async (file: string, filter: string | undefined, options: RawOptions) =>
      (await import('./ladder.ts')).ladder(file, filter, options),
    );
  cli
    .command(
      'show <file> <table> [owner]',
      'Show arp, routes, addresses, sockets, nat, conntrack, leases, tls, certificates, drops, dns-cache or switch',
    )
    .option(...AT)
    .option(...JSON_OUTPUT)
    .action(async (file: string, table: string, owner: string | undefined, options: RawOptions) =>
      (await import('./show.ts')).show(file, table, owner, options),
    );
  cli
    .command('pki <scenario> [name]', 'Who vouches for whom in a scenario, or one certificate as text')
    .option('--svg', 'As a picture')
    .option('--lint', 'Whether they obey what is asked of authorities that the web trusts')
    .option('--long-names', 'With a line for each part of a name')
    .option(...SEED)
    .option(...VARIANT)
    .option(...JSON_OUTPUT)
    .action(async (file: string, name: string | undefined, options: RawOptions) =>
      (await import('./pki.ts')).pki(file, name, options),
    );
  cli
    .command('certificate <file>', 'What the certificates in a file say, obey and are worth')
    .option('--long-names', 'With a line for each part of a name')
    .option('--lint', 'Whether they obey what is asked of authorities that the web trusts')
    .option('--ca <file>', 'Whether the first is believed by who trusts these')
    .option('--at <time>', 'With --ca: when, like 2026-03-01T12:00:00Z (default: now)')
    .option('--for <name>', 'With --ca: whom it must be of')
    .option('--crl <file>', 'With --ca: lists of what was taken back')
    .option('--tree', 'Who vouches for whom')
    .option('--svg', 'The same as a picture')
    .option(...JSON_OUTPUT)
    .action(async (file: string, options: RawOptions) => (await import('./certificate.ts')).certificate(file, options));
  cli
    .command('route <action> <address>', 'explain: how a machine decides where a packet goes next')
    .option('--scenario <file>', 'A scenario or a trace')
    .option('--host <name>', 'Whose routes')
    .option(...AT)
    .option(...JSON_OUTPUT)
    .action(async (action: string, address: string, options: RawOptions) =>
      (await import('./route_explain.ts')).route(action, address, options),
    );
  cli
    .command('shell <file>', 'A prompt on all machines of a scenario')
    .option('-c, --command <line>', 'Perform one line and end with its status')
    .option(...SEED)
    .option(...VARIANT)
    .action(async (file: string, options: RawOptions) => (await import('./shell.ts')).shell(file, options));
  cli
    .command('replay <trace>', 'Run a trace again and compare')
    .option(...JSON_OUTPUT)
    .action(async (file: string, options: RawOptions) => (await import('./replay.ts')).replay(file, options));
  cli
    .command('diff <a> <b>', 'Find the first packet in which two runs or captures differ')
    .option(...JSON_OUTPUT)
    .action(async (a: string, b: string, options: RawOptions) => (await import('./diff.ts')).diff(a, b, options));
  cli
    .command('mailbox <file>', 'Try a program of the mailbox lab; ladder: the ladder of reliability as a table')
    .option('--level <number>', 'How hostile the medium is: 1 (default) to 7')
    .option('--seed <number>', 'One seed alone')
    .option('--seeds <number>', 'How many seeds (default: 100; ladder: 200)')
    .option('--out <directory>', 'Where the capture goes (default: none is written)')
    .option(...JSON_OUTPUT)
    .action(async (file: string, options: RawOptions) => (await import('./mailbox.ts')).mailbox(file, options));
  cli
    .command('attack <action> [id]', 'The ladder of channels: list, run ID, explain ID or matrix')
    .option('--variant <name>', 'vulnerable or cured (default: both in turn)')
    .option('--seed <number>', 'Another seed than 1')
    .option('--out <directory>', 'Where captures go (default: none is written)')
    .option(...JSON_OUTPUT)
    .action(async (action: string, id: string | undefined, options: RawOptions) =>
      (await import('./attack.ts')).attack(action, id, options),
    );
  cli
    .command('channel <file>', 'Attack a channel of your own')
    .option(...JSON_OUTPUT)
    .action(async (file: string, options: RawOptions) => (await import('./channel.ts')).channel(file, options));
  cli
    .command('explore [protocol]', 'Search for the shortest attack that M can make, with the cure and without')
    .option('--messages <number>', 'How many messages M delivers at most (default: 5)')
    .option(...JSON_OUTPUT)
    .action(async (id: string | undefined, options: RawOptions) =>
      (await import('./explore.ts')).exploreCommand(id, options),
    );
  cli
    .command('speed', 'Measure all cryptographic primitives, here and now')
    .option('--only <name>', 'Those with this in their name; may be repeated')
    .option(...JSON_OUTPUT)
    .action(async (options: RawOptions) => (await import('./speed.ts')).speed(options));
  cli
    .command('lecture [item]', 'List what the lecture teaches and whether it is built, or show one item')
    .option(...JSON_OUTPUT)
    .action(async (item: unknown, options: RawOptions) => (await import('./lecture.ts')).lecture(item, options));
  cli
    .command('names [scenario]', 'One name at every level, from a variable to a port, with its address')
    .action(async (file: string | undefined) => (await import('./names.ts')).names(file));
  cli
    .command('uri <...uris>', 'The parts of URIs')
    .option('--base <uri>', 'Where they are read: what they lack, they take from it')
    .action(async (texts: string[], options: RawOptions) => (await import('./uri.ts')).uri(texts, options));
  cli
    .command('tcp-states', 'The states of a TCP connection, from the table by which the stack moves')
    .option('--svg', 'As a picture')
    .action(async (options: RawOptions) => (await import('./tcp_states.ts')).tcpStates(options));
  cli
    .command('packetdrill <...paths>', 'Run packetdrill scripts on a machine of ours, in virtual time')
    .option('--mode <name>', 'semantic (default): what both ends understand; strict: every field')
    .option('--define <name=value>', 'Give a symbol of the scripts a value; may be repeated')
    .option(...JSON_OUTPUT)
    .option(...QUIET)
    .action(async (paths: string[], options: RawOptions) =>
      (await import('./packetdrill.ts')).packetdrill(paths, options),
    );
  cli
    .command('qos', 'What becomes of frames and packets to which something happens')
    .option(...SEED)
    .option(...JSON_OUTPUT)
    .action(async (options: RawOptions) => (await import('./qos.ts')).qos(options));
  cli
    .command('keys', 'How many keys websites and browsers need: shared ones, key pairs, certificates')
    .option('--sites <count>', 'Websites (default: 20)')
    .option('--browsers <count>', 'Browsers (default: 100)')
    .option('--authorities <count>', 'Certificate authorities (default: 3)')
    .option(...SEED)
    .option(...JSON_OUTPUT)
    .action(async (options: RawOptions) => (await import('./keys.ts')).keys(options));
  cli
    .command('trust-anchors', 'Count the root certificates that this Node trusts, by owner')
    .option(...JSON_OUTPUT)
    .action(async (options: RawOptions) => (await import('./trust_anchors.ts')).trustAnchors(options));
  cli
    .command('tls <action> [target]', 'TLS 1.3 on real sockets: serve, or connect HOST:PORT')
    .option('--cert <file>', 'The own certificate and those above it, PEM')
    .option('--key <file>', 'Its key, PEM')
    .option('--alpn <names>', 'Application protocols in order of preference: h2,http/1.1')
    .option('--groups <names>', 'Key agreements in order of preference: X25519,P-256')
    .option('--suites <names>', 'Cipher suites in order of preference')
    .option('--keylog <file>', 'Where secrets are appended, for Wireshark')
    .option('--port <number>', 'serve: where; 0 is one that is free')
    .option('--host <address>', 'serve: on another address than 127.0.0.1')
    .option('--client-ca <file>', 'serve: clients must show a certificate of these')
    .option('--client-optional', 'serve: or show none')
    .option('--tickets <number>', 'serve: sessions to resume that each client is given (default: 1)')
    .option('--echo', 'serve: send back what comes, in the place of a page')
    .option('--ca <file>', 'connect: whose certificates are trusted')
    .option('--insecure', 'connect: any certificate will do')
    .option('--servername <name>', 'connect: whom the certificate must be of (default: HOST)')
    .option('--session-in <file>', 'connect: a session to resume')
    .option('--session-out <file>', 'connect: where the session goes that can be resumed')
    .option('--early-data <what>', 'connect: a file to send at once; serve: how many bytes are taken')
    .action(async (action: string, target: string | undefined, options: RawOptions) =>
      (await import('./tls/tls.ts')).tls(action, target, options),
    );
  // That colours are on by default says nothing about this option.
  cli.help((sections) =>
    sections.map(({ title, body }) => ({
      ...(title === undefined ? {} : { title }),
      body: body.replaceAll(' (default: true)', ''),
    })),
  );
  cli.version(VERSION);
  return cli;
}

async function main(argv: string[]): Promise<number> {
  const cli = commandLine();
  if (argv[2] === 'complete') return (await import('./completion.ts')).complete(cli, argv.slice(3));
  cli.parse(withTextValues(argv, cli), { run: false });
  const { color, help, version }: RawOptions = cli.options;
  if (color === false) refuseColor();
  if (help === true || (version === true && cli.matchedCommand === undefined)) {
    return ExitStatus.Ok; // it has been printed
  }
  if (cli.matchedCommand === undefined) throw noCommand(cli);
  const status: unknown = await cli.runMatchedCommand();
  return typeof status === 'number' ? status : ExitStatus.Ok;
}

function noCommand(cli: CAC): CliError {
  const names = cli.commands.map(({ name }) => name);
  const [written] = cli.args;
  if (written === undefined) return usageError('What shall be done?', `There are ${names.join(', ')}; see --help.`);
  const near = nearest(written, names);
  const hint = near === undefined ? `There are ${names.join(', ')}.` : `Did you mean ${near}?`;
  return usageError(`There is no command "${written}".`, hint);
}

/** What the parser complains about, in our words, with the option that may have been meant. */
function parserComplaint(cli: CAC, { message }: Error): CliError {
  const option = /Unknown option `-{1,2}(.*)`/.exec(message)?.[1];
  const usage = `Usage: netarium ${cli.matchedCommand?.rawName ?? ''}`;
  if (message.startsWith('missing required'))
    return usageError(`${cli.matchedCommandName} lacks ${missingArguments(cli)}.`, usage);
  const valueless = /^option `(?:-\w, )?(--\w+) (<[^>]*>)` value is missing/.exec(message);
  if (valueless !== null) return usageError(`${valueless[1]} needs a value.`, `Write ${valueless[1]} ${valueless[2]}.`);
  const unused = /^Unused args: (.*)/.exec(message)?.[1];
  if (unused !== undefined) return usageError(`${unused.replaceAll('`', '"')} is too much.`, usage);
  if (option === undefined) return usageError(`${message.charAt(0).toUpperCase()}${message.slice(1)}.`, usage);
  const known = [...(cli.matchedCommand?.options ?? []), ...cli.globalCommand.options].flatMap(({ names }) => names);
  const near = nearest(option, known);
  const hint =
    near === undefined ? `See netarium ${cli.matchedCommandName ?? ''} --help.` : `Did you mean --${dashed(near)}?`;
  return usageError(`There is no option ${option.length > 1 ? '--' : '-'}${dashed(option)}.`, hint);
}

const missingArguments = ({ args, matchedCommand }: CAC): string =>
  (matchedCommand?.args ?? [])
    .filter(({ required }, i) => required && i >= args.length)
    .map(({ value }) => `<${value}>`)
    .join(' and ');

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

async function tellFailure(error: unknown): Promise<number> {
  const cli = commandLineOf();
  const wantsJson = isJsonWanted(cli.options);
  const { noteFailure, printFailure } = await import('./failure.ts');
  const known =
    error instanceof FileError
      ? new CliError(ExitStatus.Failed, `${error.message}.`, error.code === 'ENOENT' ? 'Is the path right?' : undefined)
      : error instanceof Error && error.name === 'CACError'
        ? parserComplaint(cli, error)
        : error;
  if (known instanceof CliError) {
    noteFailure(known);
    if (wantsJson) printFailure(known);
    return known.status;
  }
  note(`${paintNote('red', 'error')}  netarium itself failed: ${known instanceof Error ? known.stack : String(known)}`);
  note('       This is a defect: please report it with the scenario and the seed.');
  if (wantsJson) printFailure(new CliError(ExitStatus.Failed, `netarium itself failed: ${String(error)}`));
  return ExitStatus.Failed;
}

const isJsonWanted = ({ json, output }: RawOptions): boolean =>
  json === true || (output !== undefined && writtenText(output) === 'json');

// Parsed once more, to know which command was meant.
function commandLineOf(): CAC {
  const cli = commandLine();
  cli.parse(withTextValues(process.argv, cli), { run: false });
  return cli;
}

// Whoever reads may have had enough: `netarium packets FILE | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? ExitStatus.Ok : ExitStatus.Failed);
});

// Nobody hears what is told beside it: the work goes on.
process.stderr.on('error', () => undefined);

try {
  process.exitCode = await main(process.argv);
} catch (error) {
  process.exitCode = await tellFailure(error);
}
