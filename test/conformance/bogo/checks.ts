// What the runner wants a shim to have seen once a handshake is done. Not here: what it wants sent (exchange.ts).

import assert from 'node:assert/strict';
import { hexOf } from '../../../src/core/bytes.ts';
import type { Certificate } from '../../../src/secure/pki/certificate.ts';
import { cipherSuiteNamed } from '../../../src/secure/tls/cipher_suite.ts';
import type { TlsFacts } from '../../../src/secure/tls/connection.ts';
import { TLS_1_3 } from '../../../src/secure/tls/handshake_message.ts';
import { groupCode } from '../../../src/secure/tls/named_group.ts';
import type { ResumableSession } from '../../../src/secure/tls/session.ts';
import { schemeCode } from '../../../src/secure/tls/signature_scheme.ts';
import type { Flags } from './flags.ts';
import { certificatesIn } from './settings.ts';

/** @throws AssertionError */
export function checkFacts(facts: TlsFacts, flags: Flags, isResumption: boolean): void {
  const expected = (name: string): number | undefined => flags.number(name);
  const suite = cipherSuiteNamed(facts.cipherSuite).code;
  const scheme = facts.peerSignatureScheme;
  checkNumber('version', TLS_1_3, expected('expect-version'));
  checkNumber('cipher suite', suite, expected('expect-cipher'));
  checkNumber('cipher suite', suite, expected('expect-cipher-aes'));
  checkNumber('group', groupCode(facts.group), expected('expect-curve-id'));
  // Who resumes signs nothing.
  const isSigned = !facts.isResumed && flags.has('expect-peer-signature-algorithm');
  if (isSigned) checkNumber('scheme', scheme && schemeCode(scheme), expected('expect-peer-signature-algorithm'));
  checkNumber('renegotiations', 0, expected('expect-total-renegotiations'));
  assert.equal(facts.isResumed, isResumption && !flags.has('expect-session-miss'), 'resumed');
  if (flags.has('expect-server-name')) assert.equal(facts.serverName, flags.text('expect-server-name'), 'server name');
  const protocol = flags.has('server') ? flags.text('select-alpn') : flags.text('expect-alpn');
  assert.equal(facts.alpn, protocol === '' ? undefined : protocol, 'application protocol');
  if (flags.has('expect-hrr')) assert.equal(facts.isRetried, true, 'retried');
  if (flags.has('expect-no-hrr')) assert.equal(facts.isRetried, false, 'retried');
  checkEarlyData(facts, flags, isResumption);
  checkCertificates(facts.peerCertificates, flags);
}

function checkNumber(what: string, actual: number | undefined, expected: number | undefined): void {
  if (expected !== undefined) assert.equal(actual, expected, what);
}

function checkEarlyData({ earlyData }: TlsFacts, flags: Flags, isResumption: boolean): void {
  if (flags.has('expect-accept-early-data')) assert.equal(earlyData, 'accepted', 'early data');
  if (flags.has('expect-reject-early-data')) assert.notEqual(earlyData, 'accepted', 'early data');
  if (isResumption && flags.has('expect-no-offer-early-data')) assert.equal(earlyData, 'not-offered', 'early data');
}

function checkCertificates(shown: readonly Certificate[], flags: Flags): void {
  const file = flags.text('expect-peer-cert-file');
  const textOf = (certificates: readonly Certificate[]): readonly string[] =>
    certificates.map(({ bytes }) => hexOf(bytes));
  if (file !== undefined) assert.deepEqual(textOf(shown), textOf(certificatesIn(file)), 'certificates');
  const isShown = !flags.has('server') || flags.has('require-any-client-certificate');
  if (flags.has('expect-no-peer-cert')) assert.equal(shown.length, 0, 'certificates');
  else if (isShown) assert.notEqual(shown.length, 0, 'certificates');
}

/** Of a client, at its end. @throws AssertionError */
export function checkSession(session: ResumableSession | undefined, flags: Flags): void {
  const isExpected = !flags.has('expect-no-session') && !flags.has('shim-shuts-down');
  assert.equal(session !== undefined, isExpected, 'a session');
  if (session === undefined) return;
  assert.equal(session.maxEarlyData > 0, flags.has('expect-ticket-supports-early-data'), 'early data of a session');
}
