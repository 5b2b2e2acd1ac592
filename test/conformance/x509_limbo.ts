// A case of x509-limbo, and what our path validation says to it. Not here: which answers are expected of which profile.

import assert from 'node:assert/strict';
import { nodeCrypto } from '../../src/secure/crypto/node.ts';
import { type Certificate, parseCertificate } from '../../src/secure/pki/certificate.ts';
import { isMalformed, type Malformed } from '../../src/secure/pki/der_reader.ts';
import { matchesName, type ReferenceName, referenceName } from '../../src/secure/pki/host_name.ts';
import { type ValidationOptions, validateCertificate } from '../../src/secure/pki/path_building.ts';
import type { PathRule } from '../../src/secure/pki/path_failure.ts';
import { parsePem } from '../../src/secure/pki/pem.ts';
import { parseRevocationList } from '../../src/secure/pki/revocation_list.ts';
import { TrustStore } from '../../src/secure/pki/trust_store.ts';
import { parseWallClock } from '../../src/world/sim/scenario/units.ts';

interface PeerName {
  readonly kind: 'DNS' | 'IP' | 'RFC822';
  readonly value: string;
}

export interface LimboCase {
  readonly id: string;
  readonly features: readonly string[];
  readonly validation_kind: 'SERVER' | 'CLIENT';
  readonly trusted_certs: readonly string[];
  readonly untrusted_intermediates: readonly string[];
  readonly peer_certificate: string;
  /** RFC 3339, or null: the present. */
  readonly validation_time: string | null;
  readonly expected_result: 'SUCCESS' | 'FAILURE';
  readonly expected_peer_name: PeerName | null;
  readonly expected_peer_names: readonly PeerName[];
  readonly max_chain_depth: number | null;
  readonly crls: readonly string[];
}

/** When the cases were made; all that say nothing about time are valid then. */
const PRESENT = 1_790_000_000;

export interface Verdict {
  readonly result: 'SUCCESS' | 'FAILURE';
  /** The rule behind a failure; `malformed`: the certificate was not even read. */
  readonly rule: PathRule | 'malformed' | '';
  readonly detail: string;
  readonly signatureChecks: number;
}

export function judge(each: LimboCase, rules: Rules = rulesOf(each.id)): Verdict {
  const leaf = parsed(each.peer_certificate, parseCertificate);
  if (isMalformed(leaf)) return refused('malformed', leaf.reason);
  const trusted = new TrustStore(nodeCrypto, readable(each.trusted_certs));
  const lists = each.crls.map((text) => parsed(text, parseRevocationList));
  const unreadable = lists.find(isMalformed);
  if (unreadable !== undefined) return refused('malformed', unreadable.reason);
  const names = each.expected_peer_names.map(nameOf);
  const result = validateCertificate(leaf, readable(each.untrusted_intermediates), trusted, {
    provider: nodeCrypto,
    now: each.validation_time === null ? PRESENT : timeOf(each.validation_time),
    ...rules,
    purpose: each.validation_kind === 'SERVER' ? 'serverAuth' : 'clientAuth',
    name: each.expected_peer_name === null ? undefined : nameOf(each.expected_peer_name),
    maxDepth: each.max_chain_depth ?? undefined,
    revocationLists: lists.length === 0 ? undefined : lists.filter(isReadable),
  });
  if (result.kind === 'refused') return refused(result.rule, result.detail);
  if (!names.every((name) => matchesName(leaf, name))) return refused('wrong-mailbox', 'one of several names');
  return { result: 'SUCCESS', rule: '', detail: '', signatureChecks: result.signatureChecks };
}

const refused = (rule: PathRule | 'malformed', detail: string): Verdict => {
  return { result: 'FAILURE', rule, detail, signatureChecks: 0 };
};

const parsed = <T>(pem: string, parse: (bytes: Uint8Array) => T | Malformed): T | Malformed => {
  const [block] = parsePem(pem) ?? [];
  return parse(block?.bytes ?? new Uint8Array(0));
};

const isReadable = <T extends object>(result: T | Malformed): result is T => !isMalformed(result);

/** Whoever cannot be read cannot have signed anything. */
const readable = (texts: readonly string[]): readonly Certificate[] =>
  texts.map((text) => parsed(text, parseCertificate)).filter(isReadable);

function nameOf({ kind, value }: PeerName): ReferenceName {
  return kind === 'RFC822' ? { kind: 'email', address: value } : referenceName(value);
}

function timeOf(text: string): number {
  const { seconds, nanoseconds } = parseWallClock(text.replace('+00:00', 'Z')) ?? assert.fail(text);
  return seconds + nanoseconds / 1e9;
}

/**
 * The group of a case says whose rules it is about: `webpki::san::...` is about browsers. The suite holds cases of the same
 * shape with opposite answers: an authority in a server's place (rfc5280, webpki), a common name that is none of the
 * alternative names (webpki::cn, webpki::san).
 */
export function rulesOf(id: string): Rules {
  // About work alone: without the profile's rules, which would end most of these before any work is done.
  if (id.startsWith('pathological::')) return { profile: 'path' };
  const profile = id.startsWith('webpki::') ? 'webpki' : 'rfc5280';
  return { profile, checksCommonName: id.startsWith('webpki::cn::') };
}

export type Rules = Pick<ValidationOptions, 'profile' | 'checksCommonName'>;
