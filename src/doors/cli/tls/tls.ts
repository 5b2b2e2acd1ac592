// `netarium tls serve|connect`: our TLS on real sockets, for programs of others to talk to. Not here: what either does (serve.ts,
// connect.ts).

import { type ExitStatus, usageError } from '../exit.ts';
import { oneOf, type RawOptions } from '../options.ts';

const ACTIONS = ['serve', 'connect'] as const;
type Action = (typeof ACTIONS)[number];

const BOTH = ['cert', 'key', 'alpn', 'keylog', 'groups', 'suites'];

const OPTIONS: Readonly<Record<Action, readonly string[]>> = {
  serve: [...BOTH, 'port', 'host', 'clientCa', 'clientOptional', 'earlyData', 'tickets', 'echo'],
  connect: [...BOTH, 'ca', 'insecure', 'servername', 'sessionIn', 'sessionOut', 'earlyData'],
};

/** @throws CliError, FileError */
export async function tls(written: string, target: string | undefined, options: RawOptions): Promise<ExitStatus> {
  const action = oneOf(written, ACTIONS, 'action of tls');
  for (const name of new Set([...OPTIONS.serve, ...OPTIONS.connect])) {
    if (options[name] === undefined || OPTIONS[action].includes(name)) continue;
    const dashed = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw usageError(`tls ${action} has no --${dashed}.`);
  }
  if (action === 'serve') {
    if (target !== undefined) throw usageError(`${target} is too much.`, 'Where it listens, --port and --host say.');
    return (await import('./serve.ts')).serve(options);
  }
  if (target === undefined) throw usageError('Connect to whom?', 'Write HOST:PORT.');
  return (await import('./connect.ts')).connectCommand(target, options);
}
