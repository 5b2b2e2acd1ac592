// What a service over TLS shows, asks for and takes. Not here: what is served over it (read_services.ts).

import { type Duration, hours, seconds } from '../../../core/time.ts';
import { CIPHER_SUITES } from '../../../secure/tls/cipher_suite.ts';
import type { ClientCertificatePolicy } from '../../../secure/tls/config.ts';
import { GROUPS } from '../../../secure/tls/named_group.ts';
import { MAX_TICKET_LIFETIME } from '../../../secure/tls/session.ts';
import { knownName } from './read_networks.ts';
import type { Pki } from './read_pki.ts';
import {
  booleanOf,
  entriesOf,
  field,
  itemsOf,
  keySpan,
  type Maybe,
  numberOf,
  type Reading,
  textOf,
  wordOf,
} from './reading.ts';
import type { SourceNode } from './source_tree.ts';
import type { TlsServiceDefinition } from './types.ts';

const POLICIES: readonly ClientCertificatePolicy[] = ['not-asked', 'optional', 'required'];
const TICKET_LIFETIME = hours(2);

export function readTlsService(reading: Reading, pki: Pki, node: Maybe): TlsServiceDefinition {
  const certificates = new Map<string, string>();
  for (const [host, { value }] of entriesOf(field(node, 'hosts'))) {
    const name = knownName(reading, 'certificate', pki.leaves, field(value, 'cert'));
    if (name !== undefined) certificates.set(host.toLowerCase().replace(/\.$/, ''), name);
  }
  const alpn = itemsOf(field(node, 'alpn')).flatMap((entry) => textOf(entry) ?? []);
  const clientCertificates = wordOf(field(node, 'client-certificates'), POLICIES, 'not-asked');
  const clientTrust = itemsOf(field(node, 'client-trust'));
  if (node !== undefined) checkClientTrust(reading, node, clientCertificates, clientTrust.length > 0);
  const tickets = numberOf(field(node, 'tickets')) ?? 1;
  return {
    certificate: knownName(reading, 'certificate', pki.leaves, field(node, 'cert')) ?? '',
    certificates,
    alpn: alpn.length > 0 ? alpn : ['http/1.1'],
    cipherSuites: words(
      field(node, 'cipher-suites'),
      CIPHER_SUITES.map(({ name }) => name),
    ),
    groups: words(field(node, 'groups'), GROUPS),
    clientCertificates,
    clientTrust: clientTrust.flatMap((item) => knownName(reading, 'authority', pki.authorities, item) ?? []),
    tickets,
    ticketLifetime: readTicketLifetime(reading, field(node, 'ticket-lifetime')),
    maxEarlyData: readEarlyData(reading, node, tickets),
    hasReplayDefence: booleanOf(field(node, 'replay-defence')) ?? true,
  };
}

function words<Word extends string>(node: Maybe, known: readonly Word[]): readonly Word[] | undefined {
  if (node === undefined) return undefined;
  return itemsOf(node).flatMap((item) => known.find((word) => word === textOf(item)) ?? []);
}

// Whom nobody is trusted to vouch for cannot show anything; and who is not asked shows nothing.
function checkClientTrust(
  reading: Reading,
  node: SourceNode,
  policy: ClientCertificatePolicy,
  hasTrust: boolean,
): void {
  if (policy !== 'not-asked' && !hasTrust) {
    const message = 'no certificate of a client would be believed';
    reading.problem(keySpan(node, 'client-certificates'), 'missing-key', message, 'add client-trust: [AUTHORITY]');
  } else if (policy === 'not-asked' && hasTrust) {
    const message = 'clients are not asked for certificates';
    reading.problem(keySpan(node, 'client-trust'), 'bad-combination', message, 'add client-certificates: required');
  }
}

function readTicketLifetime(reading: Reading, node: Maybe): Duration {
  const lifetime = reading.duration(node, TICKET_LIFETIME);
  if (node !== undefined && (lifetime < seconds(1) || lifetime > seconds(MAX_TICKET_LIFETIME))) {
    const message = 'a ticket is good for 1s to 7d'; // RFC 8446 §4.6.1
    reading.problem(node.span, 'wrong-value', message);
  }
  return lifetime;
}

function readEarlyData(reading: Reading, node: Maybe, tickets: number): number {
  const written = field(node, 'max-early-data');
  const limit = reading.size(written, 0);
  if (written === undefined) return limit;
  if (limit > 0xffff_ffff) reading.problem(written.span, 'wrong-value', 'early data is less than 4GiB');
  else if (limit > 0 && tickets === 0 && node !== undefined) {
    const message = 'early data needs a ticket, and none is given out';
    reading.problem(keySpan(node, 'max-early-data'), 'bad-combination', message, 'leave tickets out');
  }
  return limit;
}
