// The two ends of a handshake behind one face, so that the record layer need not know which it serves. A state that one of them is
// in is none of the other's. Not here: what they say (client_states.ts, server_states.ts).

import { cipherSuiteNamed } from './cipher_suite.ts';
import { type ClientContext, firstHello, hasEarlyDataFor, nameToSend } from './client_hello.ts';
import { type ClientState, clientStep } from './client_states.ts';
import type { TlsClientOptions, TlsServerOptions } from './config.ts';
import { type ConnectedSecrets, updateWriteKeys } from './connected.ts';
import { isFailure, type TlsFailure } from './failure.ts';
import { exportKeyingMaterial } from './key_schedule.ts';
import type { ServerContext } from './server_negotiation.ts';
import { type ServerState, serverStep } from './server_states.ts';
import { settingsOf } from './settings.ts';
import type { Effect, Incoming, Step } from './step.ts';
import type { TlsFacts } from './tls_event.ts';

export interface Handshake {
  /** What it awaits. */
  readonly stateName: string;
  readonly isConnected: boolean;
  readonly facts: TlsFacts | undefined;
  /** What this end says unasked, in the beginning. */
  start(): readonly Effect[];
  /** @param now milliseconds since 1970 */
  receive(message: Incoming, now: number): readonly Effect[] | TlsFailure;
  /** Nothing before it is connected. */
  updateKeys(isRequested: boolean): readonly Effect[];
  /** Undefined before it is connected. */
  exportKeyingMaterial(label: string, context: Uint8Array, length: number): Uint8Array | undefined;
}

export class ClientHandshake implements Handshake {
  private readonly context: ClientContext;
  private state: ClientState;

  /** @throws RangeError on a configuration that cannot be */
  constructor(options: TlsClientOptions) {
    const { config, random, serverName, session, earlyData } = options;
    if (serverName === '') throw new RangeError('serverName must say whom to reach: a host name or an address');
    const settings = settingsOf(config);
    const sentName = nameToSend(serverName);
    this.context = { ...settings, options, provider: config.provider, random, sentName };
    const stranger = config.keyShares?.find((group) => !settings.groups.includes(group));
    if (stranger !== undefined) throw new RangeError(`keyShares must be among the groups, and ${stranger} is not`);
    if (earlyData !== undefined && session === undefined) throw new TypeError('earlyData needs a session to go with');
    this.state = { kind: 'WaitServerHello', hello: firstHello(this.context) };
  }

  get stateName(): string {
    return this.state.kind;
  }

  get isConnected(): boolean {
    return this.state.kind === 'ClientConnected';
  }

  get facts(): TlsFacts | undefined {
    return this.state.kind === 'ClientConnected' ? this.state.facts : undefined;
  }

  start(): readonly Effect[] {
    if (this.state.kind !== 'WaitServerHello') return [];
    const { options, provider, isMiddleboxCompatible } = this.context;
    const { bytes, message, offer } = this.state.hello;
    const effects: Effect[] = [{ kind: 'send', name: 'ClientHello', bytes }];
    const { earlyData } = options;
    if (offer === undefined || earlyData === undefined || !hasEarlyDataFor(options, offer.session)) return effects;
    const suite = cipherSuiteNamed(offer.session.cipherSuite);
    const secret = offer.schedule.clientEarlyTrafficSecret(provider.hash(suite.hash, bytes));
    if (isMiddleboxCompatible) effects.push({ kind: 'change-cipher-spec' });
    effects.push(
      { kind: 'secret', label: 'CLIENT_EARLY_TRAFFIC_SECRET', clientRandom: message.random, secret },
      { kind: 'write-keys', suite, secret },
      { kind: 'early-data', data: earlyData },
    );
    return effects;
  }

  receive(message: Incoming, now: number): readonly Effect[] | TlsFailure {
    return this.enter(clientStep(this.context, this.state, message, now));
  }

  updateKeys(isRequested: boolean): readonly Effect[] {
    if (this.state.kind !== 'ClientConnected') return [];
    const { state, effects } = updateWriteKeys(this.context.provider, this.state, isRequested);
    this.state = state;
    return effects;
  }

  exportKeyingMaterial(label: string, context: Uint8Array, length: number): Uint8Array | undefined {
    return this.state.kind === 'ClientConnected'
      ? exported(this.context, this.state, label, context, length)
      : undefined;
  }

  private enter(step: Step<ClientState> | TlsFailure): readonly Effect[] | TlsFailure {
    if (isFailure(step)) return step;
    this.state = step.state;
    return step.effects;
  }
}

export class ServerHandshake implements Handshake {
  private readonly context: ServerContext;
  private state: ServerState = { kind: 'WaitClientHello' };

  /** @throws RangeError, TypeError on a configuration that cannot be */
  constructor({ config, random }: TlsServerOptions) {
    const { clientCertificates = 'not-asked', clientTrust, ticketCount = 1, maxEarlyData = 0 } = config;
    if (clientCertificates !== 'not-asked' && clientTrust === undefined && config.acceptsAnyCertificate !== true) {
      throw new TypeError('clientTrust must say whom to trust, since clients are asked for certificates');
    }
    if (!Number.isInteger(ticketCount) || ticketCount < 0 || ticketCount > MAX_TICKETS) {
      throw new RangeError(`ticketCount must be from 0 to ${MAX_TICKETS}, not ${ticketCount}`);
    }
    if (!Number.isInteger(maxEarlyData) || maxEarlyData < 0 || maxEarlyData > 0xffff_ffff) {
      throw new RangeError(`maxEarlyData must be a number of bytes below 2^32, not ${maxEarlyData}`);
    }
    if (maxEarlyData > 0 && config.replayDefence === undefined) {
      throw new TypeError('maxEarlyData needs a replayDefence: early data can be sent again by whoever records it');
    }
    this.context = { ...settingsOf(config), config, provider: config.provider, random };
  }

  get stateName(): string {
    return this.state.kind;
  }

  get isConnected(): boolean {
    return this.state.kind === 'ServerConnected';
  }

  get facts(): TlsFacts | undefined {
    return this.state.kind === 'ServerConnected' ? this.state.facts : undefined;
  }

  start(): readonly Effect[] {
    return [];
  }

  receive(message: Incoming, now: number): readonly Effect[] | TlsFailure {
    const step = serverStep(this.context, this.state, message, now);
    if (isFailure(step)) return step;
    this.state = step.state;
    return step.effects;
  }

  updateKeys(isRequested: boolean): readonly Effect[] {
    if (this.state.kind !== 'ServerConnected') return [];
    const { state, effects } = updateWriteKeys(this.context.provider, this.state, isRequested);
    this.state = state;
    return effects;
  }

  exportKeyingMaterial(label: string, context: Uint8Array, length: number): Uint8Array | undefined {
    return this.state.kind === 'ServerConnected'
      ? exported(this.context, this.state, label, context, length)
      : undefined;
  }
}

/** Each is numbered by one byte. */
const MAX_TICKETS = 255;

const exported = (
  { provider }: ClientContext | ServerContext,
  { suite, exporterSecret }: ConnectedSecrets,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array => exportKeyingMaterial(provider, suite.hash, exporterSecret, label, context, length);
