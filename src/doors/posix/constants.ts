// The constants of the sockets API, by their names and with the numbers that Linux on x86-64 gives them.
//
// Only those that mean something here: an option or flag that is not in this list is not understood (ENOPROTOOPT,
// EOPNOTSUPP). Not here: errors, which go by their names (posix_error.ts).

// Address families.
export const AF_UNSPEC = 0;
export const AF_INET = 2;
/** Known to addresses and look-ups; sockets of this family are refused with EAFNOSUPPORT. */
export const AF_INET6 = 10;

// Kinds of socket.
/** A stream of bytes: TCP. */
export const SOCK_STREAM = 1;
/** Single messages: UDP. */
export const SOCK_DGRAM = 2;

// Protocols, which are also levels of `setsockopt`.
export const IPPROTO_IP = 0;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;

// Addresses, in the host's order: `htonl(INADDR_ANY)`.
/** "Any address I can use." */
export const INADDR_ANY = 0;
/** 127.0.0.1 */
export const INADDR_LOOPBACK = 0x7f00_0001;
/** 255.255.255.255 */
export const INADDR_BROADCAST = 0xffff_ffff;

/** Connections that wait to be accepted, at most. */
export const SOMAXCONN = 4096;

// `shutdown`.
export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;

// `setsockopt`.
export const SOL_SOCKET = 1;
/** A TCP port may be bound in spite of connections that still use it, those in TIME_WAIT above all. */
export const SO_REUSEADDR = 2;
/** A datagram socket may send to broadcast addresses. */
export const SO_BROADCAST = 6;
/** Receiving and accepting fail with EAGAIN after this long: a `timeval`. */
export const SO_RCVTIMEO = 20;

// Flags of `send` and `recv`.
/** `recv`: for datagrams, the count is the message's own length, even where it was cut. */
export const MSG_TRUNC = 0x20;
/** `recv`: EAGAIN at once where there is nothing. */
export const MSG_DONTWAIT = 0x40;
/** `send`: EPIPE without SIGPIPE. There are no signals here, so it is always like that. */
export const MSG_NOSIGNAL = 0x4000;

// Flags of `getaddrinfo`.
/** For servers: no host name means "any address I can use". */
export const AI_PASSIVE = 0x1;
/** The host is an address in figures: nobody is asked. */
export const AI_NUMERICHOST = 0x4;
/** The service is a port number. */
export const AI_NUMERICSERV = 0x400;

export const INET_ADDRSTRLEN = 16;
export const INET6_ADDRSTRLEN = 46;

export const STDIN_FILENO = 0;
export const STDOUT_FILENO = 1;
export const STDERR_FILENO = 2;
