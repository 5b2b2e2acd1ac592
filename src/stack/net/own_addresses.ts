// Which addresses are a machine's own, and which mean everyone on one of its networks. They come before any route.

import { arrayOf, countOf, itemAt, type OneOrMany } from '../../core/one_or_many.ts';
import { findWord, type SortedWords, sortedWords } from '../../core/sorted_words.ts';
import { BROADCAST_IPV4, broadcastOf, type IpAddress, type Ipv4Address, isLoopbackIpv4 } from '../../wire/address.ts';
import { type AddressKind, hasBroadcast, type NetworkInterface } from './network_interface.ts';

/** Up to so many interfaces, asking each is faster than an index. */
const MAX_SCANNED = 4;

/** What is looked up where there are many interfaces; nothing where there are few. */
export interface AddressIndex {
  readonly own: SortedWords;
  readonly broadcasts: SortedWords;
  /** The machine's own of another family. */
  readonly others: ReadonlySet<IpAddress>;
}

/** To be made again whenever an interface or an address comes or goes. */
export function indexAddresses(interfaces: OneOrMany<NetworkInterface>): AddressIndex | undefined {
  if (countOf(interfaces) <= MAX_SCANNED) return undefined;
  const own: Ipv4Address[] = [];
  const broadcasts: Ipv4Address[] = [];
  const others = new Set<IpAddress>();
  for (const { addresses } of arrayOf(interfaces)) {
    for (const { address, prefixLength } of addresses) {
      if (typeof address !== 'number') others.add(address);
      else {
        own.push(address);
        if (hasBroadcast(prefixLength)) broadcasts.push(broadcastOf(address, prefixLength));
      }
    }
  }
  return { own: sortedWords(own), broadcasts: sortedWords(broadcasts), others };
}

/** What `address` is to a machine with these interfaces. */
export function kindOf(
  interfaces: OneOrMany<NetworkInterface>,
  index: AddressIndex | undefined,
  address: IpAddress,
): AddressKind {
  if (address === BROADCAST_IPV4) return 'broadcast';
  if (typeof address === 'number' && isLoopbackIpv4(address)) return 'own';
  if (index !== undefined) return kindIn(index, address);
  let kind: AddressKind = 'other';
  for (let i = 0, each = itemAt(interfaces, 0); each !== undefined; each = itemAt(interfaces, ++i)) {
    const found = each.kindOf(address);
    if (found === 'own') return 'own';
    if (found === 'broadcast') kind = found;
  }
  return kind;
}

function kindIn({ own, broadcasts, others }: AddressIndex, address: IpAddress): AddressKind {
  if (typeof address !== 'number') return others.has(address) ? 'own' : 'other';
  if (findWord(own, address) >= 0) return 'own';
  return findWord(broadcasts, address) >= 0 ? 'broadcast' : 'other';
}
