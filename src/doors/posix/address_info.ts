// `getaddrinfo` and the older `gethostbyname`: from names to what `socket`, `bind` and `connect` take.
//
// Not here: who is asked for a name (machine.ts). IPv4 is all there is: AF_UNSPEC means it, and AF_INET6 is refused.

import { type Ipv4Address, parseIpv4Address, parseIpv6 } from '../../wire/address.ts';
import { SERVICE_PORTS } from '../../world/host/name_lookup.ts';
import { htonl } from './byte_order.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  AI_NUMERICHOST,
  AI_NUMERICSERV,
  AI_PASSIVE,
  INADDR_ANY,
  INADDR_LOOPBACK,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCK_DGRAM,
  SOCK_STREAM,
} from './constants.ts';
import { type Errno, PosixError } from './posix_error.ts';
import { fill, type in_addr, sockaddr_in } from './socket_address.ts';

/** One way to reach a name; the next one hangs on `ai_next`. */
export interface addrinfo {
  ai_flags: number;
  ai_family: number;
  ai_socktype: number;
  ai_protocol: number;
  ai_addr: sockaddr_in;
  ai_next: addrinfo | null;
}

/** What is wanted of a look-up: zeros mean "I don't care". */
export type AddressHints = Pick<addrinfo, 'ai_flags' | 'ai_family' | 'ai_socktype' | 'ai_protocol'>;

/** Fresh hints: all zeros, as after `memset`. */
export const addrinfo = (): AddressHints => ({ ai_flags: 0, ai_family: 0, ai_socktype: 0, ai_protocol: 0 });

export interface hostent {
  h_name: string;
  h_aliases: readonly string[];
  h_addrtype: number;
  h_length: number;
  h_addr_list: in_addr[];
}

/** @throws an error with code `EAI_AGAIN` where nobody answers */
export type LookUp = (name: string) => Promise<readonly Ipv4Address[]>;

const KNOWN_FLAGS = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
const PROTOCOLS = [
  [SOCK_STREAM, IPPROTO_TCP],
  [SOCK_DGRAM, IPPROTO_UDP],
] as const;

const freed = new WeakSet<object>();

export async function addressInfo(
  lookUp: LookUp,
  node: string | null,
  service: string | null,
  hints: Partial<AddressHints> | null = null,
): Promise<addrinfo> {
  if (node !== null && typeof node !== 'string') {
    throw new TypeError(`getaddrinfo takes a name as text, or null, not ${String(node)}`);
  }
  if (service !== null && typeof service !== 'string') {
    throw new TypeError(`getaddrinfo takes a service or port as text, or null, not ${String(service)}`);
  }
  if (typeof hints !== 'object')
    throw new TypeError('getaddrinfo takes hints of the form that addrinfo() has, or null');
  const { ai_flags = 0, ai_family = AF_UNSPEC, ai_socktype = 0, ai_protocol = 0 } = hints ?? {};
  if (node === null && service === null) throw failure('EAI_NONAME');
  if ((ai_flags & ~KNOWN_FLAGS) !== 0) throw failure('EAI_BADFLAGS');
  if (ai_family !== AF_UNSPEC && ai_family !== AF_INET) {
    throw failure(ai_family === AF_INET6 && node !== null ? 'EAI_ADDRFAMILY' : 'EAI_FAMILY');
  }
  const kinds = PROTOCOLS.filter(
    ([type, protocol]) =>
      (ai_socktype === 0 || ai_socktype === type) && (ai_protocol === 0 || ai_protocol === protocol),
  );
  if (kinds.length === 0) throw failure('EAI_SOCKTYPE');
  const port = portOf(service, ai_flags);
  const addresses = await addressesOf(lookUp, node, ai_flags);
  let first: addrinfo | null = null;
  const entries = addresses.flatMap((address) => kinds.map(([type, protocol]) => ({ address, type, protocol })));
  for (const { address, type, protocol } of entries.reverse()) {
    const ai_addr = sockaddr_in();
    fill(ai_addr, { address, port });
    first = { ai_flags, ai_family: AF_INET, ai_socktype: type, ai_protocol: protocol, ai_addr, ai_next: first };
  }
  if (first === null) throw failure('EAI_NONAME');
  return first;
}

/**
 * Gives a list back. C would hand its memory to somebody else; here whoever uses one of its addresses afterwards is told.
 *
 * @throws TypeError on a list that was given back before
 */
export function freeaddrinfo(list: addrinfo): void {
  for (let each: addrinfo | null = list; each !== null; each = each.ai_next) {
    if (freed.has(each)) throw new TypeError('freeaddrinfo takes a list once: this one was given back before');
    freed.add(each);
    freed.add(each.ai_addr);
  }
}

/** @throws TypeError on an address of a list that was given back */
export function checkNotFreed(addr: unknown, syscall: string): void {
  if (typeof addr !== 'object' || addr === null || !freed.has(addr)) return;
  throw new TypeError(`${syscall} was given an address out of a list that freeaddrinfo took back: free it later`);
}

export async function hostByName(lookUp: LookUp, name: string): Promise<hostent> {
  if (typeof name !== 'string') throw new TypeError(`gethostbyname takes a name as text, not ${String(name)}`);
  const numeric = parseIpv4Address(name);
  let addresses: readonly Ipv4Address[];
  try {
    addresses = numeric === undefined ? await lookUp(name) : [numeric];
  } catch (error) {
    if (codeOf(error) === 'EAI_AGAIN') throw new PosixError('TRY_AGAIN', 'gethostbyname');
    throw error;
  }
  if (addresses.length === 0) throw new PosixError('HOST_NOT_FOUND', 'gethostbyname');
  return {
    h_name: name,
    h_aliases: [],
    h_addrtype: AF_INET,
    h_length: 4,
    h_addr_list: addresses.map((address) => ({ s_addr: htonl(address >>> 0) })),
  };
}

function portOf(service: string | null, flags: number): number {
  if (service === null) return 0; // "choose a port number for me"
  if (/^\d+$/.test(service)) {
    const port = Number(service);
    if (port > 65_535) throw failure('EAI_SERVICE');
    return port;
  }
  const port = SERVICE_PORTS.get(service);
  if (flags & AI_NUMERICSERV) throw failure('EAI_NONAME');
  if (port === undefined) throw failure('EAI_SERVICE');
  return port;
}

async function addressesOf(lookUp: LookUp, node: string | null, flags: number): Promise<readonly Ipv4Address[]> {
  if (node === null) return [(flags & AI_PASSIVE ? INADDR_ANY : INADDR_LOOPBACK) as Ipv4Address];
  const numeric = parseIpv4Address(node);
  if (numeric !== undefined) return [numeric];
  if (parseIpv6(node) !== undefined) throw failure('EAI_ADDRFAMILY');
  if (flags & AI_NUMERICHOST) throw failure('EAI_NONAME');
  try {
    return await lookUp(node);
  } catch (error) {
    if (codeOf(error) === 'EAI_AGAIN') throw failure('EAI_AGAIN');
    throw error;
  }
}

const failure = (errno: Errno): PosixError => new PosixError(errno, 'getaddrinfo');

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
