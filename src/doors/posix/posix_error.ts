// What goes wrong, by its errno name, in the words of strerror(3) and gai_strerror(3).

const TEXT = {
  EACCES: 'Permission denied',
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EAFNOSUPPORT: 'Address family not supported by protocol',
  EAGAIN: 'Resource temporarily unavailable',
  EBADF: 'Bad file descriptor',
  ECONNABORTED: 'Software caused connection abort',
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EDESTADDRREQ: 'Destination address required',
  EHOSTUNREACH: 'No route to host',
  EINVAL: 'Invalid argument',
  EISCONN: 'Transport endpoint is already connected',
  EMFILE: 'Too many open files',
  EMSGSIZE: 'Message too long',
  ENETUNREACH: 'Network is unreachable',
  ENOBUFS: 'No buffer space available',
  ENOPROTOOPT: 'Protocol not available',
  ENOTCONN: 'Transport endpoint is not connected',
  ENOTSOCK: 'Socket operation on non-socket',
  EOPNOTSUPP: 'Operation not supported',
  EPIPE: 'Broken pipe',
  EPROTO: 'Protocol error',
  EPROTONOSUPPORT: 'Protocol not supported',
  ESOCKTNOSUPPORT: 'Socket type not supported',
  ETIMEDOUT: 'Connection timed out',
  EALREADY: 'Operation already in progress',
  EAI_ADDRFAMILY: 'Address family for hostname not supported',
  EAI_AGAIN: 'Temporary failure in name resolution',
  EAI_BADFLAGS: 'Bad value for ai_flags',
  EAI_FAMILY: 'ai_family not supported',
  EAI_NONAME: 'Name or service not known',
  EAI_SERVICE: 'Servname not supported for ai_socktype',
  EAI_SOCKTYPE: 'ai_socktype not supported',
  HOST_NOT_FOUND: 'Unknown host',
  TRY_AGAIN: 'Host name lookup failure',
} as const;

/** `errno` by its name, the codes of `getaddrinfo` (EAI_...), and `h_errno` of `gethostbyname`. */
export type Errno = keyof typeof TEXT;

export const isErrno = (code: unknown): code is Errno => typeof code === 'string' && Object.hasOwn(TEXT, code);

/** `Connection refused` */
export const strerror = (errno: Errno): string => TEXT[errno];

/** What a call failed with. A call that succeeds leaves nothing behind: there is no `errno` to go stale. */
export class PosixError extends Error {
  override readonly name = 'PosixError';
  /** `ECONNREFUSED`: the name, since the number differs from system to system. */
  readonly errno: Errno;
  /** The same, by the name that Node's own errors have for it. */
  readonly code: Errno;
  /** The call: `connect`. */
  readonly syscall: string;

  /** @param because what strerror(3) has no words for */
  constructor(errno: Errno, syscall: string, because?: string) {
    super(`${syscall}: ${TEXT[errno]} (${errno})${because === undefined ? '' : `: ${because}`}`);
    this.errno = errno;
    this.code = errno;
    this.syscall = syscall;
  }
}
