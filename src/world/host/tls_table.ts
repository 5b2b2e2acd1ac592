// The TLS connections of one machine as its tables show them, the latest ones that are over included; and the certificates that
// it holds, believes, or was shown. Each change goes to the journal. Not here: the connections.

import { type Journal, type JournalChange, type JournalEntry, JournalTable } from '../../core/journal.ts';
import type { Instant } from '../../core/time.ts';
import { type Certificate, formatSerialNumber } from '../../secure/pki/certificate.ts';
import { formatTime } from '../../secure/pki/der_time.ts';
import { shortName } from '../../secure/pki/distinguished_name.ts';
import { namesText } from '../../secure/pki/host_name.ts';
import type { TlsConnection, TlsEvent, TlsRole } from '../../secure/tls/connection.ts';
import { formatFailure } from '../../secure/tls/failure.ts';
import { formatEndpoint } from '../../stack/transport/socket_table.ts';
import type { Endpoint } from '../app/program.ts';

/** At the bound the oldest that is over goes; if none is, the oldest. */
const MAX_CONNECTIONS = 256;
/** At the bound the one that was seen first goes. */
const MAX_SEEN = 256;

export interface TlsRow {
  readonly role: TlsRole;
  /** What it waits for, `Connected`... */
  readonly state: string;
  readonly local: string;
  readonly peer: string;
  /** What the client asked for. */
  readonly name: string | null;
  readonly version: string | null;
  readonly suite: string | null;
  readonly group: string | null;
  readonly alpn: string | null;
  readonly resumed: boolean | null;
  readonly earlyData: string | null;
  readonly failure: string | null;
}

/** Why a machine has a certificate: it holds the key, believes it, or was shown it. */
export type CertificateUse = 'authority' | 'own' | 'trusted' | 'shown';

export interface CertificateRow {
  readonly use: CertificateUse;
  readonly subject: string;
  readonly issuer: string;
  readonly names: string;
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** Of one that was shown: `valid`, or the rule that it broke. */
  readonly verdict: string | null;
}

/** What a machine's tables need of it. */
export interface TlsTableHost {
  readonly now: Instant;
  readonly hostName: string;
  readonly journal: Journal | undefined;
}

interface Entry {
  readonly ends: Pick<TlsRow, 'role' | 'local' | 'peer' | 'name'>;
  /** Until it is over. */
  connection: TlsConnection | undefined;
  row: TlsRow;
}

export class TlsTable {
  private readonly host: TlsTableHost;
  private readonly entries: Entry[] = [];
  private readonly certificates: CertificateRow[] = [];

  constructor(host: TlsTableHost) {
    this.host = host;
  }

  /** The oldest first. */
  list(): readonly TlsRow[] {
    return this.entries.map(({ ends, connection, row }) => (connection === undefined ? row : rowOf(ends, connection)));
  }

  listCertificates(): readonly CertificateRow[] {
    return this.certificates;
  }

  /** A connection has begun: whoever is returned is told of what happens to it. */
  add(
    connection: TlsConnection,
    local: Endpoint | undefined,
    peer: Endpoint | undefined,
    name: string | undefined,
  ): TlsEntry {
    if (this.entries.length >= MAX_CONNECTIONS) {
      const over = this.entries.findIndex((each) => each.connection === undefined);
      this.entries.splice(Math.max(over, 0), 1);
    }
    const ends = { role: connection.role, local: endText(local), peer: endText(peer), name: name ?? null };
    const entry: Entry = { ends, connection, row: rowOf(ends, connection) };
    this.entries.push(entry);
    this.record(entry, 'added', connection.role === 'client' ? 'connects' : 'accepted a connection');
    return {
      told: (event) => this.told(entry, event),
      closed: () => this.closed(entry),
    };
  }

  /** @param cause `issued by demo-ca`, `the scenario trusts it` */
  addCertificate(use: CertificateUse, certificate: Certificate, cause: string, verdict: string | null = null): void {
    const row: CertificateRow = {
      use,
      subject: shortName(certificate.subject),
      issuer: shortName(certificate.issuer),
      names: certificate.subjectAltName === undefined ? '' : namesText(certificate),
      serial: formatSerialNumber(certificate),
      notBefore: formatTime(certificate.validity.notBefore),
      notAfter: formatTime(certificate.validity.notAfter),
      verdict,
    };
    const isSame = (each: CertificateRow): boolean =>
      each.use === use && each.verdict === verdict && each.serial === row.serial && each.issuer === row.issuer;
    if (this.certificates.some(isSame)) return;
    const isSeen = (each: CertificateRow): boolean => each.use === 'shown';
    if (use === 'shown' && this.certificates.filter(isSeen).length >= MAX_SEEN) {
      this.certificates.splice(this.certificates.findIndex(isSeen), 1);
    }
    this.certificates.push(row);
    const { journal, hostName, now } = this.host;
    if (journal?.watches(JournalTable.Certificate) !== true) return;
    const key = `${use} ${row.subject}`;
    const told = { ...row, verdict: verdict ?? '' };
    journal.record({
      table: JournalTable.Certificate,
      time: now,
      host: hostName,
      change: 'added',
      key,
      cause,
      row: told,
    });
  }

  private told(entry: Entry, event: TlsEvent): void {
    const cause = causeOf(event);
    if (cause !== undefined) this.record(entry, 'changed', cause, event.kind === 'message' ? event.state : undefined);
    if (event.kind === 'connected' && !event.facts.isResumed) {
      const [shown] = event.facts.peerCertificates;
      const verdict = event.facts.path === undefined ? 'not asked' : 'valid';
      if (shown !== undefined) this.addCertificate('shown', shown, `shown by ${entry.ends.peer}`, verdict);
    }
    if (event.kind === 'failed' && event.failure.path !== undefined) {
      const { certificate, rule } = event.failure.path;
      this.addCertificate('shown', certificate, `shown by ${entry.ends.peer}`, rule);
    }
  }

  private closed(entry: Entry): void {
    const { connection } = entry;
    if (connection === undefined) return;
    entry.row = rowOf(entry.ends, connection);
    if (entry.row.state !== 'Failed') entry.row = { ...entry.row, state: 'Closed' };
    entry.connection = undefined;
    this.record(entry, 'removed', 'closed by the program');
  }

  // @param state after this change, where others have happened since
  private record({ ends, connection, row: last }: Entry, change: JournalChange, cause: string, state?: string): void {
    const { journal, hostName, now } = this.host;
    if (journal?.watches(JournalTable.Tls) !== true) return;
    const present = connection === undefined ? last : rowOf(ends, connection);
    const row = state === undefined ? present : { ...present, state };
    const key = `${row.role} ${row.local} ${row.peer}`;
    journal.record({ table: JournalTable.Tls, time: now, host: hostName, change, key, cause, row: withoutNull(row) });
  }
}

/** A connection in the table. */
export interface TlsEntry {
  told(event: TlsEvent): void;
  closed(): void;
}

function rowOf(ends: Entry['ends'], { state, facts, failure }: TlsConnection): TlsRow {
  return {
    ...ends,
    state,
    name: facts?.serverName ?? ends.name,
    version: facts?.version ?? null,
    suite: facts?.cipherSuite ?? null,
    group: facts?.group ?? null,
    alpn: facts?.alpn ?? null,
    resumed: facts?.isResumed ?? null,
    earlyData: facts === undefined || facts.earlyData === 'not-offered' ? null : facts.earlyData,
    failure: failure === undefined ? null : formatFailure(failure),
  };
}

function causeOf(event: TlsEvent): string | undefined {
  switch (event.kind) {
    case 'message':
      return `${event.direction} ${event.name}`;
    case 'connected':
      return event.facts.isResumed ? 'the handshake is done, and went on from an earlier one' : 'the handshake is done';
    case 'early-data':
      return 'takes early data';
    case 'keys-updated':
      return event.by === 'self' ? 'sends with new keys' : 'the peer sends with new keys';
    case 'end':
      return 'the peer sends no more';
    case 'failed':
      return formatFailure(event.failure);
    default: // secrets and tickets change nothing that the table shows
      return undefined;
  }
}

const endText = (end: Endpoint | undefined): string => (end === undefined ? '' : formatEndpoint(end.address, end.port));

const withoutNull = (row: TlsRow): JournalEntry['row'] =>
  Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value ?? '']));
