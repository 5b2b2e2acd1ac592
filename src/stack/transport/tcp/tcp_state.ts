// The states of a connection (RFC 9293 §3.3.2) and every way from one to the next, as data: connections move by this
// table and by nothing else, and drawings of the state machine are made from it.
//
//                        Closed                         Listen
//              ActiveOpen  |   SynArrives                 | SynArrives
//                       SynSent ------------> SynReceived <
//         SynAckArrives    |                     | AckOfSyn
//                          +----> Established <--+
//             Shutdown    /                       \   FinArrives
//                FinWait1 --FinArrives--> Closing   CloseWait
//        AckOfFin |                          |AckOfFin | Shutdown
//              FinWait2 -FinArrives-> TimeWait <       LastAck -AckOfFin-> Closed
//
// From every state but Listen, `Abandoned` leads to Closed: a reset from either side, or an end of patience.
// Not here: what causes these events.

import { assert } from '../../../core/assert.ts';

export type TcpState =
  | 'Closed'
  | 'Listen'
  | 'SynSent'
  | 'SynReceived'
  | 'Established'
  | 'FinWait1'
  | 'FinWait2'
  | 'CloseWait'
  | 'Closing'
  | 'LastAck'
  | 'TimeWait';

export type TcpEvent =
  | 'ActiveOpen'
  | 'SynArrives'
  | 'SynAckArrives'
  | 'AckOfSyn'
  | 'Shutdown'
  | 'FinArrives'
  | 'AckOfFin'
  | 'TwoMslElapsed'
  | 'Abandoned';

type Transitions = Readonly<Record<TcpState, Readonly<Partial<Record<TcpEvent, TcpState>>>>>;

/** RFC 9293 §3.3.2, figure 5. A listener stays one: it is the new connection that goes from Listen to SynReceived. */
export const TCP_TRANSITIONS: Transitions = {
  Closed: { ActiveOpen: 'SynSent' },
  Listen: { SynArrives: 'SynReceived' },
  SynSent: { SynAckArrives: 'Established', SynArrives: 'SynReceived', Abandoned: 'Closed' },
  SynReceived: { AckOfSyn: 'Established', Abandoned: 'Closed' },
  Established: { Shutdown: 'FinWait1', FinArrives: 'CloseWait', Abandoned: 'Closed' },
  FinWait1: {
    AckOfFin: 'FinWait2',
    FinArrives: 'Closing',
    Abandoned: 'Closed',
  },
  FinWait2: { FinArrives: 'TimeWait', Abandoned: 'Closed' },
  CloseWait: { Shutdown: 'LastAck', Abandoned: 'Closed' },
  Closing: { AckOfFin: 'TimeWait', Abandoned: 'Closed' },
  LastAck: { AckOfFin: 'Closed', Abandoned: 'Closed' },
  TimeWait: { TwoMslElapsed: 'Closed', Abandoned: 'Closed' },
};

/** The state that `event` leads to. */
export function nextState(state: TcpState, event: TcpEvent): TcpState {
  const next = TCP_TRANSITIONS[state][event];
  // The sentence is made when it is needed, and not for each of a connection's moves.
  if (next === undefined) assert(false, `a connection in ${state} does not see ${event}`);
  return next;
}

/** Both ends know both initial sequence numbers (RFC 9293 §3.3.2: ESTABLISHED or later). */
export const isSynchronized = (state: TcpState): boolean =>
  state !== 'Closed' && state !== 'Listen' && state !== 'SynSent' && state !== 'SynReceived';

/** Data and FIN may leave in these states; whether there are any is another question. */
export const maySend = (state: TcpState): boolean =>
  state === 'Established' ||
  state === 'CloseWait' ||
  state === 'FinWait1' ||
  state === 'Closing' ||
  state === 'LastAck';

/** Data may arrive in these states (RFC 9293 §3.10.7.4, seventh). */
export const mayReceive = (state: TcpState): boolean =>
  state === 'Established' || state === 'FinWait1' || state === 'FinWait2';
