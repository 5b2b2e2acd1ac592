// The first line of an HTTP message, where bytes begin with one. Not here: the message (world/app/http).

export interface HttpStart {
  readonly kind: 'request' | 'response';
  readonly method: string;
  readonly target: string;
  readonly status: number;
  readonly host: string | undefined;
}

/** As far as it is looked. */
const MAX_LENGTH = 2048;

const REQUEST = /^([A-Z]{3,10}) (\S+) HTTP\/1\.[01]\r\n/;
const RESPONSE = /^HTTP\/1\.[01] (\d{3})/;

export function httpStart(bytes: Uint8Array): HttpStart | undefined {
  const [first = 0] = bytes;
  if (first < 0x41 || first > 0x5a) return undefined; // both begin with a capital letter: most of what is asked does not
  let text = '';
  for (const byte of bytes.subarray(0, MAX_LENGTH)) text += String.fromCharCode(byte);
  const [, method, target] = REQUEST.exec(text) ?? [];
  if (method !== undefined && target !== undefined) {
    const host = /\r\nhost:[ \t]*([^\r\n]*)/i.exec(text)?.[1];
    return { kind: 'request', method, target, status: 0, host };
  }
  const status = RESPONSE.exec(text)?.[1];
  return status === undefined
    ? undefined
    : { kind: 'response', method: '', target: '', status: Number(status), host: undefined };
}
