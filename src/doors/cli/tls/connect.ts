// `netarium tls connect HOST:PORT`: a TLS 1.3 client on this machine. What stdin says goes to the server, what the server says to
// stdout, and what was agreed on to stderr.

import { connect, type Socket } from 'node:net';
import { nodeCrypto } from '../../../secure/crypto/node.ts';
import { TrustStore } from '../../../secure/pki/trust_store.ts';
import type { TlsClientConfig, TlsClientOptions } from '../../../secure/tls/config.ts';
import { connectTls, type TlsEvent } from '../../../secure/tls/connection.ts';
import { formatFailure } from '../../../secure/tls/failure.ts';
import type { ResumableSession } from '../../../secure/tls/session.ts';
import { readBytes } from '../../io/files.ts';
import { systemRandom } from '../../io/system_random.ts';
import { TlsSocket } from '../../io/tls_socket.ts';
import { CliError, ExitStatus, usageError } from '../exit.ts';
import { flagOption, type RawOptions, textOption } from '../options.ts';
import { note, printable } from '../terminal.ts';
import { identityOption, trustIn } from './credentials.ts';
import { factsLine, KeyLogFile, parametersOf, portOf } from './parameters.ts';
import { readSession, writeSession } from './session_file.ts';

/** Milliseconds of silence after which the server is given up. */
const IDLE = 30_000;

/** Ends with 1 if the two did not agree, or the connection was cut off. @throws CliError, FileError */
export async function connectCommand(target: string, options: RawOptions): Promise<ExitStatus> {
  const { host, port } = endpointOf(target);
  const keyLog = new KeyLogFile(textOption(options, 'keylog'));
  const wished = await clientOptions(host, options);
  const socket = await connected(host, port);
  const client = new Client(wished, keyLog);
  const status = await client.run(socket);
  const [path, { session }] = [textOption(options, 'sessionOut'), client];
  if (path !== undefined) {
    if (session === undefined) note('The server has given no session to resume: nothing is written.');
    else await writeSession(path, session);
  }
  return status;
}

function endpointOf(target: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(target) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || port === undefined) {
    throw usageError(`${target} names no port of a machine.`, 'Write HOST:PORT, or [ADDRESS]:PORT.');
  }
  return { host, port: portOf(port) };
}

async function clientOptions(host: string, options: RawOptions): Promise<Omit<TlsClientOptions, 'now'>> {
  const [ca, isInsecure] = [textOption(options, 'ca'), flagOption(options, 'insecure')];
  if (ca === undefined && !isInsecure) throw usageError('Whom to trust?', 'Write --ca FILE, or --insecure.');
  if (ca !== undefined && isInsecure) throw usageError('--ca says whom to trust, and --insecure that all are.');
  const identity = await identityOption(options);
  const config: TlsClientConfig = {
    provider: nodeCrypto,
    ...parametersOf(options),
    trust: ca === undefined ? new TrustStore(nodeCrypto) : await trustIn(ca),
    acceptsAnyCertificate: isInsecure,
    ...(identity === undefined ? {} : { identity }),
  };
  const [sessionIn, earlyData] = [textOption(options, 'sessionIn'), textOption(options, 'earlyData')];
  if (earlyData !== undefined && sessionIn === undefined) throw usageError('--early-data needs --session-in.');
  const session = sessionIn === undefined ? undefined : await readSession(sessionIn);
  const early = earlyData === undefined ? undefined : await readBytes(earlyData);
  if (early !== undefined && session !== undefined && early.length > session.maxEarlyData) {
    throw usageError(`The session permits ${session.maxEarlyData} bytes of early data, not ${early.length}.`);
  }
  return {
    config,
    random: systemRandom,
    serverName: textOption(options, 'servername') ?? host,
    ...(session === undefined ? {} : { session }),
    ...(early === undefined ? {} : { earlyData: early }),
  };
}

const connected = async (host: string, port: number): Promise<Socket> =>
  await new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true });
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const reason = REASONS[error.code ?? ''] ?? error.code ?? error.message;
      reject(new CliError(ExitStatus.Failed, `${host} cannot be reached on port ${port}: ${reason}.`));
    });
  });

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'there is no such name',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'nobody answers',
};

/** One connection between this process's own input and output and the server. */
class Client {
  /** The last one that the server gave. */
  session: ResumableSession | undefined;
  private readonly options: Omit<TlsClientOptions, 'now'>;
  private readonly keyLog: KeyLogFile;

  constructor(options: Omit<TlsClientOptions, 'now'>, keyLog: KeyLogFile) {
    this.options = options;
    this.keyLog = keyLog;
  }

  async run(socket: Socket): Promise<ExitStatus> {
    const connection = connectTls({ ...this.options, now: Date.now() });
    const tls = new TlsSocket(connection, socket, IDLE);
    process.stdout.on('drain', () => tls.resume());
    const error = await new Promise<NodeJS.ErrnoException | undefined>((closed) => {
      tls.start({
        hear: (event) => this.hear(event, tls),
        take: (data) => process.stdout.write(data),
        drained: () => void process.stdin.resume(),
        closed,
      });
    });
    process.stdin.destroy();
    if (error !== undefined) note(`The connection broke: ${error.code ?? error.message}.`);
    return connection.failure === undefined && error === undefined ? ExitStatus.Ok : ExitStatus.Unmet;
  }

  private hear(event: TlsEvent, tls: TlsSocket): void {
    this.keyLog.hear(event);
    if (event.kind === 'session') this.session = event.session;
    if (event.kind === 'failed') note(`failed: ${printable(formatFailure(event.failure))}`);
    if (event.kind === 'end') tls.hangUp();
    if (event.kind !== 'connected') return;
    note(factsLine(event.facts));
    const { earlyData } = this.options;
    if (earlyData !== undefined && event.facts.earlyData !== 'accepted') {
      note('The early data was not taken: it is sent again, now that nobody can replay it.');
      tls.write(earlyData);
    }
    this.forwardInput(tls);
  }

  private forwardInput(tls: TlsSocket): void {
    process.stdin.on('data', (data: Uint8Array) => {
      if (tls.connection.isOpenForWriting && !tls.write(data)) process.stdin.pause();
    });
    process.stdin.on('end', () => tls.finish());
  }
}
