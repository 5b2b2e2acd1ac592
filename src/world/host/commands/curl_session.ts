// The connections of one `curl`, and what it says about them: a connection is used again as long as both ends keep it and
// the next request is for the same machine and port.
//
//   *   Trying 10.0.0.2:80...                     > GET / HTTP/1.1          < HTTP/1.1 200 OK
//   * Connected to www (10.0.0.2) port 80         > Host: www               * Connection #0 to host www left intact

import { after, elapsed, type Instant, seconds } from '../../../core/time.ts';
import { formatIpAddress } from '../../../wire/address.ts';
import { EmptyResponseError, HttpConnection, type HttpStream } from '../../app/http/http_client.ts';
import type { HttpFields, HttpResponse } from '../../app/http/http_message.ts';
import {
  type Endpoint,
  type Program,
  SocketError,
  type System,
  type TcpSocket,
  type Terminal,
} from '../../app/program.ts';
import { TlsError } from '../../app/tls/tls_error.ts';
import type { TlsStream } from '../../app/tls/tls_stream.ts';
import { hostHeader, portOf, requestTarget, type Uri } from '../../app/uri/uri.ts';
import type { CommandContext, CommandFacts } from './command.ts';
import { CurlFailure } from './curl_failure.ts';
import { CurlTls, tlsFailure } from './curl_tls.ts';
import type { CurlTlsOptions } from './curl_tls_options.ts';

/** What curl says in the place of an error's own words; by it the exit code as well. */
const NO_HOST = 6;
const NO_CONNECTION = 7;
const BAD_ANSWER = 8;
const TIMED_OUT = 28;
const EMPTY_ANSWER = 52;
const HANDSHAKE_FAILED = 35;
const RECEIVE_FAILED = 56;

export interface CurlSettings {
  readonly isVerbose: boolean;
  readonly startedAt: Instant;
  readonly deadline: Instant;
  readonly tls: CurlTlsOptions;
}

export interface CurlRequest {
  readonly method: string;
  readonly body: Uint8Array | undefined;
  /** Beside those that are always there, or in their place. */
  readonly fields: HttpFields;
}

interface Connection {
  readonly number: number;
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly http: HttpConnection;
  /** Where TLS is spoken. */
  readonly secured: TlsStream | undefined;
}

/** As curl has it, where nobody waits for the page any more. */
const SHUTDOWN_LIMIT = seconds(2);

export class CurlSession {
  private readonly system: System;
  private readonly terminal: Terminal;
  private readonly settings: CurlSettings;
  private readonly facts: CommandFacts;
  private readonly tls: CurlTls;
  private connection: Connection | undefined;
  private connections = 0;
  private isSilent = false;

  constructor(context: CommandContext, settings: CurlSettings) {
    this.system = context.system;
    this.terminal = context.terminal;
    this.facts = context.facts;
    this.settings = settings;
    this.tls = new CurlTls(context, settings.tls, (line) => this.say(line));
  }

  /** @throws CurlFailure */
  *ask(uri: Uri, { method, body, fields: given }: CurlRequest): Program<HttpResponse> {
    const connection = yield* this.connectionTo(uri);
    const { http } = connection;
    const taken = new Set(given.map(([name]) => name.toLowerCase()));
    const usual: HttpFields = [
      ['Host', hostHeader(uri)],
      ['User-Agent', 'netarium'],
      ['Accept', '*/*'],
      ...(body === undefined ? [] : [['Content-Length', String(body.length)] as const]),
      ...(body === undefined ? [] : [['Content-Type', 'application/x-www-form-urlencoded'] as const]),
    ];
    const fields = [...usual.filter(([name]) => !taken.has(name.toLowerCase())), ...given];
    const target = requestTarget(uri);
    this.say(`> ${method} ${target} HTTP/1.1`);
    for (const [name, value] of fields) this.say(`> ${name}: ${value}`);
    this.say('>');
    try {
      const request = { method, target, fields, ...(body === undefined ? {} : { body }) };
      const response = yield* http.request(request, this.settings.deadline);
      if (this.settings.isVerbose) printHead(this.terminal, response, '< ');
      return response;
    } catch (error) {
      if (!(error instanceof SocketError) || error.code === 'ECONNABORTED') throw error;
      const failure = this.exchangeFailure(error, connection);
      this.say(`* ${failure.message}`);
      yield* this.drop();
      throw failure;
    }
  }

  /** The response has been printed: what becomes of its connection? */
  *leave(): Program<void> {
    const { connection } = this;
    if (connection === undefined) return;
    if (connection.http.isReusable)
      this.say(`* Connection #${connection.number} to host ${connection.host} left intact`);
    else yield* this.drop();
  }

  /** Takes leave of whoever is still connected, and says nothing of it. */
  *finish(): Program<void> {
    this.isSilent = true;
    yield* this.hangUp();
    this.isSilent = false;
  }

  private *hangUp(): Program<void> {
    const secured = this.connection?.secured;
    if (secured !== undefined) yield* secured.finish(after(this.system.now, SHUTDOWN_LIMIT));
    this.close();
  }

  close(): void {
    this.connection?.http.close();
    this.connection = undefined;
  }

  private *drop(): Program<void> {
    this.say('* Closing connection');
    if (this.connection?.secured?.facts !== undefined) this.say('* TLSv1.3 (OUT), TLS alert, close notify (256):');
    yield* this.hangUp();
  }

  private *connectionTo(uri: Uri): Program<Connection> {
    const scheme = uri.scheme?.toLowerCase() ?? '';
    const host = uri.authority?.host ?? '';
    const port = portOf(uri) ?? 80;
    const kept = this.connection;
    if (kept !== undefined && kept.scheme === scheme && kept.host === host && kept.port === port) {
      this.say(`* Re-using existing connection with host ${host}`);
      return kept;
    }
    yield* this.finish();
    const endpoints = yield* this.endpointsOf(host, port);
    const { socket, endpoint } = yield* this.connectToAny(host, endpoints);
    this.say(`* Connected to ${host} (${formatIpAddress(endpoint.address)}) port ${endpoint.port}`);
    const secured = scheme === 'https' ? yield* this.secure(socket, endpoint, host) : undefined;
    const http = new HttpConnection(this.noting(socket, secured ?? socket));
    this.connection = { number: this.connections++, scheme, host, port, http, secured };
    return this.connection;
  }

  private *secure(socket: TcpSocket, server: Endpoint, host: string): Program<TlsStream> {
    try {
      return yield* this.tls.secure(socket, server, hostName(host), this.settings.deadline);
    } catch (error) {
      if (error instanceof SocketError && error.code === 'ECONNABORTED') throw error;
      const failure = error instanceof SocketError ? this.handshakeFailure(error, host) : error;
      if (failure instanceof CurlFailure) this.say(`* ${failure.message}`);
      this.say('* Closing connection');
      socket.close();
      throw failure;
    }
  }

  private handshakeFailure(error: SocketError, host: string): CurlFailure {
    if (error instanceof TlsError) return tlsFailure(error, host, false);
    if (error.code === 'EAGAIN' || error.code === 'ETIMEDOUT') {
      const took = inMilliseconds(this.settings.startedAt, this.system.now);
      return new CurlFailure(TIMED_OUT, 'ETIMEDOUT', `SSL connection timeout after ${took} milliseconds`);
    }
    return new CurlFailure(HANDSHAKE_FAILED, error.code, `Recv failure: ${reasonOf(error)}`);
  }

  // Whoever wants to know how long it took until something came is told here.
  private noting({ local, remote }: TcpSocket, stream: HttpStream): HttpStream {
    const { facts, system } = this;
    delete facts.firstByte;
    return {
      write: (data) => stream.write(data),
      close: () => stream.close(),
      *read(limit, deadline) {
        const data = yield* stream.read(limit, deadline);
        if (local !== undefined && remote !== undefined) facts.firstByte ??= { at: system.now, local, remote };
        return data;
      },
    };
  }

  private *endpointsOf(host: string, port: number): Program<readonly Endpoint[]> {
    try {
      return yield* this.system.getAddressInfo(host, port);
    } catch (error) {
      if (!(error instanceof SocketError) || error.code === 'ECONNABORTED') throw error;
      this.say(`* Could not resolve host: ${host}`);
      throw new CurlFailure(NO_HOST, error.code, `Could not resolve host: ${host}`);
    }
  }

  private *connectToAny(
    host: string,
    endpoints: readonly Endpoint[],
  ): Program<{ readonly socket: TcpSocket; readonly endpoint: Endpoint }> {
    const { system, settings } = this;
    const begun = system.now;
    let failure = new SocketError('ENOTFOUND', 'no address to connect to');
    for (const endpoint of endpoints) {
      const address = formatIpAddress(endpoint.address);
      this.say(`*   Trying ${address}:${endpoint.port}...`);
      const socket = system.tcp();
      try {
        yield* socket.connect(endpoint.address, endpoint.port, settings.deadline);
        return { socket, endpoint };
      } catch (error) {
        socket.close();
        if (!(error instanceof SocketError) || error.code === 'ECONNABORTED') throw error;
        failure = error;
        if (system.now >= settings.deadline) break;
        this.say(`* connect to ${address} port ${endpoint.port} failed: ${reasonOf(error)}`);
      }
    }
    const told = this.connectFailure(host, endpoints[0]?.port ?? 0, begun, failure);
    this.say(`* ${told.message}`);
    this.say('* Closing connection');
    throw told;
  }

  private connectFailure(host: string, port: number, begun: Instant, { code }: SocketError): CurlFailure {
    const { startedAt, deadline } = this.settings;
    if (this.system.now >= deadline) {
      const text = `Connection timed out after ${inMilliseconds(startedAt, this.system.now)} milliseconds`;
      return new CurlFailure(TIMED_OUT, code, text);
    }
    const [exitCode, why] =
      code === 'ETIMEDOUT' ? [TIMED_OUT, 'Timeout was reached'] : [NO_CONNECTION, "Couldn't connect to server"];
    const after = `after ${inMilliseconds(begun, this.system.now)} ms`;
    return new CurlFailure(exitCode, code, `Failed to connect to ${host} port ${port} ${after}: ${why}`);
  }

  private exchangeFailure(error: SocketError, { host, secured }: Connection): CurlFailure {
    const { code } = error;
    if (error instanceof TlsError) return tlsFailure(error, host, secured?.facts !== undefined);
    if (error instanceof EmptyResponseError) return new CurlFailure(EMPTY_ANSWER, code, 'Empty reply from server');
    if (code === 'EPROTO') return new CurlFailure(BAD_ANSWER, code, reasonOf(error));
    if (code === 'ETIMEDOUT' || code === 'EAGAIN') {
      const took = inMilliseconds(this.settings.startedAt, this.system.now);
      return new CurlFailure(TIMED_OUT, code, `Operation timed out after ${took} milliseconds`);
    }
    return new CurlFailure(RECEIVE_FAILED, code, `Recv failure: ${reasonOf(error)}`);
  }

  private say(line: string): void {
    if (this.settings.isVerbose && !this.isSilent) this.terminal.print(line);
  }
}

export function printHead(terminal: Terminal, response: HttpResponse, mark: string): void {
  terminal.print(`${mark}HTTP/${response.version} ${response.status} ${response.reason}`);
  for (const [name, value] of response.fields) terminal.print(`${mark}${name}: ${value}`);
  terminal.print(mark.trimEnd());
}

// Brackets around an address are for the URI alone.
const hostName = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

const inMilliseconds = (from: Instant, to: Instant): number => Math.round(elapsed(from, to) / 1e6);

/** `ECONNREFUSED: connect to port 80: connection refused` -> `Connection refused`. */
function reasonOf({ message }: SocketError): string {
  const text = message.slice(message.lastIndexOf(': ') + 2);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
