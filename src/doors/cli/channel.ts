// `netarium channel FILE`: a channel of one's own, attacked.

import { basename } from 'node:path';
import { attackChannel, type ChannelDesign, type ChannelTrial } from '../../adversary/channel/own_channel.ts';
import { nodeCrypto } from '../../secure/crypto/node.ts';
import { thrownText } from '../mailbox/thrown_text.ts';
import { CliError, ExitStatus } from './exit.ts';
import { flagOption, type RawOptions } from './options.ts';
import { loadProgram, withoutExit } from './student_program.ts';
import { paint, print } from './terminal.ts';

const HINT =
  'Write: export function channel({ E, D, MAC, key }) { return { seal(message) { ... }, open(bytes) { ... } }; }';

/** Ends with 0 where every attack fails, and with 1 where one succeeds. @throws CliError, FileError */
export async function channel(file: string, options: RawOptions): Promise<ExitStatus> {
  const design = await loadProgram<ChannelDesign>(file, 'channel', HINT);
  const trials = attacked(file, design);
  const isSafe = trials.every(({ succeeded }) => !succeeded);
  const isJson = flagOption(options, 'json');
  if (isJson) print(JSON.stringify({ schema: 'netarium.channel/1', file, safe: isSafe, trials }));
  else {
    print(paint('bold', basename(file)));
    for (const { attack, succeeded, evidence } of trials) {
      const mark = succeeded ? paint('red', '✗') : paint('green', '✓');
      print(` ${mark} ${(attack === 'none' ? 'works' : attack).padEnd(9)}${evidence}`);
    }
  }
  if (!isJson && isSafe) print('None of these succeeds. That is no proof.');
  return isSafe ? ExitStatus.Ok : ExitStatus.Unmet;
}

function attacked(file: string, design: ChannelDesign): readonly ChannelTrial[] {
  try {
    return withoutExit(() => attackChannel(design, nodeCrypto));
  } catch (error) {
    const isShape = error instanceof TypeError && / must return /.test(error.message);
    throw new CliError(
      ExitStatus.Failed,
      `The channel in ${file} threw: ${error instanceof Error ? error.message : thrownText(error)}`,
      isShape ? HINT : 'What comes from the network is whatever an attacker likes: refuse it by returning undefined.',
    );
  }
}
