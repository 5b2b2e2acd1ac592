// What a browser, curl or a test suite sees that asks `netarium tls serve` for a page: what was agreed on, as text. As little of
// HTTP/1.0 as an answer needs; the simulated web server is world/app/http.

import { joinBytes, textOf, utf8 } from '../../../core/bytes.ts';
import type { TlsFacts } from '../../../secure/tls/connection.ts';
import { factsLine } from './parameters.ts';

/** Longer ones are refused. */
const MAX_REQUEST = 16_384;

/** A request that comes in pieces. */
export class RequestHead {
  private bytes: Uint8Array = new Uint8Array(0);

  /** The answer, once all of the request is there. */
  add(data: Uint8Array, facts: TlsFacts | undefined): Uint8Array | undefined {
    this.bytes = joinBytes([this.bytes, data]);
    if (this.bytes.length > MAX_REQUEST) return response('431 Request Header Fields Too Large', '', true);
    const head = /^([\s\S]*?)\r?\n\r?\n/.exec(textOf(this.bytes))?.[1];
    if (head === undefined) return undefined;
    const [, method] = /^(GET|HEAD) \S+ HTTP\/1\.[01]$/.exec(head.split(/\r?\n/, 1)[0] ?? '') ?? [];
    if (method === undefined) return response('400 Bad Request', '', true);
    // Early data is answered before all is agreed on.
    return response('200 OK', `${facts === undefined ? 'early data' : factsLine(facts)}\n`, method === 'GET');
  }
}

function response(status: string, text: string, hasBody: boolean): Uint8Array {
  const body = utf8(text);
  const fields = ['Content-Type: text/plain; charset=utf-8', `Content-Length: ${body.length}`, 'Connection: close'];
  const head = utf8(`HTTP/1.0 ${status}\r\n${fields.join('\r\n')}\r\n\r\n`);
  return hasBody ? joinBytes([head, body]) : head;
}
