// What `netarium/posix` and `netarium/posix/real` have in common: everything but whose sockets they are.

export { type AddressHints, addrinfo, freeaddrinfo, type hostent } from './address_info.ts';
export { htonl, htons, ntohl, ntohs } from './byte_order.ts';
export * from './constants.ts';
export type { Posix } from './posix.ts';
export { type Errno, PosixError, strerror } from './posix_error.ts';
export type { timeval } from './process.ts';
export { formatPlayed, type Part, type Played, type Program, type Scenes, show } from './scenes.ts';
export { type in_addr, type in6_addr, inet_ntop, inet_pton, sockaddr_in } from './socket_address.ts';
export { strlen, text } from './text.ts';
export type { Machines, ProcessOptions, User, World } from './world.ts';
