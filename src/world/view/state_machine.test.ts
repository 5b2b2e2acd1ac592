import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TCP_TRANSITIONS } from '../../stack/transport/tcp/tcp_state.ts';
import { commonMoves, stateMachineSvg, stateMachineText, stateRows, type TransitionTable } from './state_machine.ts';

const DOOR: TransitionTable = {
  Shut: { Push: 'Open', Break: 'Gone' },
  Open: { Pull: 'Shut', Break: 'Gone' },
  Gone: {},
};

test('a line a state', () => {
  assert.equal(stateMachineText(DOOR), 'Shut  Push -> Open, Break -> Gone\nOpen  Pull -> Shut, Break -> Gone\nGone\n');
});

test('what most states see is said once', () => {
  assert.deepEqual(commonMoves(DOOR), [{ event: 'Break', target: 'Gone', except: ['Gone'] }]);
});

test('TCP in rows: from closed to open to closing to waiting', () => {
  assert.deepEqual(stateRows(TCP_TRANSITIONS, ['Closed', 'Listen']), [
    ['Closed', 'Listen'],
    ['SynSent', 'SynReceived'],
    ['Established'],
    ['FinWait1', 'CloseWait'],
    ['FinWait2', 'Closing', 'LastAck'],
    ['TimeWait'],
  ]);
});

test('the picture has a box for each state, and an arrow for each move that is not common', () => {
  const svg = stateMachineSvg(TCP_TRANSITIONS, ['Closed', 'Listen'], 'TCP');
  for (const state of Object.keys(TCP_TRANSITIONS)) assert.ok(svg.includes(`>${state}</text>`), state);
  const moves = Object.values(TCP_TRANSITIONS).flatMap((ways) => Object.keys(ways));
  const drawn = [...svg.matchAll(/class="move".*?<text[^>]*>([^<]*)</g)].flatMap(([, events = '']) =>
    events.split(', '),
  );
  assert.deepEqual(drawn.sort(), moves.filter((event) => event !== 'Abandoned').sort());
  assert.match(svg, />From every state but Closed, Listen: Abandoned leads to Closed\.</);
});

test('a table that loses a move loses its arrow', () => {
  const { Established, ...others } = TCP_TRANSITIONS;
  const { Shutdown, ...rest } = Established;
  assert.equal(Shutdown, 'FinWait1');
  const arrows = (table: TransitionTable): number =>
    stateMachineSvg(table, ['Closed', 'Listen'], 'TCP').split('class="move"').length;
  assert.equal(arrows({ ...others, Established: rest }), arrows(TCP_TRANSITIONS) - 1);
});
