// `netarium tls serve`: a TLS 1.3 server on this machine, with a page for those who ask for one. Whatever a client sends ends its
// own connection and no other. Not here: what the page says (page.ts).

import { createServer, type Server, type Socket } from 'node:net';
import { nodeCrypto } from '../../../secure/crypto/node.ts';
import type { TlsServerConfig } from '../../../secure/tls/config.ts';
import { acceptTls, type TlsEvent } from '../../../secure/tls/connection.ts';
import { formatFailure } from '../../../secure/tls/failure.ts';
import { SingleUseWindow } from '../../../secure/tls/replay_defence.ts';
import { SealedTickets } from '../../../secure/tls/ticket_keeper.ts';
import { systemRandom } from '../../io/system_random.ts';
import { TlsSocket } from '../../io/tls_socket.ts';
import { CliError, ExitStatus, usageError } from '../exit.ts';
import { flagOption, type RawOptions, textOption } from '../options.ts';
import { print, printable } from '../terminal.ts';
import { identityOption, trustIn } from './credentials.ts';
import { RequestHead } from './page.ts';
import { bytesOption, factsLine, KeyLogFile, parametersOf, portOf } from './parameters.ts';

const LOOPBACK = '127.0.0.1';
/** More are turned away at once. */
const MAX_CONNECTIONS = 200;
/** Milliseconds of silence. */
const IDLE = 30_000;
/** More would be a way to make a client hold what it never asked for. */
const MAX_TICKETS = 16;

/** Serves until it is interrupted. @throws CliError, FileError */
export async function serve(options: RawOptions): Promise<ExitStatus> {
  const port = textOption(options, 'port');
  if (port === undefined) throw usageError('On which port?', 'Write --port N; 0 is one that is free.');
  const number = portOf(port);
  const config = await configOf(options);
  const keyLog = new KeyLogFile(textOption(options, 'keylog'));
  const isEcho = flagOption(options, 'echo');
  let count = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    new Served(++count, config, keyLog, isEcho).start(socket);
  });
  server.maxConnections = MAX_CONNECTIONS;
  const host = textOption(options, 'host') ?? LOOPBACK;
  await listening(server, host, number);
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : number;
  print(`TLS 1.3 on ${host.includes(':') ? `[${host}]` : host}:${bound}`);
  return await interrupted(server);
}

async function configOf(options: RawOptions): Promise<TlsServerConfig> {
  const parameters = parametersOf(options);
  const maxEarlyData = bytesOption(options, 'earlyData');
  const ticketCount = ticketsOf(options);
  const clientCa = textOption(options, 'clientCa');
  const isOptional = flagOption(options, 'clientOptional');
  if (isOptional && clientCa === undefined) throw usageError('--client-optional needs --client-ca.');
  if (maxEarlyData > 0 && ticketCount === 0) throw usageError('--early-data needs tickets.');
  const identity = await identityOption(options);
  if (identity === undefined) throw usageError('Which certificate?', 'Write --cert CHAIN and --key KEY.');
  return {
    provider: nodeCrypto,
    ...parameters,
    identityOf: () => identity,
    ...(clientCa === undefined
      ? {}
      : { clientTrust: await trustIn(clientCa), clientCertificates: isOptional ? 'optional' : 'required' }),
    tickets: new SealedTickets(nodeCrypto, systemRandom),
    ticketCount,
    ...(maxEarlyData === 0 ? {} : { maxEarlyData, replayDefence: new SingleUseWindow() }),
  };
}

function ticketsOf(options: RawOptions): number {
  const text = textOption(options, 'tickets') ?? '1';
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (count <= MAX_TICKETS) return count;
  throw usageError(`--tickets ${text} makes no sense.`, `Write a whole number from 0 to ${MAX_TICKETS}.`);
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = REASONS[error.code ?? ''] ?? error.code ?? error.message;
      reject(new CliError(ExitStatus.Failed, `Nothing can be served on port ${port} of ${host}: ${reason}.`));
    });
    server.listen({ host, port }, resolve);
  });
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'somebody else has it',
  EACCES: 'this user may not have it',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'this machine knows no such name',
};

const interrupted = async (server: Server): Promise<ExitStatus> =>
  await new Promise((resolve) => {
    const end = (status: ExitStatus): void => {
      server.close();
      resolve(status);
      // Connections that are still open have nobody to talk to any more.
      setImmediate(() => process.exit(status));
    };
    process.once('SIGINT', () => end(ExitStatus.Interrupted));
    process.once('SIGTERM', () => end(ExitStatus.Ok));
  });

/** One connection, and what is told of it. */
class Served {
  private readonly name: string;
  private readonly config: TlsServerConfig;
  private readonly keyLog: KeyLogFile;
  private readonly isEcho: boolean;
  private readonly request: RequestHead = new RequestHead();
  private isAnswered = false;

  constructor(number: number, config: TlsServerConfig, keyLog: KeyLogFile, isEcho: boolean) {
    this.name = String(number);
    this.config = config;
    this.keyLog = keyLog;
    this.isEcho = isEcho;
  }

  start(socket: Socket): void {
    const connection = acceptTls({ config: this.config, random: systemRandom });
    const tls = new TlsSocket(connection, socket, IDLE);
    tls.start({
      hear: (event) => this.hear(event, tls),
      take: (data) => this.take(data, tls),
      drained: () => tls.resume(),
      closed: () => undefined,
    });
  }

  private hear(event: TlsEvent, tls: TlsSocket): void {
    this.keyLog.hear(event);
    if (event.kind === 'connected') print(`${this.name} ${factsLine(event.facts)}`);
    if (event.kind === 'failed') print(`${this.name} failed: ${printable(formatFailure(event.failure))}`);
    if (event.kind === 'end') tls.hangUp();
  }

  private take(data: Uint8Array, tls: TlsSocket): boolean {
    const { connection } = tls;
    if (!connection.isOpenForWriting || this.isAnswered) return true;
    if (this.isEcho) return tls.write(data);
    const response = this.request.add(data, connection.facts);
    if (response === undefined) return true;
    this.isAnswered = true;
    tls.write(response);
    tls.hangUp();
    return true;
  }
}
