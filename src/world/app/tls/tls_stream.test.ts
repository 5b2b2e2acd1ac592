import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProgramBench } from '../../../../test/testing/program_bench.ts';
import { clientConfig, NOON, random, SERVER_NAME, serverConfig } from '../../../../test/testing/tls_pair.ts';
import { joinBytes, textOf, utf8 } from '../../../core/bytes.ts';
import { after, type Instant, seconds } from '../../../core/time.ts';
import { nodeCrypto } from '../../../secure/crypto/node.ts';
import { TrustStore } from '../../../secure/pki/trust_store.ts';
import type { TlsServerConfig } from '../../../secure/tls/config.ts';
import { acceptTls, connectTls, type TlsEvent } from '../../../secure/tls/connection.ts';
import { SingleUseWindow } from '../../../secure/tls/replay_defence.ts';
import type { ResumableSession } from '../../../secure/tls/session.ts';
import { SealedTickets } from '../../../secure/tls/ticket_keeper.ts';
import { parseIpv4Address } from '../../../wire/address.ts';
import { type Program, SocketError, type TcpSocket } from '../program.ts';
import { TlsError } from './tls_error.ts';
import { TlsStream } from './tls_stream.ts';

const SERVER = parseIpv4Address('10.0.0.2') ?? assert.fail();
const CLIENT = parseIpv4Address('10.0.0.1') ?? assert.fail();
const CLOCK = { wallTime: NOON };

type Serve = (stream: TlsStream, socket: TcpSocket) => Program<unknown>;

class Bench {
  readonly programs = new ProgramBench();
  readonly events: TlsEvent[] = [];
  private readonly client = this.programs.machine('alice', CLIENT);
  private readonly server = this.programs.machine('www', SERVER);
  private runs = 0;

  constructor(serve: Serve, config: Partial<TlsServerConfig> = {}) {
    const { server } = this;
    const whole = serverConfig(config);
    server.spawn(
      'server',
      (function* (): Program<void> {
        const listener = server.listen(undefined, 443);
        for (let number = 0; ; number++) {
          const socket = yield* listener.accept();
          if (socket === undefined) continue;
          const start = () => acceptTls({ config: whole, random: random(`server ${number}`) });
          server.spawn('connection', serve(new TlsStream(CLOCK, socket, start, SILENT), socket));
        }
      })(),
    );
  }

  /** Runs a client to its end. */
  run<Result>(
    use: (stream: TlsStream, socket: TcpSocket) => Program<Result>,
    {
      session,
      early = 0,
      isTrusting = true,
    }: { session?: ResumableSession; early?: number; isTrusting?: boolean } = {},
  ): Result {
    const { client, events } = this;
    const config = clientConfig(isTrusting ? {} : { trust: new TrustStore(nodeCrypto) });
    const source = random(`client ${this.runs++}`);
    return this.programs.result(
      client,
      (function* (): Program<Result> {
        const socket = client.tcp();
        yield* socket.connect(SERVER, 443);
        const stream = new TlsStream(
          CLOCK,
          socket,
          (earlyData) =>
            connectTls({
              config,
              random: source,
              now: NOON,
              serverName: SERVER_NAME,
              ...(session === undefined ? {} : { session }),
              ...(earlyData === undefined ? {} : { earlyData }),
            }),
          { ...SILENT, told: (event) => events.push(event) },
          early,
        );
        return yield* use(stream, socket);
      })(),
    );
  }

  get session(): ResumableSession {
    return this.events.flatMap((event) => (event.kind === 'session' ? [event.session] : [])).at(-1) ?? assert.fail();
  }
}

const nothing = (): void => undefined;
const SILENT = { begun: nothing, told: nothing, carried: nothing, closed: nothing };

/** Reads to the end, or to a failure. */
function* readAll(stream: TlsStream): Program<string> {
  const pieces: Uint8Array[] = [];
  for (;;) {
    const data = yield* stream.read();
    if (data === undefined) return textOf(joinBytes(pieces));
    pieces.push(data);
  }
}

function* echo(stream: TlsStream): Program<void> {
  try {
    const heard = yield* readAll(stream);
    yield* stream.write(utf8(`heard ${heard}`));
    stream.close();
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
    stream.close();
  }
}

function* outcome(stream: TlsStream): Program<string> {
  try {
    yield* stream.write(utf8('x'));
    return yield* readAll(stream);
  } catch (error) {
    assert.ok(error instanceof TlsError, String(error));
    return `${error.code} ${error.failure.reason} ${error.failure.path?.rule ?? ''}`.trim();
  }
}

const asked = (text: string) =>
  function* (stream: TlsStream): Program<string> {
    yield* stream.write(utf8(text));
    stream.shutdown();
    return yield* readAll(stream);
  };

test('what one end writes the other one reads, each until it has said that no more comes', () => {
  const bench = new Bench(echo);
  assert.equal(bench.run(asked('hello')), 'heard hello');
  const long = 'x'.repeat(100_000);
  assert.equal(bench.run(asked(long)), `heard ${long}`);
});

test('a reader takes as much at a time as it wants', () => {
  const bench = new Bench(echo);
  const pieces = bench.run(function* (stream): Program<string[]> {
    yield* stream.write(utf8('abcdef'));
    stream.shutdown();
    const read: string[] = [];
    for (;;) {
      const data = yield* stream.read(5);
      if (data === undefined) return read;
      read.push(textOf(data));
    }
  });
  assert.deepEqual(pieces, ['heard', ' abcd', 'ef']);
});

test('an end without close_notify is a failure, after all that came before it', () => {
  const bench = new Bench(function* (stream, socket): Program<void> {
    yield* stream.write(utf8('half of'));
    socket.close();
  });
  const seen = bench.run(function* (stream): Program<readonly [string, string]> {
    const first = textOf((yield* stream.read()) ?? assert.fail());
    return [first, yield* outcome(stream)];
  });
  assert.deepEqual(seen, ['half of', 'EPROTO truncated']);
});

test('the failure of one end reaches the other as an alert', () => {
  const seen: string[] = [];
  const bench = new Bench(function* (stream): Program<void> {
    seen.push(yield* outcome(stream));
  });
  assert.equal(bench.run(outcome, { isTrusting: false }), 'EPROTO certificate-refused unknown-issuer');
  assert.deepEqual(seen, ['EPROTO peer-alert']);
});

test('a deadline ends the waiting and not the stream', () => {
  const bench = new Bench(function* (stream): Program<void> {
    yield* stream.handshake();
    while (bench.programs.now < seconds(5)) yield seconds(5) as number as Instant;
    yield* stream.write(utf8('late'));
    stream.close();
  });
  const text = bench.run(function* (stream): Program<string> {
    yield* stream.handshake();
    try {
      yield* stream.read(100, seconds(1) as number as Instant);
      return 'nothing was to come yet';
    } catch (error) {
      assert.ok(error instanceof SocketError && error.code === 'EAGAIN');
      return yield* readAll(stream);
    }
  });
  assert.equal(text, 'late');
});

const resuming = (): Partial<TlsServerConfig> => ({
  tickets: new SealedTickets(nodeCrypto, random('tickets')),
  maxEarlyData: 1000,
  replayDefence: new SingleUseWindow(),
});

test('the first write goes out before the server has answered, if the session permits, and is read once', () => {
  const waits: number[] = [];
  const bench = new Bench(function* (stream): Program<void> {
    yield* stream.handshake();
    const first = textOf((yield* stream.read()) ?? assert.fail());
    waits.push(Number(stream.facts === undefined));
    yield* stream.write(utf8(`heard ${first}`));
    yield* stream.confirm();
    assert.notEqual(stream.facts, undefined);
    stream.close();
  }, resuming());
  const ask = (text: string) =>
    function* (stream: TlsStream): Program<readonly [string, string | undefined]> {
      yield* stream.write(utf8(text));
      const heard = yield* readAll(stream);
      return [heard, stream.facts?.earlyData];
    };
  assert.deepEqual(bench.run(ask('one')), ['heard one', 'not-offered']);
  const { session } = bench;
  assert.deepEqual(bench.run(ask('two'), { session, early: 1000 }), ['heard two', 'accepted']);
  // The same ticket once more is no replay of the same hello; a session of another name is not known to the server.
  const long = 'x'.repeat(1001);
  assert.deepEqual(bench.run(ask(long), { session, early: 1000 }), [`heard ${long}`, 'not-offered']);
  assert.deepEqual(waits, [0, 1, 0], 'early data is read before anybody has proven to be there');
});

test('early data that the server does not take is sent once more', () => {
  const refusing: Partial<TlsServerConfig> = { ...resuming(), replayDefence: { admit: () => false } };
  const bench = new Bench(function* (stream): Program<void> {
    yield* stream.handshake();
    yield* stream.write(utf8(`heard ${textOf((yield* stream.read()) ?? assert.fail())}`));
    stream.close();
  }, refusing);
  const ask = function* (stream: TlsStream): Program<readonly [string, string | undefined]> {
    yield* stream.write(utf8('two'));
    const heard = yield* readAll(stream);
    return [heard, stream.facts?.earlyData];
  };
  bench.run(ask);
  assert.deepEqual(bench.run(ask, { session: bench.session, early: 1000 }), ['heard two', 'rejected']);
});

test('who finishes hears the other one out: a ticket that comes late is kept', () => {
  const bench = new Bench(function* (stream): Program<void> {
    yield* stream.handshake();
    yield* readAll(stream);
    stream.close();
  }, resuming());
  bench.run(function* (stream): Program<void> {
    yield* stream.handshake();
    assert.ok(!bench.events.some(({ kind }) => kind === 'session'), 'it is still on its way');
    yield* stream.finish(after(bench.programs.now, seconds(2)));
  });
  assert.ok(bench.session.ticket.length > 0);
  assert.equal(bench.events.at(-1)?.kind, 'end');
});
