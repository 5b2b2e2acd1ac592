// IPv4 options (RFC 791 §3.1): a list of type, length and data behind the fixed twenty bytes of a header.
//
//   | type 1 | length 1 | pointer 1 | data ... |     0 ends the list, 1 is a byte of padding; both stand alone
//
// Recognised: source routes (which hosts here refuse), record route, timestamp, router alert. Others are stepped over.
// Not here: what a router does about them.

import { DropReason } from '../core/drop_reason.ts';
import { type Ipv4Address, ipv4At } from './address.ts';

const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
const RECORD_ROUTE = 7;
const TIMESTAMP = 68;
const LOOSE_SOURCE_ROUTE = 131;
const STRICT_SOURCE_ROUTE = 137;
const ROUTER_ALERT = 148;

const COPIED = 0x80; // RFC 791 §3.1: goes into every fragment, not only the first
const MAX_OPTIONS_LENGTH = 40;

/** A route, as far as it has been walked and as far as it is still to be. */
export interface RouteOption {
  readonly addresses: readonly Ipv4Address[];
  /** How many of them are filled in, or passed. */
  readonly used: number;
}

export interface TimestampOption {
  /** RFC 791 §3.1: times alone, each behind its address, or for addresses named beforehand. */
  readonly form: 'times' | 'addresses-and-times' | 'named-addresses';
  /** Machines that found no room, 0 to 15. */
  readonly overflow: number;
  /** 32-bit words of the list, signed: addresses and times as the form says. */
  readonly words: readonly number[];
  /** How many of them are filled in. */
  readonly used: number;
}

export interface Ipv4Options {
  readonly looseSourceRoute?: RouteOption;
  readonly strictSourceRoute?: RouteOption;
  readonly recordRoute?: RouteOption;
  readonly timestamp?: TimestampOption;
  /** RFC 2113: 0 asks every router on the way to look at the packet. */
  readonly routerAlert?: number;
}

/** Reads the options in `[at, end)`: behind the fixed header, up to the header length. */
export function parseIpv4Options(view: DataView, at: number, end: number): Ipv4Options | DropReason {
  const reason = checkIpv4Options(view, at, end);
  if (reason !== undefined) return reason;
  const options: { -readonly [Name in keyof Ipv4Options]: Ipv4Options[Name] } = {};
  for (let i = at; i < end; i = nextOption(view, i, end)) {
    const type = view.getUint8(i);
    if (type === LOOSE_SOURCE_ROUTE) options.looseSourceRoute = routeAt(view, i);
    else if (type === STRICT_SOURCE_ROUTE) options.strictSourceRoute = routeAt(view, i);
    else if (type === RECORD_ROUTE) options.recordRoute = routeAt(view, i);
    else if (type === TIMESTAMP) options.timestamp = timestampAt(view, i);
    else if (type === ROUTER_ALERT) options.routerAlert = view.getUint16(i + 2);
  }
  return options;
}

/** What is wrong with the options in `[at, end)`, without reading them; undefined when nothing is. */
export function checkIpv4Options(view: DataView, at: number, end: number): DropReason | undefined {
  let routes = 0;
  for (let i = at; i < end; i = nextOption(view, i, end)) {
    const type = view.getUint8(i);
    if (type === END_OF_OPTIONS || type === NO_OPERATION) continue;
    if (i + 2 > end) return DropReason.BadOption;
    const length = view.getUint8(i + 1);
    if (length < 2 || i + length > end) return DropReason.BadOption;
    if (!isWellFormed(view, i, type, length)) return DropReason.BadOption;
    // RFC 1122 §3.2.1.8 (c): at most one source route.
    if ((type === LOOSE_SOURCE_ROUTE || type === STRICT_SOURCE_ROUTE) && routes++ > 0) return DropReason.BadOption;
  }
  return undefined;
}

/** Whether options that passed the check ask for a way of their own (RFC 1122 §3.2.1.8 (c): hosts may refuse). */
export function hasSourceRoute(view: DataView, at: number, end: number): boolean {
  for (let i = at; i < end; i = nextOption(view, i, end)) {
    const type = view.getUint8(i);
    if (type === LOOSE_SOURCE_ROUTE || type === STRICT_SOURCE_ROUTE) return true;
  }
  return false;
}

/** RFC 791 §3.2: those of the checked options that every later fragment carries too, padded to a multiple of four. */
export function copiedIpv4Options(view: DataView, at: number, end: number): Uint8Array {
  const kept: number[] = [];
  for (let i = at; i < end; i = nextOption(view, i, end)) {
    if ((view.getUint8(i) & COPIED) === 0) continue;
    for (let k = 0; k < view.getUint8(i + 1); k++) kept.push(view.getUint8(i + k));
  }
  return padded(kept);
}

/** The bytes of these options, padded to a multiple of four. @throws RangeError when they need more than 40 bytes */
export function encodeIpv4Options(options: Ipv4Options): Uint8Array {
  const out: number[] = [];
  const { looseSourceRoute, strictSourceRoute, recordRoute, timestamp, routerAlert } = options;
  if (routerAlert !== undefined) out.push(ROUTER_ALERT, 4, routerAlert >>> 8, routerAlert & 0xff);
  if (looseSourceRoute !== undefined) pushRoute(out, LOOSE_SOURCE_ROUTE, looseSourceRoute);
  if (strictSourceRoute !== undefined) pushRoute(out, STRICT_SOURCE_ROUTE, strictSourceRoute);
  if (recordRoute !== undefined) pushRoute(out, RECORD_ROUTE, recordRoute);
  if (timestamp !== undefined) {
    const { form, overflow, words, used } = timestamp;
    out.push(TIMESTAMP, 4 + 4 * words.length, 5 + 4 * used, (overflow << 4) | FORM_CODE[form]);
    for (const word of words) pushWord(out, word);
  }
  if (out.length > MAX_OPTIONS_LENGTH) {
    throw new RangeError(
      `these IPv4 options take ${out.length} bytes, and a header has room for ${MAX_OPTIONS_LENGTH}`,
    );
  }
  return padded(out);
}

const FORM_CODE = { times: 0, 'addresses-and-times': 1, 'named-addresses': 3 } as const;

// Of a list that has been checked up to `at`, or is being.
function nextOption(view: DataView, at: number, end: number): number {
  const type = view.getUint8(at);
  if (type === END_OF_OPTIONS) return end;
  return type === NO_OPERATION ? at + 1 : at + view.getUint8(at + 1);
}

function isWellFormed(view: DataView, at: number, type: number, length: number): boolean {
  switch (type) {
    case LOOSE_SOURCE_ROUTE:
    case STRICT_SOURCE_ROUTE:
    case RECORD_ROUTE: {
      if (length < 3 || length % 4 !== 3) return false;
      // RFC 791 §3.1: the pointer counts from the type octet, from one; the smallest legal value is four.
      const pointer = view.getUint8(at + 2);
      return pointer >= 4 && pointer % 4 === 0 && pointer <= length + 1;
    }
    case TIMESTAMP: {
      if (length < 4 || length % 4 !== 0) return false;
      const pointer = view.getUint8(at + 2);
      const form = view.getUint8(at + 3) & 0x0f;
      if (form !== 0 && form !== 1 && form !== 3) return false;
      const step = form === 0 ? 4 : 8;
      return (length - 4) % step === 0 && pointer >= 5 && (pointer - 5) % step === 0 && pointer <= length + 1;
    }
    case ROUTER_ALERT:
      return length === 4; // RFC 2113 §2.1
    default:
      return true;
  }
}

function routeAt(view: DataView, at: number): RouteOption {
  const end = at + view.getUint8(at + 1);
  const addresses: Ipv4Address[] = [];
  for (let i = at + 3; i < end; i += 4) addresses.push(ipv4At(view, i));
  return { addresses, used: (view.getUint8(at + 2) - 4) / 4 };
}

function timestampAt(view: DataView, at: number): TimestampOption {
  const end = at + view.getUint8(at + 1);
  const last = view.getUint8(at + 3);
  const code = last & 0x0f;
  const words: number[] = [];
  for (let i = at + 4; i < end; i += 4) words.push(view.getInt32(i));
  return {
    form: code === 0 ? 'times' : code === 1 ? 'addresses-and-times' : 'named-addresses',
    overflow: last >>> 4,
    words,
    used: (view.getUint8(at + 2) - 5) / 4,
  };
}

function pushRoute(out: number[], type: number, route: RouteOption): void {
  out.push(type, 3 + 4 * route.addresses.length, 4 + 4 * route.used);
  for (const address of route.addresses) pushWord(out, address);
}

const pushWord = (out: number[], word: number): number => out.push(word >>> 24, word >>> 16, word >>> 8, word);

function padded(options: readonly number[]): Uint8Array {
  const whole = new Uint8Array((options.length + 3) & ~3);
  whole.set(options);
  return whole;
}
