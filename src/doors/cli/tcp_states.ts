// `netarium tcp-states`: the states of a TCP connection and what moves it from one to the next, as text or as a picture. It
// is drawn from the table by which the stack itself moves.

import { TCP_TRANSITIONS } from '../../stack/transport/tcp/tcp_state.ts';
import { commonMoves, stateMachineSvg, stateMachineText } from '../../world/view/state_machine.ts';
import { ExitStatus } from './exit.ts';
import { flagOption, type RawOptions } from './options.ts';
import { print } from './terminal.ts';

/** Where connections begin: with a program that opens one, and with a program that listens. */
const ROOTS = ['Closed', 'Listen'];

export function tcpStates(options: RawOptions): ExitStatus {
  if (flagOption(options, 'svg')) print(stateMachineSvg(TCP_TRANSITIONS, ROOTS, 'States of a TCP connection'));
  else {
    print(stateMachineText(TCP_TRANSITIONS));
    for (const { event, target, except } of commonMoves(TCP_TRANSITIONS)) {
      print(`${event} leads to ${target} from every state but ${except.join(' and ')}.`);
    }
  }
  return ExitStatus.Ok;
}
