// An attacker: where it stands, what it may spend, what it has heard and what it does. E only listens; M also changes,
// drops and adds; others see nothing of what they attack.
//
//   tap           reads each message                                        E
//   on-path       reads each message first, and decides what becomes of it  M
//   same-segment  a machine beside the others: sends under any name, and hears what is for it
//   off-path      the same from elsewhere
//   storage       reads and writes what lies on the victim's disk, and nothing else
//
// Not here: how messages become frames (stage.ts of the channels).

import { joinBytes, textOf } from '../../core/bytes.ts';
import type { Instant } from '../../core/time.ts';
import { Knowledge } from './knowledge.ts';

export type Position = 'tap' | 'on-path' | 'same-segment' | 'off-path' | 'storage';

/** What an attacker may spend; what is left out is nothing. */
export interface Budget {
  /** Messages of its own: under any name, as itself, or beside one that it changes. */
  readonly messages?: number;
  /** Computations: keys tried, hashes worked out. */
  readonly computations?: number;
}

export interface Message {
  /** Whom it claims to be from, and whom it is for: `A`. */
  readonly from: string;
  readonly to: string;
  readonly bytes: Uint8Array;
  /** When its sender put it onto the network; where it was heard. */
  readonly at?: Instant;
}

/** What becomes of a message: the same, none, or others in its place. */
export type Judgement = 'pass' | 'drop' | Uint8Array | readonly Uint8Array[];

/** How an attacker's own messages come onto the network. */
export type Send = (message: Message) => void;

export class Attacker {
  readonly position: Position;
  readonly knowledge: Knowledge = new Knowledge();
  /** What it has read, the oldest first. */
  readonly heard: Message[] = [];
  private readonly budget: Budget;
  private readonly put: Send;
  private judge: ((message: Message) => Judgement) | undefined;
  private messagesSent = 0;
  private computationsMade = 0;

  constructor(position: Position, budget: Budget, put: Send) {
    this.position = position;
    this.budget = budget;
    this.put = put;
  }

  get spent(): Required<Budget> {
    return { messages: this.messagesSent, computations: this.computationsMade };
  }

  /** Set before anything happens: it neither changes nor sends anything, and what it would have done shows by contrast. */
  isIdle = false;

  /** Decides about each message between others. @throws Error where the position does not let it */
  intercepts(judge: (message: Message) => Judgement): void {
    this.mayOnly(['on-path'], 'changes what others send');
    this.judge = judge;
  }

  /**
   * Sends a message under any name. Returns whether the budget allowed it.
   *
   * @throws Error where the position does not let it
   */
  sends(from: string, to: string, bytes: Uint8Array): boolean {
    this.mayOnly(['on-path', 'same-segment', 'off-path'], 'sends');
    if (!this.maySendOne()) return false;
    this.put({ from, to, bytes });
    return true;
  }

  /** Counts one more message, whichever way it goes out. Returns whether the budget allows it. */
  maySendOne(): boolean {
    if (this.isIdle || this.messagesSent >= (this.budget.messages ?? 0)) return false;
    this.messagesSent++;
    return true;
  }

  /** To be asked before each piece of work: whether the budget still allows it. `while (m.computes()) try another key` */
  computes(count = 1): boolean {
    if (this.computationsMade + count > (this.budget.computations ?? 0)) return false;
    this.computationsMade += count;
    return true;
  }

  /** What lies on the victim's disk, to read and to write. @throws Error where the position does not let it */
  opens<Disk>(victim: { readonly disk: Disk }): Disk {
    this.mayOnly(['storage'], 'opens a disk');
    return victim.disk;
  }

  /** The newest message that it has read from one to another. */
  latest(from: string, to: string): Message | undefined {
    return this.heard.findLast((message) => message.from === from && message.to === to);
  }

  // For the stage.

  /** All is said: what was sent in pieces is also known as a whole, each way by itself. */
  joinHeard(): void {
    const ways = Map.groupBy(this.heard, ({ from, to }) => `${from} to ${to}`);
    for (const [way, messages] of ways) {
      if (messages.length > 1) this.knowledge.learn(joinBytes(messages.map(({ bytes }) => bytes)), `${way}, joined`);
    }
  }

  /** A message crosses the network. */
  meets(message: Message): Judgement {
    if (this.position !== 'tap' && this.position !== 'on-path') return 'pass';
    this.heard.push(message);
    this.knowledge.learn(message.bytes, `${message.from} to ${message.to}`);
    return this.isIdle ? 'pass' : (this.judge?.(message) ?? 'pass');
  }

  private mayOnly(positions: readonly Position[], what: string): void {
    if (!positions.includes(this.position)) throw new Error(`an attacker at position ${this.position} never ${what}`);
  }
}

/** How a message reads where it is text. */
export const says = ({ bytes }: Message): string => textOf(bytes);
