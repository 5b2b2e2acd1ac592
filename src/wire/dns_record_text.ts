// The data of resource records as text (RFC 1035 §5.1, and each type's own RFC), as zone files and dig have it.
//
//   10 mail.foo.test.     0 issue "demo-ca"     \# 4 c0000201     1 . alpn=h2,h3 port=8443

import { hexOf, utf8 } from '../core/bytes.ts';
import { formatIpv4, formatIpv6, type Ipv4Address, parseIpv4Address, parseIpv6 } from './address.ts';
import { type DnsName, parseDnsName, ROOT_NAME } from './dns_name.ts';
import type { DnsData, ServiceParameter } from './dns_record.ts';
import { DnsType, formatDnsType } from './dns_type.ts';

export function formatDnsData(data: DnsData): string {
  switch (data.kind) {
    case 'A':
      return formatIpv4(data.address);
    case 'AAAA':
      return formatIpv6(data.address);
    case 'NS':
    case 'CNAME':
    case 'PTR':
    case 'DNAME':
      return data.target;
    case 'SOA': {
      const { primary, mailbox, serial, refresh, retry, expire, minimum } = data;
      return `${primary} ${mailbox} ${serial} ${refresh} ${retry} ${expire} ${minimum}`;
    }
    case 'MX':
      return `${data.preference} ${data.exchange}`;
    case 'TXT':
      return data.strings.map(quoted).join(' ');
    case 'HINFO':
      return `${quoted(data.cpu)} ${quoted(data.system)}`;
    case 'SRV':
      return `${data.priority} ${data.weight} ${data.port} ${data.target}`;
    case 'CAA':
      return `${data.flags} ${data.tag} ${quoted(data.value)}`;
    case 'SVCB':
    case 'HTTPS':
      return [data.priority, data.target, ...data.parameters.map(formatParameter)].join(' ');
    case 'DS':
      return `${data.keyTag} ${data.algorithm} ${data.digestType} ${hexOf(data.digest).toUpperCase()}`;
    case 'DNSKEY':
      return `${data.flags} ${data.protocol} ${data.algorithm} ${base64(data.publicKey)}`;
    case 'RRSIG': {
      const { algorithm, labels, originalTtl, expiration, inception, keyTag, signer, signature } = data;
      const times = `${expiration} ${inception}`; // RFC 4034 §3.2: seconds since 1970 are one of the two forms
      return `${formatDnsType(data.typeCovered)} ${algorithm} ${labels} ${originalTtl} ${times} ${keyTag} ${signer} ${base64(signature)}`;
    }
    case 'NSEC':
      return [data.next, ...data.types.map(formatDnsType)].join(' ');
    case 'opaque':
      return `\\# ${data.bytes.length}${data.bytes.length > 0 ? ` ${hexOf(data.bytes).toUpperCase()}` : ''}`; // RFC 3597 §5
    default:
      return data satisfies never;
  }
}

/**
 * Reads the data of a record of `type` from text; names without a last dot lie in `origin`, `@` is `origin` itself.
 * Undefined when it is not well-formed, or when that type's text is not read here (DNSKEY, RRSIG, NSEC: these are made,
 * not written by hand); `\# length hex` (RFC 3597 §5) is read for every type without a shape.
 */
export function parseDnsData(type: number, text: string, origin: DnsName): DnsData | undefined {
  const words = wordsOf(text);
  if (words === undefined) return undefined;
  const [first = '', second = '', third = '', fourth = ''] = words;
  const name = (word: string): DnsName | undefined => parseNameIn(word, origin);
  const count = (expected: number): boolean => words.length === expected;
  switch (type) {
    case DnsType.A: {
      const address = parseIpv4Address(first);
      return count(1) && address !== undefined ? { kind: 'A', address } : undefined;
    }
    case DnsType.AAAA: {
      const address = parseIpv6(first);
      return count(1) && address !== undefined ? { kind: 'AAAA', address } : undefined;
    }
    case DnsType.NS:
    case DnsType.CNAME:
    case DnsType.PTR:
    case DnsType.DNAME: {
      const kind = TARGETS[type];
      const target = name(first);
      return count(1) && target !== undefined ? { kind, target } : undefined;
    }
    case DnsType.SOA: {
      const [primary, mailbox] = [name(first), name(second)];
      const numbers = words.slice(2).map((word) => wholeNumber(word, 0xffff_ffff));
      const [serial, refresh, retry, expire, minimum] = numbers;
      if (!count(7) || primary === undefined || mailbox === undefined || serial === undefined) return undefined;
      if (refresh === undefined || retry === undefined || expire === undefined || minimum === undefined)
        return undefined;
      return { kind: 'SOA', primary, mailbox, serial, refresh, retry, expire, minimum };
    }
    case DnsType.MX: {
      const [preference, exchange] = [wholeNumber(first, 0xffff), name(second)];
      if (!count(2) || preference === undefined || exchange === undefined) return undefined;
      return { kind: 'MX', preference, exchange };
    }
    case DnsType.TXT: {
      const strings = words.map(characters);
      return strings.length > 0 && strings.every((string) => string.length <= 255)
        ? { kind: 'TXT', strings }
        : undefined;
    }
    case DnsType.HINFO:
      return count(2) ? { kind: 'HINFO', cpu: characters(first), system: characters(second) } : undefined;
    case DnsType.SRV: {
      const [priority, weight] = [wholeNumber(first, 0xffff), wholeNumber(second, 0xffff)];
      const [port, target] = [wholeNumber(third, 0xffff), name(fourth)];
      if (!count(4) || priority === undefined || weight === undefined) return undefined;
      return port === undefined || target === undefined ? undefined : { kind: 'SRV', priority, weight, port, target };
    }
    case DnsType.CAA: {
      const flags = wholeNumber(first, 255);
      if (!count(3) || flags === undefined || !/^[0-9A-Za-z]{1,255}$/.test(second)) return undefined;
      return { kind: 'CAA', flags, tag: second, value: characters(third) };
    }
    case DnsType.DS: {
      const [keyTag, algorithm] = [wholeNumber(first, 0xffff), wholeNumber(second, 255)];
      const [digestType, digest] = [wholeNumber(third, 255), hexBytes(words.slice(3).join(''))];
      if (keyTag === undefined || algorithm === undefined || digestType === undefined) return undefined;
      return digest === undefined ? undefined : { kind: 'DS', keyTag, algorithm, digestType, digest };
    }
    case DnsType.SVCB:
    case DnsType.HTTPS: {
      const [priority, target] = [wholeNumber(first, 0xffff), name(second)];
      const parameters = words.slice(2).map(parseParameter);
      if (priority === undefined || target === undefined) return undefined;
      const whole = parameters.flatMap((parameter) => parameter ?? []).sort((a, b) => a.key - b.key);
      const isSound = whole.length === parameters.length && whole.every(({ key }, i) => key !== whole[i - 1]?.key);
      return isSound
        ? { kind: type === DnsType.SVCB ? 'SVCB' : 'HTTPS', priority, target, parameters: whole }
        : undefined;
    }
    default: {
      const bytes = hexBytes(words.slice(2).join(''));
      if (first !== '\\#' || bytes === undefined || bytes.length !== wholeNumber(second, 0xffff)) return undefined;
      return isShaped(type) ? undefined : { kind: 'opaque', bytes };
    }
  }
}

/** A name as zone files have it: relative without a last dot, `@` for the origin. */
export function parseNameIn(text: string, origin: DnsName): DnsName | undefined {
  if (text === '@') return origin;
  const name = parseDnsName(text);
  if (name === undefined || text.endsWith('.')) return name;
  return origin === ROOT_NAME ? name : parseDnsName(`${name}${origin}`);
}

const TARGETS = {
  [DnsType.NS]: 'NS',
  [DnsType.CNAME]: 'CNAME',
  [DnsType.PTR]: 'PTR',
  [DnsType.DNAME]: 'DNAME',
} as const;

const isShaped = (type: number): boolean =>
  type === DnsType.DNSKEY || type === DnsType.RRSIG || type === DnsType.NSEC || type === DnsType.OPT;

// Words apart by blanks; a quoted one may hold blanks, and escapes stay for `characters`. Undefined: a quote is open.
function wordsOf(text: string): string[] | undefined {
  const words: string[] = [];
  for (let i = 0; i < text.length; ) {
    if (/\s/.test(text[i] ?? '')) {
      i++;
      continue;
    }
    const isQuoted = text[i] === '"';
    let word = '';
    let j = isQuoted ? i + 1 : i;
    for (; j < text.length && (isQuoted ? text[j] !== '"' : !/\s/.test(text[j] ?? '')); j++) {
      word += text[j];
      if (text[j] === '\\' && j + 1 < text.length) word += text[++j];
    }
    if (isQuoted && j >= text.length) return undefined;
    words.push(word);
    i = isQuoted ? j + 1 : j;
  }
  return words;
}

// A character-string's bytes: escapes resolved, the rest UTF-8.
function characters(word: string): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < word.length; i++) {
    const digits = /^\\([0-9]{3})/.exec(word.slice(i, i + 4))?.[1];
    if (digits !== undefined && Number(digits) <= 255) {
      bytes.push(Number(digits));
      i += 3;
    } else {
      if (word[i] === '\\' && i + 1 < word.length) i++;
      const character = String.fromCodePoint(word.codePointAt(i) ?? 0);
      bytes.push(...utf8(character));
      i += character.length - 1;
    }
  }
  return Uint8Array.from(bytes);
}

function quoted(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte < 0x20 || byte >= 0x7f) text += `\\${String(byte).padStart(3, '0')}`;
    else text += byte === 0x22 || byte === 0x5c ? `\\${String.fromCharCode(byte)}` : String.fromCharCode(byte);
  }
  return `"${text}"`;
}

// RFC 9460 §14.3.2.
const PARAMETERS = ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint'];

function formatParameter({ key, value }: ServiceParameter): string {
  const name = PARAMETERS[key] ?? `key${key}`;
  if (value.length === 0) return name;
  if (name === 'port' && value.length === 2) return `port=${((value[0] ?? 0) << 8) | (value[1] ?? 0)}`;
  if (name === 'ipv4hint' && value.length % 4 === 0) {
    const addresses = Array.from({ length: value.length / 4 }, (_, i) => value.subarray(4 * i, 4 * i + 4).join('.'));
    return `ipv4hint=${addresses.join(',')}`;
  }
  const protocols = name === 'alpn' ? alpnOf(value) : undefined;
  return protocols === undefined ? `${name}=${quoted(value)}` : `alpn=${quoted(utf8(protocols.join(',')))}`;
}

// A list of plain protocol names; undefined where the text would need the escapes of RFC 9460 appendix A.
function alpnOf(value: Uint8Array): string[] | undefined {
  const protocols: string[] = [];
  for (let at = 0; at < value.length; ) {
    const end = at + 1 + (value[at] ?? 0);
    const text = String.fromCharCode(...value.subarray(at + 1, end));
    if (end > value.length || !/^[!-+\--[\]-~]+$/.test(text)) return undefined;
    protocols.push(text);
    at = end;
  }
  return protocols;
}

function parseParameter(word: string): ServiceParameter | undefined {
  const equals = word.indexOf('=');
  const name = equals < 0 ? word : word.slice(0, equals);
  const text = equals < 0 ? '' : word.slice(equals + 1).replace(/^"(.*)"$/, '$1');
  const numbered = /^key([0-9]{1,5})$/.exec(name)?.[1];
  const key = numbered === undefined ? PARAMETERS.indexOf(name) : Number(numbered);
  if (key < 0 || key > 0xffff) return undefined;
  if (name === 'alpn') {
    const protocols = text.split(',').map(utf8);
    if (protocols.some((protocol) => protocol.length === 0 || protocol.length > 255)) return undefined;
    return { key, value: Uint8Array.from(protocols.flatMap((protocol) => [protocol.length, ...protocol])) };
  }
  if (name === 'port') {
    const port = wholeNumber(text, 0xffff);
    return port === undefined ? undefined : { key, value: Uint8Array.of(port >>> 8, port) };
  }
  if (name === 'ipv4hint') {
    const addresses = text.split(',').map(parseIpv4Address);
    if (addresses.includes(undefined)) return undefined;
    const octets = (a: Ipv4Address): number[] => [a >>> 24, a >>> 16, a >>> 8, a];
    return { key, value: Uint8Array.from(addresses.flatMap((a) => (a === undefined ? [] : octets(a)))) };
  }
  return { key, value: characters(text) };
}

const wholeNumber = (text: string, most: number): number | undefined =>
  /^[0-9]{1,10}$/.test(text) && Number(text) <= most ? Number(text) : undefined;

const hexBytes = (text: string): Uint8Array | undefined =>
  /^(?:[0-9a-f]{2})*$/i.test(text)
    ? Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
    : undefined;

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

// RFC 4648 §4.
function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let k = 0; k < 4; k++) text += i + k > bytes.length ? '=' : (DIGITS[(word >>> (18 - 6 * k)) & 63] ?? '');
  }
  return text;
}
