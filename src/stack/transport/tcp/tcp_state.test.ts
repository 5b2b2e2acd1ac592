import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextState, TCP_TRANSITIONS, type TcpEvent, type TcpState } from './tcp_state.ts';

const STATES = Object.keys(TCP_TRANSITIONS) as TcpState[];

test('the transitions, one state a line', () => {
  const lines = STATES.map((state) => {
    const ways = Object.entries(TCP_TRANSITIONS[state]).map(([event, next]) => `${event} -> ${next}`);
    return `${state}: ${ways.join(', ')}`;
  });
  assert.equal(
    `\n${lines.join('\n')}\n`,
    `
Closed: ActiveOpen -> SynSent
Listen: SynArrives -> SynReceived
SynSent: SynAckArrives -> Established, SynArrives -> SynReceived, Abandoned -> Closed
SynReceived: AckOfSyn -> Established, Abandoned -> Closed
Established: Shutdown -> FinWait1, FinArrives -> CloseWait, Abandoned -> Closed
FinWait1: AckOfFin -> FinWait2, FinArrives -> Closing, Abandoned -> Closed
FinWait2: FinArrives -> TimeWait, Abandoned -> Closed
CloseWait: Shutdown -> LastAck, Abandoned -> Closed
Closing: AckOfFin -> TimeWait, Abandoned -> Closed
LastAck: AckOfFin -> Closed, Abandoned -> Closed
TimeWait: TwoMslElapsed -> Closed, Abandoned -> Closed
`,
  );
});

test('every state can be reached, and every one leads back to Closed', () => {
  const reachable = new Set<TcpState>(['Closed', 'Listen']);
  const closes = new Set<TcpState>(['Closed', 'Listen']);
  for (let round = 0; round < STATES.length; round++) {
    for (const state of STATES) {
      for (const next of Object.values(TCP_TRANSITIONS[state])) {
        if (reachable.has(state)) reachable.add(next);
        if (closes.has(next)) closes.add(state);
      }
    }
  }
  assert.equal(reachable.size, STATES.length);
  assert.equal(closes.size, STATES.length);
});

test('an event that a state does not see is a defect of ours', () => {
  assert.throws(() => nextState('Closed', 'FinArrives' satisfies TcpEvent), /a connection in Closed does not see/);
});
