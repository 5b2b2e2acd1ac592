// `netarium diff A B`: the first packet in which two runs or captures differ.

import type { CapturedFrame } from '../../world/view/captured_frame.ts';
import { firstDifference, fromFirstFrame } from '../../world/view/frame_difference.ts';
import {
  formatPacketLines,
  hexDump,
  type PacketObject,
  packetLines,
  packetObjects,
} from '../../world/view/packet_list.ts';
import { ExitStatus } from './exit.ts';
import { flagOption, type RawOptions } from './options.ts';
import { framesFrom, openSource, type Source } from './source.ts';
import { paint, print, printLines } from './terminal.ts';

/** @throws CliError, FileError */
export async function diff(a: string, b: string, options: RawOptions): Promise<ExitStatus> {
  const sources = [await openSource(a), await openSource(b)] as const;
  const [first, second] = [await comparable(sources[0], a, sources), await comparable(sources[1], b, sources)];
  const found = firstDifference(first, second);
  if (flagOption(options, 'json')) {
    const difference =
      found === undefined
        ? null
        : {
            number: found.index + 1,
            what: found.what,
            first: objectOf(first, found.first),
            second: objectOf(second, found.second),
          };
    const packets = [first.length, second.length];
    print(JSON.stringify({ schema: 'netarium.diff/1', same: found === undefined, packets, difference }));
    return found === undefined ? ExitStatus.Ok : ExitStatus.Unmet;
  }
  if (found === undefined) {
    print(`no difference in ${first.length} packets`);
    return ExitStatus.Ok;
  }
  const where = found.what[0] === 'length' ? 'only one has it' : `they differ in ${found.what.join(', ')}`;
  print(`packet ${found.index + 1} is the first difference: ${where}`);
  printLines([...side('-', a, first, found.first), ...side('+', b, second, found.second)]);
  if (found.first !== undefined && found.second !== undefined && found.what.includes('bytes')) {
    printLines(byteLines(found.first.bytes, found.second.bytes));
  }
  return ExitStatus.Unmet;
}

// Captures know the time of day, runs the time since their start: next to a capture, times count from the first packet.
async function comparable(source: Source, file: string, all: readonly Source[]): Promise<readonly CapturedFrame[]> {
  const { frames } = await framesFrom(source, file);
  return all.some(({ kind }) => kind === 'capture') ? fromFirstFrame(frames) : frames;
}

/** Read with all before it, so that relative numbers are right; null where it is not there. */
function objectOf(frames: readonly CapturedFrame[], frame: CapturedFrame | undefined): PacketObject | null {
  return packetObjects(frames, (dissection) => dissection.frame === frame)[0] ?? null;
}

function side(
  sign: '-' | '+',
  file: string,
  frames: readonly CapturedFrame[],
  frame: CapturedFrame | undefined,
): readonly string[] {
  if (frame === undefined) return [paint(colorOf(sign), `${sign} ${file} ends here, after ${frames.length} packets`)];
  const lines = formatPacketLines(packetLines(frames, (dissection) => dissection.frame === frame));
  return lines.map((line) => paint(colorOf(sign), `${sign} ${file}  ${line}`));
}

/** The rows of the dumps that are not equal. */
function byteLines(first: Uint8Array, second: Uint8Array): readonly string[] {
  const [before, after] = [hexDump(first), hexDump(second)];
  return Array.from({ length: Math.max(before.length, after.length) }, (_, i) => [before[i], after[i]] as const)
    .filter(([one, other]) => one !== other)
    .flatMap(([one, other]) => [
      ...(one === undefined ? [] : [paint('red', `-   ${one}`)]),
      ...(other === undefined ? [] : [paint('green', `+   ${other}`)]),
    ]);
}

const colorOf = (sign: '-' | '+'): 'red' | 'green' => (sign === '-' ? 'red' : 'green');
