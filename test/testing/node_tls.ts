// Our end of TLS against Node's (OpenSSL), over a pair of streams in memory.

import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import tls from 'node:tls';
import { emitPrivateKey } from '../../src/secure/pki/private_key.ts';
import type { TlsIdentity } from '../../src/secure/tls/config.ts';
import type { TlsConnection, TlsEvent } from '../../src/secure/tls/connection.ts';
import { NOON } from './tls_pair.ts';

export function pem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

export const certificatesPem = (...certificates: readonly Uint8Array[]): string =>
  certificates.map((bytes) => pem('CERTIFICATE', bytes)).join('');

export const identityPem = ({ key, certificates }: TlsIdentity): { readonly key: string; readonly cert: string } => {
  return { key: pem('PRIVATE KEY', emitPrivateKey(key)), cert: certificatesPem(...certificates) };
};

/** Moves bytes between a connection of ours and a stream, as they come. */
export class Driven {
  readonly connection: TlsConnection;
  readonly events: TlsEvent[] = [];
  private readonly stream: Duplex;
  private readonly pieces: Uint8Array[] = [];
  private readonly waiting: (() => void)[] = [];
  /** Bytes handed over at once. */
  private readonly size: number;

  constructor(connection: TlsConnection, stream: Duplex, size: number = Number.POSITIVE_INFINITY) {
    this.connection = connection;
    this.stream = stream;
    this.size = size;
    stream.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; at += this.size) {
        connection.receive(Uint8Array.from(chunk.subarray(at, Math.min(chunk.length, at + this.size))), NOON);
      }
      this.flush();
    });
    stream.on('end', () => {
      connection.receiveEnd();
      this.flush();
    });
    stream.on('error', () => {});
    this.flush();
  }

  flush(): void {
    for (let bytes = this.connection.pollTransmit(); bytes !== undefined; bytes = this.connection.pollTransmit()) {
      this.stream.write(bytes);
    }
    for (let event = this.connection.pollEvent(); event !== undefined; event = this.connection.pollEvent()) {
      this.events.push(event);
    }
    for (let piece = this.connection.read(); piece !== undefined; piece = this.connection.read()) {
      this.pieces.push(piece);
    }
    for (const wake of this.waiting.splice(0)) wake();
  }

  write(data: Uint8Array): void {
    this.connection.write(data);
    this.flush();
  }

  close(): void {
    this.connection.close();
    this.flush();
    this.stream.end();
  }

  /** Until a condition holds, or the connection has failed. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition() && this.connection.failure === undefined) {
      await new Promise<void>((wake) => this.waiting.push(wake));
    }
  }

  connected(): Promise<void> {
    return this.until(() => this.connection.facts !== undefined);
  }

  /** What has come, once it is `length` bytes. */
  async received(length: number): Promise<Buffer> {
    await this.until(() => this.pieces.reduce((sum, piece) => sum + piece.length, 0) >= length);
    return Buffer.concat(this.pieces.splice(0));
  }
}

export interface NodeEnd {
  readonly socket: tls.TLSSocket;
  /** Resolves with the error that it ended with, or undefined once it is connected. */
  readonly outcome: Promise<Error | undefined>;
  readonly keyLog: Buffer[];
}

/** A server of Node's on one side of a pair; the other side is ours. */
export function nodeServer(options: tls.SecureContextOptions & tls.TlsOptions): NodeEnd & { readonly ours: Duplex } {
  const [ours, theirs] = duplexPair();
  // A server alone has session tickets, ALPN and SNI in their places; its connection comes from the pair.
  const server = tls.createServer({ minVersion: 'TLSv1.3', ...options });
  const keyLog: Buffer[] = [];
  let resolve: (value: tls.TLSSocket | Error) => void = () => {};
  const secured = new Promise<tls.TLSSocket | Error>((settle) => {
    resolve = settle;
  });
  server.on('keylog', (line: Buffer) => keyLog.push(line));
  server.on('secureConnection', resolve);
  server.on('tlsClientError', resolve);
  server.emit('connection', theirs);
  const end = { ours, keyLog } as { ours: Duplex; keyLog: Buffer[]; socket: tls.TLSSocket };
  const outcome = secured.then((result) => {
    if (result instanceof Error) return result;
    end.socket = result;
    result.on('error', () => {});
    return undefined;
  });
  return {
    ...end,
    outcome,
    get socket() {
      return end.socket;
    },
  };
}

/** A client of Node's. */
export function nodeClient(options: tls.ConnectionOptions): NodeEnd & { readonly ours: Duplex } {
  const [ours, theirs] = duplexPair();
  const keyLog: Buffer[] = [];
  const socket = tls.connect({ socket: theirs, minVersion: 'TLSv1.3', ...options });
  socket.on('keylog', (line: Buffer) => keyLog.push(line));
  const outcome = new Promise<Error | undefined>((resolve) => {
    socket.on('secureConnect', () => resolve(undefined));
    socket.on('error', resolve);
  });
  return { ours, socket, outcome, keyLog };
}

/** All of a stream up to so many bytes. */
export async function readExactly(socket: tls.TLSSocket, length: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let have = 0; have < length; ) {
    const piece: Buffer | null = socket.read();
    if (piece === null) {
      await once(socket, 'readable');
      continue;
    }
    pieces.push(piece);
    have += piece.length;
  }
  return Buffer.concat(pieces);
}
