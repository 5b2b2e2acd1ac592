import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import { CertificateAuthority } from '../../src/secure/pki/authority.ts';
import type { Certificate } from '../../src/secure/pki/certificate.ts';
import { emitPem } from '../../src/secure/pki/pem.ts';
import { emitPrivateKey, type PrivateKey } from '../../src/secure/pki/private_key.ts';
import { MAIN, type Room, room } from './command_line.ts';

/** The clock is a real one here. */
const LASTING = { notBefore: 1_700_000_000, lifetime: 86_400 * 36_500 };

const certificatePem = (list: readonly Certificate[]): string =>
  list.map(({ bytes }) => emitPem({ label: 'CERTIFICATE', bytes })).join('');
const keyPem = (key: PrivateKey): string => emitPem({ label: 'PRIVATE KEY', bytes: emitPrivateKey(key) });

const root = CertificateAuthority.root(nodeCrypto, Random.fromSeed(1), { name: 'Root', ...LASTING });
const site = root.issueServer({ names: ['localhost', '127.0.0.1'], ...LASTING });
const visitor = root.issueServer({ names: ['alice'], ...LASTING });

/** A room with an authority, a server's credentials and a client's. */
function certifiedRoom(context: TestContext): Room {
  const made = room(context);
  made.write('ca.pem', certificatePem([root.certificate]));
  for (const [name, { key, chain }] of [
    ['site', site],
    ['visitor', visitor],
  ] as const) {
    made.write(`${name}.pem`, certificatePem(chain));
    made.write(`${name}.key`, keyPem(key));
  }
  return made;
}

interface Server {
  readonly port: string;
  /** What it says of one connection after the other. */
  nextLine(): Promise<string>;
  /** Its exit status. */
  stop(signal: 'SIGINT' | 'SIGTERM'): Promise<number | null>;
}

async function serve(context: TestContext, { directory }: Room, ...args: readonly string[]): Promise<Server> {
  const credentials = ['--cert', 'site.pem', '--key', 'site.key'];
  const child: ChildProcess = spawn(process.execPath, [MAIN, 'tls', 'serve', '--port', '0', ...credentials, ...args], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout ?? assert.fail() })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => (await lines.next()).value ?? '';
  const [, port] = /^TLS 1\.3 on 127\.0\.0\.1:(\d+)$/.exec(await nextLine()) ?? assert.fail('it says where it listens');
  return {
    port: port ?? '',
    nextLine,
    stop: async (signal) => {
      const ended = once(child, 'exit');
      child.kill(signal);
      const [status] = await ended;
      return status;
    },
  };
}

const REQUEST = 'GET / HTTP/1.0\r\n\r\n';

test('a client and a server of ours meet on real sockets, and the page says what they agreed on', async (context) => {
  const { netariumReading, directory, ...rest } = certifiedRoom(context);
  const server = await serve(
    context,
    { netariumReading, directory, ...rest },
    '--alpn',
    'h2,http/1.1',
    '--keylog',
    'keys',
  );
  const ended = await netariumReading(
    REQUEST,
    ...['tls', 'connect', `127.0.0.1:${server.port}`, '--ca', 'ca.pem', '--servername', 'localhost'],
    ...['--alpn', 'http/1.1', '--groups', 'X25519MLKEM768', '--suites', 'TLS_CHACHA20_POLY1305_SHA256'],
    ...['--keylog', 'keys.client'],
  );
  const agreed = 'TLS_CHACHA20_POLY1305_SHA256 X25519MLKEM768 localhost http/1.1';
  assert.equal(ended.status, 0);
  assert.match(ended.stdout, /^HTTP\/1\.0 200 OK\r\n/);
  assert.ok(ended.stdout.endsWith(`\r\n\r\n${agreed}\n`));
  assert.equal(ended.stderr, `${agreed} ecdsa_secp256r1_sha256 peer "localhost"\n`);
  assert.equal(await server.nextLine(), `1 ${agreed}`);
  const [ours, theirs] = ['keys', 'keys.client'].map((name) => readFileSync(join(directory, name), 'utf8'));
  assert.equal(ours, theirs);
  assert.equal(ours?.trimEnd().split('\n').length, 5);
  assert.equal(statSync(join(directory, 'keys')).mode & 0o777, 0o600);
  assert.equal(await server.stop('SIGTERM'), 0);
});

test('a session goes into a file and out again, with early data, which a server takes only if it is told to', async (context) => {
  const made = certifiedRoom(context);
  const { netarium, netariumReading, directory, write } = made;
  write('early', REQUEST);
  const generous = await serve(context, made, '--early-data', '1000');
  const target = `localhost:${generous.port}`;
  const first = await netariumReading(REQUEST, 'tls', 'connect', target, '--ca', 'ca.pem', '--session-out', 'session');
  assert.equal(first.status, 0);
  assert.equal(statSync(join(directory, 'session')).mode & 0o777, 0o600);
  const resuming = ['--ca', 'ca.pem', '--session-in', 'session', '--early-data', 'early'];
  const second = await netarium('tls', 'connect', target, ...resuming);
  assert.match(second.stderr, /localhost resumed early data accepted/);
  assert.match(second.stdout, /\r\n\r\nearly data\n$/);
  assert.equal(second.status, 0);

  // Another server cannot read the ticket: what was sent early is sent again.
  const other = await serve(context, made, '--echo');
  const third = await netarium('tls', 'connect', `localhost:${other.port}`, ...resuming);
  assert.match(third.stderr, /early data rejected/);
  assert.match(third.stderr, /it is sent again/);
  assert.equal(third.stdout, REQUEST);

  write('early', 'x'.repeat(1001));
  const long = await netarium('tls', 'connect', target, ...resuming);
  assert.equal(long.status, 2);
  assert.match(long.stderr, /permits 1000 bytes of early data, not 1001/);
  write('session', '{"schema":"netarium.tls-session/1"}');
  assert.equal((await netarium('tls', 'connect', target, ...resuming)).status, 3);
  assert.equal(await generous.stop('SIGINT'), 130);
});

test('clients must show a certificate that the server believes, unless it may be missing', async (context) => {
  const made = certifiedRoom(context);
  const strict = await serve(context, made, '--client-ca', 'ca.pem');
  const known = ['--ca', 'ca.pem', '--cert', 'visitor.pem', '--key', 'visitor.key'];
  const shown = await made.netariumReading(REQUEST, 'tls', 'connect', `localhost:${strict.port}`, ...known);
  assert.match(shown.stdout, /peer "alice"\n$/);
  const missing = await made.netariumReading(REQUEST, 'tls', 'connect', `localhost:${strict.port}`, '--ca', 'ca.pem');
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /peer-alert: certificate_required/);
  assert.match(await strict.nextLine(), /^1 .* peer "alice"$/);
  assert.equal(await strict.nextLine(), '2 failed: certificate-required: the client shows none');

  const lenient = await serve(context, made, '--client-ca', 'ca.pem', '--client-optional');
  const nobody = await made.netariumReading(REQUEST, 'tls', 'connect', `localhost:${lenient.port}`, '--ca', 'ca.pem');
  assert.equal(nobody.status, 0);
});

test('a server that is not believed is left, and the reason is told; --insecure believes it', async (context) => {
  const made = certifiedRoom(context);
  const server = await serve(context, made, '--echo');
  const target = `localhost:${server.port}`;
  const refused = await made.netariumReading('hello', 'tls', 'connect', target, '--ca', 'visitor.pem');
  assert.deepEqual([refused.status, refused.stdout], [1, '']);
  assert.match(refused.stderr, /certificate-refused: .*Root.*OpenSSL 21/);
  const named = await made.netariumReading('', 'tls', 'connect', target, '--ca', 'ca.pem', '--servername', 'bar.test');
  assert.match(named.stderr, /bar\.test is not among DNS:localhost/);
  const believed = await made.netariumReading('hello', 'tls', 'connect', target, '--insecure');
  assert.deepEqual([believed.status, believed.stdout], [0, 'hello']);
});

test('what is no TLS, or ends in the middle, ends its own connection and no other', async (context) => {
  const made = certifiedRoom(context);
  const server = await serve(context, made, '--echo');
  const port = Number(server.port);
  const idle = connect(port, '127.0.0.1');
  context.after(() => idle.destroy());
  for (const [sent, told] of [
    ['GET / HTTP/1.0\r\n\r\n', /failed: bad-record/],
    [Uint8Array.of(22, 3, 1, 255, 255), /failed: record-too-long/],
    [Uint8Array.of(22, 3, 1, 0, 4, 1, 0, 0), /failed: truncated: in state WaitClientHello/],
    ['', /failed: truncated/],
  ] as const) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined).resume();
    socket.end(sent);
    assert.match(await server.nextLine(), told);
  }
  const large = 'abcdefgh'.repeat(100_000);
  const ended = await made.netariumReading(large, 'tls', 'connect', `localhost:${server.port}`, '--ca', 'ca.pem');
  assert.equal(ended.stdout, large);
});

test('wrong arguments are refused with a sentence', async (context) => {
  const made = certifiedRoom(context);
  made.write('no.pem', 'nothing');
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['serve'], 2, /On which port\?/],
    [['serve', '--port', '0'], 2, /Which certificate\?/],
    [['serve', '--port', '0', '--ca', 'ca.pem'], 2, /tls serve has no --ca\./],
    [['serve', '--port', '0', '--cert', 'site.pem'], 2, /--cert needs --key/],
    [['serve', '--port', '0', '--cert', 'site.pem', '--key', 'visitor.key'], 3, /not of the key in visitor\.key/],
    [['serve', '--port', '0', '--cert', 'site.key', '--key', 'site.key'], 3, /there is no certificate in it/],
    [['serve', '--port', '0', '--groups', 'P-521'], 2, /There is no group "P-521"/],
    [['connect'], 2, /Connect to whom\?/],
    [['connect', 'localhost:1'], 2, /Whom to trust\?/],
    [['connect', 'localhost:1', '--ca', 'ca.pem', '--insecure'], 2, /that all are/],
    [['connect', 'localhost:1', '--ca', 'ca.pem', '--early-data', 'no.pem'], 2, /needs --session-in/],
    [['connect', 'localhost:1', '--ca', 'ca.pem'], 3, /nobody listens there/],
    [['listen'], 2, /There is no action of tls "listen"/],
  ];
  for (const [args, status, told] of cases) {
    const ended = await made.netarium('tls', ...args);
    assert.deepEqual([ended.status, ended.stdout], [status, ''], args.join(' '));
    assert.match(ended.stderr, told);
  }
});
