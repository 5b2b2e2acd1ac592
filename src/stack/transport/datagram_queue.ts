// Datagrams that wait to be read: a ring of columns, so that nothing is made for one that comes. The bytes stay in their
// slots; whoever takes a datagram out takes over its slot.

import type { IpAddress } from '../../wire/address.ts';

/** A receive buffer, as Linux sets it (`net.core.rmem_default`). What does not fit is dropped. */
export const RECEIVE_QUEUE_BYTES = 212_992;
/** Datagrams of few bytes, or none, take a slot each. */
export const RECEIVE_QUEUE_COUNT = 1024;

const FIRST_CAPACITY = 4;

export class DatagramQueue {
  private slots = new Int32Array(FIRST_CAPACITY);
  private interfaces = new Int32Array(FIRST_CAPACITY);
  private sources: (IpAddress | undefined)[] = [];
  private destinations: (IpAddress | undefined)[] = [];
  private payloads = new Int32Array(FIRST_CAPACITY);
  private head = 0;
  private count = 0;
  private payloadBytes = 0;

  get length(): number {
    return this.count;
  }

  /** Payload bytes of all. */
  get bytes(): number {
    return this.payloadBytes;
  }

  // Of the first datagram; there must be one.

  get slot(): number {
    return this.slots[this.head] ?? 0;
  }

  get payloadLength(): number {
    return this.payloads[this.head] ?? 0;
  }

  get source(): IpAddress {
    return this.sources[this.head] ?? (0 as IpAddress);
  }

  get destination(): IpAddress {
    return this.destinations[this.head] ?? (0 as IpAddress);
  }

  get interfaceIndex(): number {
    return this.interfaces[this.head] ?? 0;
  }

  /** Whether there is room for `payloadLength` more bytes. */
  hasRoom(payloadLength: number): boolean {
    return this.count < RECEIVE_QUEUE_COUNT && this.payloadBytes + payloadLength <= RECEIVE_QUEUE_BYTES;
  }

  push(slot: number, payloadLength: number, source: IpAddress, destination: IpAddress, interfaceIndex: number): void {
    if (this.count === this.slots.length) this.enlarge();
    const at = (this.head + this.count++) & (this.slots.length - 1);
    this.slots[at] = slot;
    this.payloads[at] = payloadLength;
    this.sources[at] = source;
    this.destinations[at] = destination;
    this.interfaces[at] = interfaceIndex;
    this.payloadBytes += payloadLength;
  }

  shift(): void {
    this.payloadBytes -= this.payloadLength;
    this.head = (this.head + 1) & (this.slots.length - 1);
    this.count--;
  }

  private enlarge(): void {
    const { head } = this;
    this.slots = unrolled(this.slots, head);
    this.interfaces = unrolled(this.interfaces, head);
    this.payloads = unrolled(this.payloads, head);
    this.sources = [...this.sources.slice(head), ...this.sources.slice(0, head)];
    this.destinations = [...this.destinations.slice(head), ...this.destinations.slice(0, head)];
    this.head = 0;
  }
}

// Twice as long, the first entry at place 0.
function unrolled(ring: Int32Array, head: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * ring.length);
  larger.set(ring.subarray(head));
  larger.set(ring.subarray(0, head), ring.length - head);
  return larger;
}
