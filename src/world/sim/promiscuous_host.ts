// A machine whose interfaces are promiscuous: it hears each frame that reaches them, whoever it is for, and may send frames
// as it likes. What an attacker has in hand. Beside that it is a machine like any other.
//
//   frame --> written down --> listeners, one of which may take it --> the machine's own stack
//
// Which frames reach an interface is the network's affair: on the air all of them, behind a switch those that it sends there.

import { joinBytes } from '../../core/bytes.ts';
import type { Instant } from '../../core/time.ts';
import { formatEndpoint } from '../../stack/transport/socket_table.ts';
import type { Endpoint } from '../app/program.ts';
import { Host } from '../host/host.ts';
import type { CapturedFrame } from '../view/captured_frame.ts';

export interface FrameListener {
  /** Whether it has taken the frame, which the machine's own stack then does not see. */
  hear(now: Instant, port: number, frame: Uint8Array): boolean;
}

/** Something that an attacker knows beside the frames, and where from. */
export interface Note {
  readonly bytes: Uint8Array;
  readonly origin: string;
}

export class PromiscuousHost extends Host {
  private readonly frames: CapturedFrame[] = [];
  private listeners: readonly FrameListener[] = [];
  // Pieces of one origin follow each other.
  private readonly notes = new Map<string, Uint8Array[]>();

  /** All that reached it whole, the oldest first. */
  get heard(): readonly CapturedFrame[] {
    return this.frames;
  }

  /** All that it worked out, and what its own ends of TLS connections read and wrote. */
  get learned(): readonly Note[] {
    return [...this.notes].map(([origin, pieces]) => ({ bytes: joinBytes(pieces), origin }));
  }

  /** What comes from the same origin is taken to follow. */
  learn(bytes: Uint8Array, origin: string): void {
    const pieces = this.notes.get(origin) ?? [];
    pieces.push(bytes.slice());
    this.notes.set(origin, pieces);
  }

  override tellTlsData(data: Uint8Array, direction: 'read' | 'written', peer: Endpoint | undefined): void {
    const other = peer === undefined ? '' : formatEndpoint(peer.address, peer.port);
    this.learn(data, `its own TLS connection, ${direction === 'read' ? 'from' : 'to'} ${other}`);
  }

  /** The latest listener hears first. */
  listen(listener: FrameListener): void {
    this.listeners = [listener, ...this.listeners];
  }

  /** Lets the machine's own stack have a frame, as if it had come like this; takes over the slot. */
  deliver(now: Instant, port: number, slot: number): void {
    super.receive(now, port, slot, true);
  }

  /** Puts a frame on the network at an interface, as it is. */
  sendFrame(now: Instant, port: number, frame: Uint8Array): void {
    this.network.interfaces[port]?.transmitter?.transmit(now, this.arena.allocateFrom(frame));
  }

  override receive(now: Instant, port: number, slot: number, isIntact: boolean): void {
    if (this.isDown || !isIntact) {
      super.receive(now, port, slot, isIntact);
      return;
    }
    const bytes = this.arena.copyOut(slot);
    const network = this.network.interfaces[port]?.name ?? '';
    this.frames.push({ number: this.frames.length + 1, time: now, network, bytes });
    if (!this.listeners.some((listener) => listener.hear(now, port, bytes))) {
      super.receive(now, port, slot, isIntact);
      return;
    }
    this.arena.release(slot);
    this.settle(now);
  }
}
