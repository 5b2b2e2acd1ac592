// A message's block of extensions (RFC 8446 §4.2): each once, and only where it may stand. Not here: what is in each
// (extension_fields.ts).

import type { FieldReader } from './field_reader.ts';
import { ExtensionType } from './handshake_message.ts';
import { extensionName } from './names.ts';

/** Messages that carry extensions. */
export type ExtensionPlace =
  | 'client-hello'
  | 'server-hello'
  | 'hello-retry-request'
  | 'encrypted-extensions'
  | 'certificate-request'
  | 'certificate'
  | 'new-session-ticket';

// RFC 8446 §4.2: the table of what may stand where. All that is known here may stand in a ClientHello.
const PLACES: ReadonlyMap<number, readonly ExtensionPlace[]> = new Map<number, readonly ExtensionPlace[]>([
  [ExtensionType.ServerName, ['encrypted-extensions']],
  [ExtensionType.StatusRequest, ['certificate-request', 'certificate']],
  [ExtensionType.SupportedGroups, ['encrypted-extensions']],
  [ExtensionType.SignatureAlgorithms, ['certificate-request']],
  [ExtensionType.ApplicationLayerProtocolNegotiation, ['encrypted-extensions']],
  [ExtensionType.SignedCertificateTimestamp, ['certificate-request', 'certificate']],
  [ExtensionType.Padding, []],
  [ExtensionType.PreSharedKey, ['server-hello']],
  [ExtensionType.EarlyData, ['encrypted-extensions', 'new-session-ticket']],
  [ExtensionType.SupportedVersions, ['server-hello', 'hello-retry-request']],
  [ExtensionType.Cookie, ['hello-retry-request']],
  [ExtensionType.PskKeyExchangeModes, []],
  [ExtensionType.CertificateAuthorities, ['certificate-request']],
  [ExtensionType.PostHandshakeAuth, []],
  [ExtensionType.SignatureAlgorithmsCert, ['certificate-request']],
  [ExtensionType.KeyShare, ['server-hello', 'hello-retry-request']],
]);

/** Whether an extension may stand there; one that is not known here may stand anywhere. */
export const mayStandIn = (place: ExtensionPlace, type: number): boolean =>
  place === 'client-hello' || PLACES.get(type)?.includes(place) !== false;

/**
 * Reads the block, its length included, and returns the types in their order.
 *
 * @param read reads what is in one extension, all of it; called for known and unknown ones, where they may stand
 */
export function readExtensions(
  reader: FieldReader,
  place: ExtensionPlace,
  read: (type: number, data: FieldReader, isLast: boolean) => void,
): readonly number[] {
  const block = reader.vector16('extensions', 0);
  const types = new Set<number>();
  let misplaced: number | undefined;
  while (!block.isAtEnd) {
    const type = block.uint16('extension type', extensionName);
    const data = block.vector16(extensionName(type), 0);
    if (types.has(type)) block.fail('repeated-extension', extensionName(type));
    types.add(type);
    if (mayStandIn(place, type)) read(type, data, block.isAtEnd);
    else {
      misplaced ??= type;
      data.skipRest('contents');
    }
    data.finish(extensionName(type));
  }
  // A server that speaks TLS 1.2 alone answers some in its ServerHello: it is told that there is no common version instead.
  const isOld = place === 'server-hello' && !types.has(ExtensionType.SupportedVersions);
  if (misplaced !== undefined && !isOld) reader.fail('misplaced-extension', `${extensionName(misplaced)} in ${place}`);
  return [...types];
}
