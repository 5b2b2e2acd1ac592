// Network byte order: "big endian", the most significant byte first.
//
// The machines here are little endian, as nearly all are, whatever the one is on which this runs: so `htons` changes
// the number everywhere, and a program that forgets it fails everywhere in the same way.

/** Host to network, 32 bits: `htonl(2156872459)` is what 128.143.67.11 looks like in memory. */
export function htonl(hostlong: number): number {
  checkRange(hostlong, 0xffff_ffff, 'htonl and ntohl take');
  const swapped =
    (hostlong << 24) | ((hostlong & 0xff00) << 8) | ((hostlong >>> 8) & 0xff00) | ((hostlong >>> 24) & 0xff);
  return swapped >>> 0;
}

/** Host to network, 16 bits. */
export function htons(hostshort: number): number {
  checkRange(hostshort, 0xffff, 'htons and ntohs take');
  return ((hostshort & 0xff) << 8) | (hostshort >>> 8);
}

/** Network to host, 32 bits: the same exchange, the other way round. */
export const ntohl = (netlong: number): number => htonl(netlong);

/** Network to host, 16 bits. */
export const ntohs = (netshort: number): number => htons(netshort);

function checkRange(value: unknown, largest: number, who: string): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= largest) return;
  throw new RangeError(`${who} a whole number from 0 to ${largest}, not ${String(value)}`);
}
