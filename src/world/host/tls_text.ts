// The TLS tables of a machine as text.

import { formatColumns } from '../../core/columns.ts';
import type { CertificateRow, TlsRow } from './tls_table.ts';

const NONE = '-';

/** A header and one line a connection, the oldest first. */
export const formatTlsRows = (rows: readonly TlsRow[]): string =>
  formatColumns([
    ['role', 'state', 'local', 'peer', 'name', 'suite', 'group', 'resumed', 'failure'],
    ...rows.map(({ role, state, local, peer, name, suite, group, resumed, failure }) => [
      role,
      state,
      local,
      peer,
      name ?? NONE,
      suite ?? NONE,
      group ?? NONE,
      resumed === null ? NONE : resumed ? 'yes' : 'no',
      failure ?? '',
    ]),
  ]);

/** What it holds and believes, then what it was shown. */
export const formatCertificateRows = (rows: readonly CertificateRow[]): string =>
  formatColumns([
    ['use', 'subject', 'issuer', 'names', 'not before', 'not after', 'verdict'],
    ...rows.map(({ use, subject, issuer, names, notBefore, notAfter, verdict }) => [
      use,
      subject,
      issuer,
      names === '' ? NONE : names,
      notBefore,
      notAfter,
      verdict ?? '',
    ]),
  ]);
