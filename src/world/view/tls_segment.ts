// What TLS has in a segment. Here: as far as the segment shows it by itself. Not here: what came before and comes after, which
// changes the answer (tls_streams.ts).

import { type ObservedRecord, TlsEavesdropper } from '../../secure/tls/eavesdropper.ts';
import { ContentType } from '../../secure/tls/record.ts';

export interface TlsSegment {
  /** Bytes of the stream before the segment's. */
  readonly offset: number;
  /** The records that end in it, in order; those too whose other bytes came late. */
  readonly records: readonly ObservedRecord[];
}

/** Records that begin with the segment, up to its end or to something else; undefined if there is none. */
export function tlsIn(payload: Uint8Array): TlsSegment | undefined {
  const [type = 0, major, minor = 0xff] = payload;
  const isLikely =
    type >= ContentType.ChangeCipherSpec && type <= ContentType.ApplicationData && major === 3 && minor <= 4;
  if (!isLikely) return undefined;
  // From whom matters to who has secrets alone.
  const { records } = new TlsEavesdropper().receive('client', payload);
  return records.length === 0 ? undefined : { offset: 0, records };
}
