// Names in calls that stand for numbers. Those of Linux on x86-64; where FreeBSD's differ and a script can tell, both.

import { NotSupported } from './problem.ts';
import type { Expression } from './script.ts';

/** Whose names and customs a script has. */
export type Dialect = 'linux' | 'freebsd';

const SYMBOLS: Readonly<Record<string, number>> = {
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  MSG_OOB: 0x1,
  MSG_PEEK: 0x2,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_EOR: 0x80,
  MSG_WAITALL: 0x100,
  MSG_ERRQUEUE: 0x2000,
  MSG_NOSIGNAL: 0x4000,
  MSG_MORE: 0x8000,
  MSG_ZEROCOPY: 0x400_0000,
  MSG_FASTOPEN: 0x2000_0000,
  POLLIN: 0x1,
  POLLPRI: 0x2,
  POLLOUT: 0x4,
  POLLERR: 0x8,
  POLLHUP: 0x10,
  POLLNVAL: 0x20,
  POLLRDNORM: 0x40,
  POLLWRNORM: 0x100,
  POLLRDHUP: 0x2000,
  SHUT_RD: 0,
  SHUT_WR: 1,
  SHUT_RDWR: 2,
  IPTOS_LOWDELAY: 0x10,
  IPTOS_THROUGHPUT: 0x08,
  IPTOS_RELIABILITY: 0x04,
  IPTOS_MINCOST: 0x02,
  ...Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map((selector) => [`IPTOS_DSCP_CS${selector}`, selector << 5])),
  SOMAXCONN: 4096,
};

const OF_DIALECT: Readonly<Record<Dialect, Readonly<Record<string, number>>>> = {
  linux: { O_NONBLOCK: 0x800 },
  freebsd: { O_NONBLOCK: 0x4 },
};

/** @throws NotSupported on a name that stands for nothing here */
export function symbolNamed(name: string, dialect: Dialect): number {
  const value = SYMBOLS[name] ?? OF_DIALECT[dialect][name];
  if (value === undefined) throw new NotSupported(`${name} is not known here`);
  return value;
}

/** The number that an expression stands for. @throws NotSupported */
export function numberOf(expression: Expression | undefined, dialect: Dialect): number {
  switch (expression?.kind) {
    case 'integer':
      return expression.value;
    case 'word':
      return symbolNamed(expression.name, dialect);
    case 'or':
      return numberOf(expression.left, dialect) | numberOf(expression.right, dialect);
    case 'apply':
      if (expression.name === 'htons' || expression.name === 'htonl')
        return numberOf(expression.parameters[0], dialect);
      break;
    case 'list':
      // `[1]`: an integer that the call is given the place of.
      if (expression.items.length === 1) return numberOf(expression.items[0], dialect);
      break;
    default:
  }
  throw new NotSupported('a number stands there as nothing that is known here');
}

/** The word that stands there, or nothing. */
export const wordOf = (expression: Expression | undefined): string | undefined =>
  expression?.kind === 'word' ? expression.name : undefined;

// What `SO_ERROR` gives where it is written as a number.
const ERRNOS: Readonly<Record<string, readonly [linux: number, freebsd: number]>> = {
  EPIPE: [32, 32],
  ENETUNREACH: [101, 51],
  ECONNABORTED: [103, 53],
  ECONNRESET: [104, 54],
  ETIMEDOUT: [110, 60],
  ECONNREFUSED: [111, 61],
  EHOSTUNREACH: [113, 65],
};

export const errnoNumber = (name: string, dialect: Dialect): number | undefined =>
  ERRNOS[name]?.[dialect === 'linux' ? 0 : 1];
