// The connections of one `curl`, and what it says about them: a connection is used again as long as both ends keep it and
// the next request is for the same machine and port.
//
//   *   Trying 10.0.0.2:80...                     > GET / HTTP/1.1          < HTTP/1.1 200 OK
//   * Connected to www (10.0.0.2) port 80         > Host: www               * Connection #0 to host www left intact

import { elapsed, type Instant } from '../../../core/time.ts';
import { formatIpAddress } from '../../../wire/address.ts';
import { EmptyResponseError, HttpConnection } from '../../app/http/http_client.ts';
import type { HttpFields, HttpResponse } from '../../app/http/http_message.ts';
import {
  type Endpoint,
  type Program,
  SocketError,
  type System,
  type TcpSocket,
  type Terminal,
} from '../../app/program.ts';
import { hostHeader, portOf, requestTarget, type Uri } from '../../app/uri/uri.ts';
import type { CommandContext } from './command.ts';

/** What curl says in the place of an error's own words; by it the exit code as well. */
const NO_HOST = 6;
const NO_CONNECTION = 7;
const BAD_ANSWER = 8;
const TIMED_OUT = 28;
const EMPTY_ANSWER = 52;
const RECEIVE_FAILED = 56;

/** Ends curl with its exit code. */
export class CurlFailure extends Error {
  override readonly name = 'CurlFailure';
  readonly exitCode: number;
  /** The code that expectations know. */
  readonly error: string;

  constructor(exitCode: number, error: string, message: string) {
    super(message);
    this.exitCode = exitCode;
    this.error = error;
  }
}

export interface CurlSettings {
  readonly isVerbose: boolean;
  readonly startedAt: Instant;
  readonly deadline: Instant;
}

export interface CurlRequest {
  readonly method: string;
  readonly body: Uint8Array | undefined;
  /** Beside those that are always there, or in their place. */
  readonly fields: HttpFields;
}

interface Connection {
  readonly number: number;
  readonly host: string;
  readonly port: number;
  readonly http: HttpConnection;
}

export class CurlSession {
  private readonly system: System;
  private readonly terminal: Terminal;
  private readonly settings: CurlSettings;
  private connection: Connection | undefined;
  private connections = 0;

  constructor({ system, terminal }: CommandContext, settings: CurlSettings) {
    this.system = system;
    this.terminal = terminal;
    this.settings = settings;
  }

  /** @throws CurlFailure */
  *ask(uri: Uri, { method, body, fields: given }: CurlRequest): Program<HttpResponse> {
    const { http } = yield* this.connectionTo(uri.authority?.host ?? '', portOf(uri) ?? 80);
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
      const failure = this.exchangeFailure(error);
      this.say(`* ${failure.message}`);
      this.drop();
      throw failure;
    }
  }

  /** The response has been printed: what becomes of its connection? */
  leave(): void {
    const { connection } = this;
    if (connection === undefined) return;
    if (connection.http.isReusable)
      this.say(`* Connection #${connection.number} to host ${connection.host} left intact`);
    else this.drop();
  }

  close(): void {
    this.connection?.http.close();
    this.connection = undefined;
  }

  private drop(): void {
    this.say('* Closing connection');
    this.close();
  }

  private *connectionTo(host: string, port: number): Program<Connection> {
    const kept = this.connection;
    if (kept !== undefined && kept.host === host && kept.port === port) {
      this.say(`* Re-using existing connection with host ${host}`);
      return kept;
    }
    this.close();
    const endpoints = yield* this.endpointsOf(host, port);
    const { socket, endpoint } = yield* this.connectToAny(host, endpoints);
    this.say(`* Connected to ${host} (${formatIpAddress(endpoint.address)}) port ${endpoint.port}`);
    this.connection = { number: this.connections++, host, port, http: new HttpConnection(socket) };
    return this.connection;
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

  private exchangeFailure(error: SocketError): CurlFailure {
    const { code } = error;
    if (error instanceof EmptyResponseError) return new CurlFailure(EMPTY_ANSWER, code, 'Empty reply from server');
    if (code === 'EPROTO') return new CurlFailure(BAD_ANSWER, code, reasonOf(error));
    if (code === 'ETIMEDOUT' || code === 'EAGAIN') {
      const took = inMilliseconds(this.settings.startedAt, this.system.now);
      return new CurlFailure(TIMED_OUT, code, `Operation timed out after ${took} milliseconds`);
    }
    return new CurlFailure(RECEIVE_FAILED, code, `Recv failure: ${reasonOf(error)}`);
  }

  private say(line: string): void {
    if (this.settings.isVerbose) this.terminal.print(line);
  }
}

export function printHead(terminal: Terminal, response: HttpResponse, mark: string): void {
  terminal.print(`${mark}HTTP/${response.version} ${response.status} ${response.reason}`);
  for (const [name, value] of response.fields) terminal.print(`${mark}${name}: ${value}`);
  terminal.print(mark.trimEnd());
}

const inMilliseconds = (from: Instant, to: Instant): number => Math.round(elapsed(from, to) / 1e6);

/** `ECONNREFUSED: connect to port 80: connection refused` -> `Connection refused`. */
function reasonOf({ message }: SocketError): string {
  const text = message.slice(message.lastIndexOf(': ') + 2);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
