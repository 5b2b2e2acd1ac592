// A machine whose interfaces are promiscuous: it hears each frame that reaches them, whoever it is for, and may send frames
// as it likes. What an attacker has in hand. Beside that it is a machine like any other.
//
//   frame --> written down --> listeners, one of which may take it --> the machine's own stack
//
// Which frames reach an interface is the network's affair: on the air all of them, behind a switch those that it sends there.

import type { Instant } from '../../core/time.ts';
import { Host } from '../host/host.ts';
import type { CapturedFrame } from '../view/captured_frame.ts';

export interface FrameListener {
  /** Whether it has taken the frame, which the machine's own stack then does not see. */
  hear(now: Instant, port: number, frame: Uint8Array): boolean;
}

export class PromiscuousHost extends Host {
  private readonly frames: CapturedFrame[] = [];
  private listeners: readonly FrameListener[] = [];

  /** All that reached it whole, the oldest first. */
  get heard(): readonly CapturedFrame[] {
    return this.frames;
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
