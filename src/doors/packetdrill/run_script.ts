// One script, run: its events in their order, on a machine of its own, in virtual time.
//
//   before each event    time goes on to the event's, and whatever the machine does by then happens
//   packet in            given to the machine
//   packet out           the next one that the machine sends, waited for, compared
//   call                 tried at once; one that may block is tried again after each change until it returns
//   command, code        done on the machine, or asked of it
//
// Not here: what each of these is (calls.ts, comparison.ts, shell.ts, code_evaluation.ts).

import {
  after,
  type Duration,
  elapsed,
  type Instant,
  longer,
  microseconds,
  milliseconds,
  START,
  seconds,
} from '../../core/time.ts';
import { TcpFlag } from '../../wire/tcp.ts';
import { type Attempt, Calls, type Returned } from './calls.ts';
import { CodeFailure, CodeScope } from './code_evaluation.ts';
import { compareSegments, type Mode } from './comparison.ts';
import { connectionNames } from './connection_names.ts';
import { Conversation, type SentSegment, timeText } from './conversation.ts';
import type { Flow } from './flow.ts';
import { MachineUnderTest } from './machine.ts';
import { encodeIcmp, encodeSegment, type Segment } from './packet_bytes.ts';
import { segmentText, specText } from './packet_text.ts';
import { parseScript } from './parse_script.ts';
import { isFastOpen } from './parse_tcp_options.ts';
import { payloadFrom } from './payload.ts';
import { NotSupported, ScriptSyntaxError } from './problem.ts';
import type { CallSpec, EventTime, IcmpSpec, IpSpec, PacketSpec, Script, ScriptEvent, TcpSpec } from './script.ts';
import { type RunOptions, runOptionsOf } from './script_options.ts';
import { runCommand } from './shell.ts';
import type { Socket } from './sockets.ts';
import { numberOf } from './symbols.ts';
import { type Tunables, tunablesOf } from './tunables.ts';
import { ScriptFailure, type Verdict } from './verdict.ts';

/** Where a script says nothing of how early or late an event may be. */
const TOLERANCE: Readonly<Record<Mode, Duration>> = { strict: milliseconds(4), semantic: milliseconds(25) };
/** How long a packet is waited for beyond its time, to be able to say how late it was. */
const PATIENCE = seconds(2);
/** RFC 9293 §3.8.6.3. */
const ACK_DELAY = milliseconds(500);
const MAX_STEPS = 1_000_000; // of the machine, in one script
const DEFAULT_TTL = 64;

export interface RunRequest {
  readonly mode: Mode;
  /** What symbols of the script stand for, beside those that it defines itself. */
  readonly symbols?: ReadonlyMap<string, string>;
}

/** @param text of the script */
export function runScript(text: string, { mode, symbols }: RunRequest): Verdict {
  try {
    const script = parseScript(text, symbols);
    refuseFastOpen(script);
    return new ScriptRun(script, runOptionsOf(script), mode).play();
  } catch (error) {
    if (error instanceof ScriptSyntaxError) {
      return { status: 'failed', line: error.line, reason: `syntax error: ${error.message}` };
    }
    if (error instanceof NotSupported) return { status: 'skipped', reason: error.message, line: error.line };
    throw error;
  }
}

// A cookie in a packet: all that the script says is about data that come with the SYN.
function refuseFastOpen({ events }: Script): void {
  for (const event of events) {
    const content = event.kind === 'packet' ? event.packet.content : undefined;
    if (content?.kind === 'tcp' && content.options?.some(isFastOpen)) {
      throw new NotSupported('TCP Fast Open (RFC 7413) is not built', event.line);
    }
  }
}

interface Pending {
  readonly line: number;
  readonly call: CallSpec;
  readonly attempt: Attempt;
  readonly endsAt: Instant;
}

class ScriptRun {
  private readonly script: Script;
  private readonly options: RunOptions;
  private readonly mode: Mode;
  private readonly tolerance: Duration;
  private readonly tunables: Tunables;
  private readonly machine: MachineUnderTest;
  private readonly calls: Calls;
  private readonly conversation: Conversation;
  private readonly scope = new CodeScope();
  private pending: Pending | undefined;
  private lastEventAt: Instant;
  private steps = 0;

  constructor(script: Script, options: RunOptions, mode: Mode) {
    this.script = script;
    this.options = options;
    this.mode = mode;
    const declared = options.tolerance ?? TOLERANCE[mode];
    this.tolerance = mode === 'semantic' ? longer(declared, TOLERANCE.semantic) : declared;
    this.tunables = tunablesOf(options.dialect);
    this.machine = new MachineUnderTest({
      address: options.localAddress,
      prefixLength: options.prefixLength,
      gateway: options.gateway,
      mtu: options.mtu,
      tcp: this.tunables.tcp,
    });
    this.lastEventAt = this.machine.now;
    this.machine.onChange = () => this.tryPending();
    this.calls = new Calls(
      this.machine,
      this.tunables,
      options.dialect,
      {
        bind: { address: options.localAddress, port: options.bindPort },
        connect: { address: options.remoteAddress, port: options.connectPort },
      },
      mode,
    );
    this.conversation = new Conversation(options.bindPort);
  }

  /** @throws NotSupported */
  play(): Verdict {
    let line = 1;
    try {
      for (const event of this.script.events) {
        ({ line } = event);
        this.perform(event);
        this.lastEventAt = this.machine.now;
      }
      this.finish(line);
      return { status: 'passed' };
    } catch (error) {
      if (error instanceof ScriptFailure) return { status: 'failed', ...error.failure };
      if (error instanceof NotSupported) throw error;
      // A script may find a defect of the machine; those behind it shall be run all the same.
      const { failure } = this.failure(
        line,
        `the machine itself failed: ${error instanceof Error ? error.message : error}`,
      );
      return { status: 'failed', ...failure };
    }
  }

  private finish(line: number): void {
    this.finishPending();
    this.conversation.takeIn(this.machine.sent);
    const [unexpected] = this.conversation.unexpected;
    if (this.mode === 'strict' && unexpected !== undefined) {
      throw this.failure(line, `the script ends, and the machine has sent what it does not expect: ${unexpected}`);
    }
    // As when a process ends. What the machine says to that, the script has not asked.
    for (const socket of this.calls.sockets.values()) this.machine.touch(() => socket.close());
    this.machine.close();
  }

  private perform(event: ScriptEvent): void {
    const { line } = event;
    try {
      if (event.kind === 'packet' && event.packet.direction === 'out') this.expectPacket(event, event.packet);
      else {
        this.waitFor(event.time);
        if (event.kind === 'packet') this.inject(event.packet);
        else if (event.kind === 'call') this.call(line, event.call, event.time);
        else if (event.kind === 'command') this.command(line, event.command);
        else this.scope.run(event.code, connectionNames(this.machine.now, this.socketUnderTest, this.options.dialect));
      }
    } catch (error) {
      if (error instanceof CodeFailure) throw this.failure(error.line, error.message);
      if (error instanceof NotSupported && error.line === undefined) throw new NotSupported(error.message, line);
      throw error;
    }
  }

  // Time.

  private startOf(time: EventTime): Instant {
    switch (time.kind) {
      case 'absolute':
        return after(START, time.at);
      case 'relative':
        return after(this.lastEventAt, time.at);
      case 'absolute-range':
        return after(START, time.from);
      case 'relative-range':
        return after(this.lastEventAt, time.from);
      case 'any':
        return this.lastEventAt;
    }
  }

  private waitFor(time: EventTime): void {
    const at = this.startOf(time);
    while (this.step(at));
  }

  /** False when time has gone on to `limit`. */
  private step(limit: Instant): boolean {
    if (++this.steps > MAX_STEPS)
      throw new NotSupported(`the machine does more than ${MAX_STEPS} things in this script`);
    const { pending, machine } = this;
    if (pending === undefined) return machine.step(limit);
    const { endsAt, attempt } = pending;
    // A call that waits is looked at when its own time is over, and when the script's patience is.
    const stops = [attempt.deadline, after(endsAt, this.tolerance)].filter(
      (at) => at !== undefined && at > machine.now,
    );
    const stop = Math.min(limit, ...stops.map(Number)) as Instant;
    if (machine.step(stop)) return true;
    this.tryPending();
    if (this.pending === pending && machine.now >= after(endsAt, this.tolerance)) {
      throw this.failure(pending.line, `${pending.call.name} has not returned by ${timeText(machine.now)}`);
    }
    return stop < limit;
  }

  // Packets for the machine.

  private inject({ ip, content }: PacketSpec): void {
    const { machine, conversation } = this;
    conversation.takeIn(machine.sent);
    const addresses = { source: this.options.remoteAddress, destination: this.options.localAddress };
    const trafficClass = ip.trafficClass?.value ?? 0;
    const ttl = ip.ttl ?? DEFAULT_TTL;
    if (content.kind === 'icmp') {
      conversation.note(machine.now, `< icmp type_${content.type} code_${content.code}`);
      machine.deliver(encodeIcmp(addresses, { ...this.icmpOnWire(content), trafficClass, ttl }));
      return;
    }
    const flow = conversation.flowOf(content, true, this.calls.latest?.localPort);
    const segment = flow.toWire(content, payloadFrom(flow.positionInPeers(content), content.length));
    conversation.note(machine.now, `< ${specText({ direction: 'in', ip, content })}`);
    machine.deliver(encodeSegment(addresses, { ...segment, trafficClass, ttl }));
  }

  private icmpOnWire({
    type,
    code,
    mtu = 0,
    identifier,
    quoted,
  }: IcmpSpec): Omit<Parameters<typeof encodeIcmp>[1], 'trafficClass' | 'ttl'> {
    const flow = this.conversation.currentFlow;
    if (flow === undefined || quoted === undefined) return { type, code, mtu, identifier, quoted: undefined };
    const about = {
      source: this.options.localAddress,
      destination: this.options.remoteAddress,
      sourcePort: flow.localPort,
      destinationPort: flow.remotePort,
      sequence: flow.quotedSequence(quoted.sequence),
      length: quoted.length,
    };
    return { type, code, mtu, identifier, quoted: about };
  }

  // Packets of the machine.

  private expectPacket({ line, time }: ScriptEvent, packet: PacketSpec): void {
    const { ip, content } = packet;
    if (content.kind === 'icmp') throw new NotSupported('ICMP messages of the machine are not judged', line);
    const flow = this.conversation.flowOf(content, false, this.calls.latest?.localPort);
    const [earliest, latest] = this.windowOf(time);
    const first = this.nextSegment(time.kind === 'any' ? this.machine.horizon : after(latest, PATIENCE));
    const text = specText(packet);
    if (first === undefined) {
      throw this.failure(line, `no packet came by ${timeText(this.machine.now)}`, { expected: text });
    }
    flow.expect(content);
    const whole = this.joined(flow, content, first, latest);
    const actual = flow.toScript(whole.segment, content);
    const shown = { expected: text, actual: `${segmentText(actual)}, at ${timeText(first.at)}` };
    const isDelayed = this.mayBeDelayed(flow, actual);
    this.compare(line, ip, content, flow, actual, shown, isDelayed);
    if (whole.wrongByte >= 0)
      throw this.failure(line, `byte ${whole.wrongByte} of the segment is not as written`, shown);
    const isInTime = isDelayed ? first.at <= after(latest, ACK_DELAY) : first.at >= earliest && first.at <= latest;
    if (time.kind !== 'any' && !isInTime) throw this.failure(line, timingText(first.at, earliest, latest), shown);
    flow.acknowledge(actual);
  }

  private compare(
    line: number,
    ip: IpSpec,
    content: TcpSpec,
    flow: Flow,
    actual: Segment,
    shown: { readonly expected: string; readonly actual: string },
    isDelayed: boolean,
  ): void {
    const { timestampTick } = this.options;
    const tolerance = this.tolerance + (isDelayed ? ACK_DELAY : 0);
    const differences = compareSegments(ip, content, actual, {
      mode: this.mode,
      windowShifts: flow.windowShifts,
      segmentSize: flow.segmentSize,
      timestampTolerance: timestampTick === 0 ? undefined : Math.ceil(tolerance / microseconds(timestampTick)),
    });
    if (differences.length > 0)
      throw this.failure(line, 'the packet is not the one that was expected', { ...shown, differences });
  }

  // RFC 9293 §3.8.6.3 (MUST-58): news of what has arrived in order may wait for half a second, and is the same news then.
  private mayBeDelayed(flow: Flow, { flags, payload, acknowledgment, options }: Segment): boolean {
    const isBare = (flags & ~TcpFlag.Psh) === TcpFlag.Ack && payload.length === 0;
    const isInOrder = options.every(({ kind }) => kind !== 'sack');
    return this.mode === 'semantic' && isBare && isInOrder && flow.isNews(acknowledgment);
  }

  /** When a packet may come: the first and the last moment. */
  private windowOf(time: EventTime): readonly [earliest: Instant, latest: Instant] {
    const start = this.startOf(time);
    const isRange = time.kind === 'absolute-range' || time.kind === 'relative-range';
    const end = isRange ? after(start, (time.to - time.from) as Duration) : start;
    const share = (elapsed(this.lastEventAt, start) * this.options.tolerancePercent) / 100;
    const tolerance = longer(this.tolerance, share as Duration);
    // An acknowledgment that could wait has made the script late: what follows may be so too.
    const { now } = this.machine;
    const latest = this.mode === 'semantic' && now > end ? now : end;
    return [(start - tolerance) as Instant, after(latest, tolerance)];
  }

  private nextSegment(limit: Instant): SentSegment | undefined {
    const { conversation, machine } = this;
    for (;;) {
      conversation.takeIn(machine.sent);
      const next = conversation.shift();
      if (next !== undefined) return next;
      if (!this.step(limit)) {
        conversation.takeIn(machine.sent);
        return conversation.shift();
      }
    }
  }

  // Pieces that follow each other without a gap count for the segment that they make up.
  private joined(flow: Flow, expected: TcpSpec, first: SentSegment, latest: Instant): SentSegment {
    let whole = first;
    if (this.mode === 'strict' || this.options.hasStrictSegments) return whole;
    while (whole.segment.payload.length > 0 && whole.segment.payload.length < expected.length) {
      const { segment } = whole;
      const next = this.nextSegmentAt(flow, segment, latest);
      if (next === undefined) break;
      const payload = new Uint8Array(segment.payload.length + next.segment.payload.length);
      payload.set(segment.payload);
      payload.set(next.segment.payload, segment.payload.length);
      // What the pieces say otherwise than the whole would, the last one says best; a FIN or a push is at the end anyway.
      whole = {
        at: first.at,
        segment: { ...next.segment, sequence: segment.sequence, payload },
        wrongByte: whole.wrongByte >= 0 ? whole.wrongByte : next.wrongByte,
      };
    }
    return whole;
  }

  private nextSegmentAt(flow: Flow, before: Segment, latest: Instant): SentSegment | undefined {
    const { conversation, machine } = this;
    while (conversation.peek() === undefined) {
      const isOver = !this.step(latest);
      conversation.takeIn(machine.sent);
      if (isOver) break;
    }
    const next = conversation.peek()?.segment;
    const isNext =
      next !== undefined &&
      conversation.currentFlow === flow &&
      next.sequence === (before.sequence + before.payload.length) >>> 0 &&
      next.payload.length > 0 &&
      (next.flags & TcpFlag.Syn) === 0;
    return isNext ? conversation.shift() : undefined;
  }

  // Calls.

  private call(line: number, call: CallSpec, time: EventTime): void {
    this.finishPending();
    const attempt = this.calls.prepare(call);
    if (call.name === 'socket' || call.name === 'listen') this.conversation.forgetCurrent();
    const returned = attempt.attempt();
    if (call.name === 'connect') this.noteConnect(call);
    // What it is to return at is counted from where its own time is counted from.
    const { end } = call;
    const endsAt =
      end === undefined ? this.machine.now : after(time.kind === 'absolute' ? START : this.lastEventAt, end);
    if (returned !== undefined) this.judge({ line, call, attempt, endsAt }, returned);
    else if (attempt.isNonBlocking) this.judge({ line, call, attempt, endsAt }, { result: -1, errno: 'EAGAIN' });
    else if (end === undefined) throw this.failure(line, `${call.name} waits, and the script does not say until when`);
    else this.pending = { line, call, attempt, endsAt };
  }

  private noteConnect({ parameters }: CallSpec): void {
    const [descriptor] = parameters;
    const socket = this.calls.sockets.get(numberOf(descriptor, this.options.dialect));
    const connection = socket?.connection;
    if (connection !== undefined) this.conversation.beginActive(connection.localPort, connection.remotePort);
  }

  private tryPending(): void {
    const { pending } = this;
    if (pending === undefined) return;
    this.pending = undefined; // what it does may lead back here
    const returned = pending.attempt.attempt();
    if (returned === undefined) this.pending = pending;
    else this.judge(pending, returned);
  }

  // The next call comes once this one has returned.
  private finishPending(): void {
    while (this.pending !== undefined) this.step(after(this.pending.endsAt, this.tolerance));
  }

  private judge({ line, call, endsAt }: Pending, returned: Exclude<Returned, undefined>): void {
    const { name, result: written, errno } = call;
    const { result, errno: actual } = returned;
    const { dialect } = this.options;
    if ('wrong' in returned) throw this.failure(line, `${name}: ${returned.wrong}`);
    const wanted = written.kind === 'ellipsis' ? result : numberOf(written, dialect);
    if (wanted !== result || (errno !== undefined && sameErrno(errno) !== sameErrno(actual ?? ''))) {
      throw this.failure(line, `${name} returned ${resultText(result, actual)}, and not ${resultText(wanted, errno)}`);
    }
    const { now } = this.machine;
    if (Math.abs(now - endsAt) <= this.tolerance) return;
    throw this.failure(line, `${name} returned at ${timeText(now)}, and not at ${timeText(endsAt)}`);
  }

  // Commands.

  private command(line: number, text: string): void {
    const status = runCommand({ machine: this.machine, tunables: this.tunables, sockets: this.calls.sockets }, text);
    if (status !== 0) throw this.failure(line, `the command ended with ${status}: ${text}`);
  }

  private get socketUnderTest(): Socket | undefined {
    const flow = this.conversation.currentFlow;
    const found = [...this.calls.sockets.values()].find(
      ({ connection }) =>
        flow !== undefined && connection?.localPort === flow.localPort && connection.remotePort === flow.remotePort,
    );
    return found ?? this.calls.latest;
  }

  private failure(
    line: number,
    reason: string,
    more: {
      readonly expected?: string;
      readonly actual?: string;
      readonly differences?: ReturnType<typeof compareSegments>;
    } = {},
  ): ScriptFailure {
    return new ScriptFailure({ line, reason, ...more, crossed: this.conversation.latest });
  }
}

const resultText = (result: number, errno: string | undefined): string =>
  errno === undefined ? `${result}` : `${result} ${errno}`;

function timingText(at: Instant, earliest: Instant, latest: Instant): string {
  return at < earliest
    ? `the packet came too early: at ${timeText(at)}, and not from ${timeText(earliest)} on`
    : `the packet came too late: at ${timeText(at)}, and not by ${timeText(latest)}`;
}

const sameErrno = (errno: string): string => (errno === 'EWOULDBLOCK' ? 'EAGAIN' : errno);
