// One connection to BoringSSL's test runner: our engine over a socket, doing what the flags say and nothing else. All that the
// runner sends comes back with every bit turned. Not here: processes and their exit status (../bogo-shim.ts).

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { utf8 } from '../../../src/core/bytes.ts';
import type { TlsConnection, TlsEvent } from '../../../src/secure/tls/connection.ts';
import { formatFailure } from '../../../src/secure/tls/failure.ts';
import type { ResumableSession } from '../../../src/secure/tls/session.ts';
import { checkFacts, checkSession } from './checks.ts';
import type { Flags } from './flags.ts';

export interface Exchange {
  readonly connection: TlsConnection;
  readonly flags: Flags;
  /** From where the runner says that early data was rejected. */
  readonly afterRejection: Flags;
  readonly isResumption: boolean;
  /** How many bytes of the initial write went out as early data. */
  readonly earlyLength: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Sizes around everything that a record can hold. */
const DIFFERENT_SIZES = [0, 1, 255, 256, 257, 16_383, 16_384, 16_385, 32_767, 32_768, 32_769];

/** The session to resume, of a client that was given one. @throws Error with what went wrong */
export async function performExchange(exchange: Exchange): Promise<ResumableSession | undefined> {
  const { flags } = exchange;
  const socket = connect({ port: flags.number('port') ?? 0, host: flags.has('ipv6') ? '::1' : '127.0.0.1' });
  socket.setNoDelay(true);
  await once(socket, 'connect');
  const identifier = new DataView(new ArrayBuffer(8));
  identifier.setBigUint64(0, BigInt(flags.text('shim-id') ?? 0), true);
  socket.write(new Uint8Array(identifier.buffer));
  const driver = new Driver(exchange, socket);
  return await driver.run();
}

class Driver {
  private readonly exchange: Exchange;
  private readonly socket: Socket;
  private readonly secrets = new Map<string, Uint8Array>();
  private session: ResumableSession | undefined;
  private hasReadPeer = false;

  constructor(exchange: Exchange, socket: Socket) {
    this.exchange = exchange;
    this.socket = socket;
  }

  async run(): Promise<ResumableSession | undefined> {
    const { socket } = this;
    const { connection, flags, now } = this.exchange;
    let problem: unknown;
    socket.on('error', () => undefined);
    try {
      this.pump();
      for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
        // As much as BoringSSL's own asynchronous transport lets through at once.
        const step = flags.has('async') ? 1 : chunk.length;
        for (let at = 0; at < chunk.length && !this.isOver(); at += step) {
          connection.receive(chunk.subarray(at, at + step), now);
          this.pump();
        }
        if (this.isOver()) break;
      }
      if (!this.isOver()) connection.receiveEnd();
      this.pump();
      this.judge();
    } catch (error) {
      problem = error;
    }
    // What the peer is still to be told goes out before the end; what it still says is heard, lest it be reset.
    socket.end();
    socket.resume();
    if (!socket.closed) await once(socket, 'close').catch(() => undefined);
    if (problem !== undefined) throw problem;
    return this.session;
  }

  private isOver(): boolean {
    return this.exchange.connection.failure !== undefined || this.hasReadPeer;
  }

  private pump(): void {
    const { connection } = this.exchange;
    for (let event = connection.pollEvent(); event !== undefined; event = connection.pollEvent()) this.hear(event);
    this.reply();
    for (let out = connection.pollTransmit(); out !== undefined; out = connection.pollTransmit()) {
      if (this.socket.writable) this.socket.write(out);
    }
  }

  private hear(event: TlsEvent): void {
    const { connection, flags } = this.exchange;
    if (event.kind === 'connected') this.begin();
    if (event.kind === 'session') this.session = event.session;
    if (event.kind === 'secret') this.secrets.set(event.label, event.secret);
    if (event.kind === 'end') {
      connection.close();
      this.hasReadPeer = true;
    }
    if (event.kind === 'early-data' && flags.has('key-update-before-read')) throw new Error('keys cannot change yet');
  }

  private begin(): void {
    const { connection, isResumption, afterRejection, earlyLength } = this.exchange;
    const { facts } = connection;
    if (facts === undefined) throw new Error('connected, and no facts');
    const isRejected = earlyLength > 0 && facts.earlyData === 'rejected';
    if (isRejected && !this.exchange.flags.has('expect-reject-early-data')) throw new Error('early data was rejected');
    const flags = isRejected ? afterRejection : this.exchange.flags;
    checkFacts(facts, flags, isResumption);
    this.export(flags);
    if (flags.has('write-different-record-sizes')) {
      for (const size of DIFFERENT_SIZES) connection.write(new Uint8Array(size).fill(0x42));
    } else if (flags.has('shim-writes-first')) {
      connection.write(initialWrite(flags).subarray(isRejected ? 0 : earlyLength));
    }
    if (flags.has('shim-shuts-down')) {
      connection.close();
      this.hasReadPeer = !flags.has('check-close-notify');
    } else if (flags.has('key-update-before-read')) connection.updateKeys(false);
  }

  private export(flags: Flags): void {
    const { connection } = this.exchange;
    const length = flags.number('export-keying-material') ?? 0;
    // TLS 1.3 knows no difference between no context and an empty one.
    const context = utf8(flags.text('export-context') ?? '');
    if (length > 0) {
      connection.write(connection.exportKeyingMaterial(flags.text('export-label') ?? '', context, length));
    }
    if (!flags.has('export-traffic-secrets')) return;
    const [ours, theirs] = flags.has('server') ? ['SERVER', 'CLIENT'] : ['CLIENT', 'SERVER'];
    const read = this.secrets.get(`${theirs}_TRAFFIC_SECRET_0`) ?? new Uint8Array(0);
    const write = this.secrets.get(`${ours}_TRAFFIC_SECRET_0`) ?? new Uint8Array(0);
    connection.write(Uint8Array.of(read.length & 0xff, read.length >> 8, ...read, ...write));
  }

  private reply(): void {
    const { connection, flags } = this.exchange;
    for (let data = connection.read(); data !== undefined; data = connection.read()) {
      if (flags.has('shim-shuts-down')) continue;
      if (!connection.isOpenForWriting) continue;
      if (flags.has('key-update')) connection.updateKeys(false);
      connection.write(data.map((byte) => byte ^ 0xff));
      if (flags.has('key-update-before-read')) connection.updateKeys(false);
    }
  }

  private judge(): void {
    const { connection, flags } = this.exchange;
    const { failure, facts } = connection;
    const isCut = failure?.reason === 'truncated' && facts !== undefined && !flags.has('check-close-notify');
    if (failure !== undefined && !isCut) throw new Error(formatFailure(failure));
    if (facts === undefined) throw new Error(`still in state ${connection.state}`);
    if (connection.role === 'client') checkSession(this.session, flags);
  }
}

/** What the shim says before it is asked. */
export const initialWrite = (flags: Flags): Uint8Array =>
  utf8((flags.text('shim-initial-write') ?? 'hello').repeat(flags.number('repeat-shim-initial-write') ?? 1));
