// Our TLS on real sockets, judged by other programs: they are its clients, and its servers.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, type TestContext, test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { EXAMPLE_RSA_2048 } from '../../src/secure/crypto/example_rsa_keys.ts';
import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import { CertificateAuthority } from '../../src/secure/pki/authority.ts';
import { dnsAltName } from '../../src/secure/pki/general_name.ts';
import { emitPem } from '../../src/secure/pki/pem.ts';
import {
  emitPrivateKey,
  generateKey,
  importPrivateKey,
  type PrivateKey,
  publicKeyInfoOf,
} from '../../src/secure/pki/private_key.ts';
import { CIPHER_SUITES } from '../../src/secure/tls/cipher_suite.ts';
import { type Ended, isInstalled, type Line, type Listening, listening, netarium, run, serve } from './tls_programs.ts';

const { CI } = process.env;
/** In CI a judge that is missing is a failure. */
const skipWithout = (program: string, ...args: readonly string[]): string | false =>
  CI === 'true' || isInstalled(program, ...args)
    ? false
    : `${program} is not installed: scripts/install-interop-tools.sh installs it`;
const noOpenssl = skipWithout('openssl', 'version');
const noCurl = skipWithout('curl', '--version');
const noGnutls = skipWithout('gnutls-cli', '--version');

/** The clocks of these programs are real ones. */
const LASTING = { notBefore: 1_700_000_000, lifetime: 86_400 * 36_500 };
const random = (label: string): Random => Random.fromSeed(1).fork(label);
const root = CertificateAuthority.root(nodeCrypto, random('root'), { name: 'Root', ...LASTING });
const ca = root.intermediate(random('CA'), { name: 'CA', ...LASTING });

const KEYS: Readonly<Record<string, PrivateKey>> = {
  'P-256': generateKey(nodeCrypto, 'P-256', random('P-256')),
  'P-384': generateKey(nodeCrypto, 'P-384', random('P-384')),
  Ed25519: generateKey(nodeCrypto, 'Ed25519', random('Ed25519')),
  RSA: importPrivateKey(nodeCrypto, { kind: 'rsa', numbers: EXAMPLE_RSA_2048 }) ?? assert.fail(),
};

const directory = mkdtempSync(join(tmpdir(), 'netarium-tls-'));
after(() => rmSync(directory, { recursive: true }));
const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);
const pem = (bytes: Uint8Array): string => emitPem({ label: 'CERTIFICATE', bytes });
write('ca.pem', pem(root.certificate.bytes));
for (const [name, key] of Object.entries(KEYS)) {
  const leaf = ca.issue([dnsAltName('localhost')], publicKeyInfoOf(key), LASTING);
  write(`${name}.pem`, pem(leaf.bytes) + pem(ca.certificate.bytes));
  write(`${name}.key`, emitPem({ label: 'PRIVATE KEY', bytes: emitPrivateKey(key) }));
}

const identity = (name: string): string[] => ['--cert', `${name}.pem`, '--key', `${name}.key`];

async function served(context: TestContext, ...args: readonly string[]): Promise<Listening> {
  const server = await serve(directory, ...args);
  context.after(() => server.stop());
  return server;
}

/** One that nobody listens on: other programs do not choose by themselves. */
async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return String(typeof address === 'object' ? address?.port : 0);
}

const REQUEST = 'GET / HTTP/1.0\r\n\r\n';
const OPENSSL_GROUPS = { X25519: 'X25519', 'P-256': 'P-256', 'P-384': 'P-384' } as const;

suite('openssl s_client with our server', { skip: noOpenssl }, () => {
  const ask = (port: string, input: string, ...args: readonly string[]): Promise<Ended> => {
    const trusting = ['-CAfile', 'ca.pem', '-verify_return_error', '-verify_hostname', 'localhost'];
    const named = ['-connect', `127.0.0.1:${port}`, '-servername', 'localhost', '-tls1_3', '-ign_eof'];
    return run(directory, input, 'openssl', 's_client', ...named, ...trusting, ...args);
  };

  test('every suite, group and kind of key', async (context) => {
    for (const name of Object.keys(KEYS)) {
      const { port } = await served(context, ...identity(name));
      const { stdout } = await ask(port, REQUEST);
      assert.match(stdout, /Verify return code: 0 \(ok\)/, name);
      assert.match(stdout, /\r?\nTLS_AES_128_GCM_SHA256 X25519 localhost\n/, name);
    }
    const { port } = await served(context, ...identity('P-256'));
    for (const { name } of CIPHER_SUITES) {
      assert.match(
        (await ask(port, REQUEST, '-ciphersuites', name)).stdout,
        new RegExp(`\n${name} X25519 localhost\n`),
      );
    }
    for (const [ours, theirs] of Object.entries(OPENSSL_GROUPS)) {
      const { stdout } = await ask(port, REQUEST, '-groups', theirs);
      assert.match(stdout, new RegExp(` ${ours} localhost\n`));
    }
  });

  test('a group that has to be asked for, and a protocol', async (context) => {
    const { port } = await served(context, ...identity('P-256'), '--groups', 'P-384', '--alpn', 'h2,http/1.1');
    const { stdout } = await ask(port, REQUEST, '-groups', 'X25519:P-384', '-alpn', 'http/1.1,foo');
    assert.match(stdout, / P-384 localhost http\/1\.1 retried\n/);
    assert.match(stdout, /ALPN protocol: http\/1\.1/);
  });

  test('resumption, and early data', async (context) => {
    const { port } = await served(context, ...identity('P-256'), '--early-data', '1000');
    write('early', REQUEST);
    assert.equal((await ask(port, REQUEST, '-sess_out', 'openssl.session')).status, 0);
    const { stdout } = await ask(port, '', '-sess_in', 'openssl.session', '-early_data', 'early');
    assert.match(stdout, /Reused, TLSv1\.3/);
    assert.match(stdout, /Early data was accepted/);
    assert.match(stdout, /\nearly data\n/);
  });

  test('client certificates', async (context) => {
    const { port } = await served(context, ...identity('P-256'), '--client-ca', 'ca.pem');
    for (const name of Object.keys(KEYS)) {
      const shown = ['-cert', `${name}.pem`, '-cert_chain', `${name}.pem`, '-key', `${name}.key`];
      assert.match((await ask(port, REQUEST, ...shown)).stdout, /localhost [a-z0-9_]+ peer "localhost"\n/, name);
    }
    assert.match((await ask(port, REQUEST)).stderr, /alert certificate required|certificate_required/i);
  });

  test('keys that the client changes, and a key log that both write', async (context) => {
    const { port } = await served(context, ...identity('P-256'), '--echo', '--keylog', 'ours.keys');
    // K: change the keys, and ask for the same.
    const lines: readonly Line[] = [
      [/Verify return code/, 'one\n'],
      [/^one$/m, 'K\n'],
      [/KEYUPDATE/, 'two\n'],
      [/^two$/m, 'Q\n'],
    ];
    const { stdout } = await run(
      directory,
      lines,
      'openssl',
      ...['s_client', '-connect', `127.0.0.1:${port}`, '-CAfile', 'ca.pem', '-keylogfile', 'theirs.keys'],
    );
    assert.match(stdout, /^one\ntwo$/m);
    const secrets = (file: string): readonly string[] =>
      readFileSync(join(directory, file), 'utf8')
        .toLowerCase()
        .split('\n')
        .filter((line) => /^[a-z]/.test(line))
        .sort();
    // openssl logs what each change of keys gave, too.
    const [ours, theirs] = [secrets('ours.keys'), secrets('theirs.keys')];
    assert.deepEqual(
      ours,
      theirs.filter((line) => ours.includes(line)),
    );
    assert.equal(ours.length, 5);
  });
});

suite('openssl s_server with our client', { skip: noOpenssl }, () => {
  async function opensslServer(context: TestContext, name: string, ...args: readonly string[]): Promise<string> {
    const port = await freePort();
    const own = ['-cert', `${name}.pem`, '-cert_chain', `${name}.pem`, '-key', `${name}.key`];
    const server = await listening(
      directory,
      /^ACCEPT/,
      port,
      'openssl',
      ...['s_server', '-accept', `127.0.0.1:${port}`, '-tls1_3', ...own, ...args],
    );
    context.after(() => server.stop());
    return port;
  }
  /** It sends each line back reversed. */
  const reversing = (context: TestContext, name: string, ...args: readonly string[]): Promise<string> =>
    opensslServer(context, name, '-rev', ...args);
  const reverse = (port: string, ...args: readonly string[]): Promise<Ended> =>
    netarium(directory, 'hello\n', 'connect', `localhost:${port}`, '--ca', 'ca.pem', ...args);

  test('every suite, group and kind of key', async (context) => {
    for (const name of Object.keys(KEYS)) {
      const port = await reversing(context, name);
      const ended = await reverse(port);
      assert.equal(ended.stdout, 'olleh\n', ended.stderr);
    }
    const port = await reversing(context, 'P-256');
    for (const { name } of CIPHER_SUITES)
      assert.match((await reverse(port, '--suites', name)).stderr, new RegExp(name));
    for (const group of Object.keys(OPENSSL_GROUPS)) {
      assert.match((await reverse(port, '--groups', group)).stderr, new RegExp(` ${group} `));
    }
  });

  test('a group that it asks for, a protocol, and a certificate that it asks for', async (context) => {
    const asking = ['-CAfile', 'ca.pem', '-Verify', '3', '-verify_return_error'];
    const port = await reversing(context, 'P-256', '-groups', 'P-384', '-alpn', 'foo,http/1.1', ...asking);
    const shown = await reverse(port, '--alpn', 'http/1.1', ...identity('RSA'));
    assert.equal(shown.stdout, 'olleh\n', shown.stderr);
    assert.match(shown.stderr, / P-384 localhost http\/1\.1 .*retried/);
    const missing = await reverse(port, '--alpn', 'http/1.1');
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /peer-alert: certificate_required/);
  });

  test('resumption, and early data', async (context) => {
    const port = await opensslServer(context, 'P-256', '-early_data', '-max_early_data', '1000');
    write('early', 'hello early');
    const talk = (...args: readonly string[]): Promise<Ended> =>
      netarium(directory, 'hello\n', 'connect', `localhost:${port}`, '--ca', 'ca.pem', ...args);
    const first = await talk('--session-out', 'ours.session');
    assert.equal(first.status, 0, first.stderr);
    const second = await talk('--session-in', 'ours.session', '--early-data', 'early');
    assert.match(second.stderr, / resumed early data accepted /);
    assert.equal(second.status, 0, second.stderr);
  });
});

suite('curl with our server', { skip: noCurl }, () => {
  const get = (port: string, ...args: readonly string[]): Promise<Ended> =>
    run(directory, '', 'curl', '-sS', '--tlsv1.3', ...args, `https://localhost:${port}/`);

  test('the page, by a name and a root that it checks', async (context) => {
    const { port } = await served(context, ...identity('P-256'), '--alpn', 'http/1.1');
    const { status, stdout, stderr } = await get(port, '--cacert', 'ca.pem');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^TLS_[A-Z0-9_]+ \S+ localhost http\/1\.1\n$/);
    const { status: refused } = await get(port);
    assert.equal(refused, 60);
  });

  test('a client certificate', async (context) => {
    const { port } = await served(context, ...identity('RSA'), '--client-ca', 'ca.pem');
    const { stdout, stderr } = await get(port, '--cacert', 'ca.pem', '--cert', 'P-256.pem', '--key', 'P-256.key');
    assert.match(stdout, /peer "localhost"\n$/, stderr);
  });
});

suite('gnutls-cli and gnutls-serv with ours', { skip: noGnutls }, () => {
  const PRIORITY = 'NORMAL:-VERS-ALL:+VERS-TLS1.3';

  test('the page, in every suite and group that it knows, and resumption', async (context) => {
    const { port } = await served(context, ...identity('P-256'));
    const ask = (priority: string, ...args: readonly string[]): Promise<Ended> => {
      const trusting = ['--x509cafile', 'ca.pem', '--priority', `${PRIORITY}${priority}`];
      return run(directory, REQUEST, 'gnutls-cli', ...trusting, '--port', port, ...args, 'localhost');
    };
    for (const group of ['X25519', 'SECP256R1', 'SECP384R1']) {
      const { stdout, stderr } = await ask(`:-GROUP-ALL:+GROUP-${group}`);
      assert.match(stdout, /\nTLS_[A-Z0-9_]+ \S+ localhost\n/, stderr + stdout);
    }
    for (const cipher of ['AES-128-GCM', 'AES-256-GCM', 'CHACHA20-POLY1305']) {
      const { stdout, stderr } = await ask(`:-CIPHER-ALL:+${cipher}`);
      assert.match(
        stdout,
        new RegExp(`\nTLS_${cipher.replaceAll('-', '_')}_SHA\\d+ \\S+ localhost\n`),
        stderr + stdout,
      );
    }
    const { stdout } = await ask('', '--resume', '--waitresumption');
    assert.match(stdout, / localhost resumed\n/);
  });

  test('its echo server answers our client, and resumes', async (context) => {
    const port = await freePort();
    const own = ['--x509certfile', 'P-256.pem', '--x509keyfile', 'P-256.key'];
    const server = await listening(
      directory,
      /listening on IPv4/,
      port,
      'gnutls-serv',
      ...['--echo', '--port', port, '--priority', PRIORITY, ...own],
    );
    context.after(() => server.stop());
    const target = ['connect', `127.0.0.1:${port}`, '--servername', 'localhost', '--ca', 'ca.pem'];
    const first = await netarium(directory, 'hello\n', ...target, '--session-out', 'gnutls.session');
    assert.equal(first.stdout, 'hello\n', first.stderr);
    const second = await netarium(directory, 'again\n', ...target, '--session-in', 'gnutls.session');
    assert.match(second.stderr, / resumed /);
    assert.equal(second.stdout, 'again\n');
  });
});
