// A student's program from a file: its `main`, or what else is asked for. What it imports as `netarium/mailbox` is this
// program's own, wherever the file lies and whether or not the package is installed beside it.

import { Console } from 'node:console';
import { registerHooks, syncBuiltinESMExports } from 'node:module';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readBytes } from '../io/files.ts';
import { thrownText } from '../mailbox/thrown_text.ts';
import { CliError, ExitStatus, usageError } from './exit.ts';

// TypeScript in a clone, JavaScript in the package.
const MAILBOX = new URL(`../mailbox/index${extname(import.meta.url)}`, import.meta.url).href;

// What is an ES module without a word in a package.json.
const FORMATS: Readonly<Record<string, string>> = { '.ts': 'module-typescript', '.js': 'module' };

/**
 * The function that a file exports by a name.
 *
 * @param hint what to write where there is none
 * @throws FileError where it cannot be read; CliError where it cannot be loaded, or has no such function
 */
export async function loadProgram<Exported>(file: string, name: string, hint: string): Promise<Exported> {
  await readBytes(file);
  const url = pathToFileURL(resolve(file)).href;
  // What the program prints is told beside the data.
  globalThis.console = new Console(process.stderr, process.stderr);
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === 'netarium/mailbox') return { url: MAILBOX, shortCircuit: true };
      const format = specifier === url ? FORMATS[extname(file)] : undefined;
      return format === undefined ? next(specifier, context) : { url, format, shortCircuit: true };
    },
  });
  const allowExit = refuseExit();
  const idle = whenIdle();
  let program: Readonly<Record<string, unknown>>;
  try {
    program = await Promise.race([import(url), idle.promise]);
  } catch (error) {
    const why = error instanceof Error ? error.message : thrownText(error);
    throw new CliError(ExitStatus.Failed, `${file} cannot be loaded: ${why}`);
  } finally {
    idle.forget();
    allowExit();
    hooks.deregister();
  }
  if (typeof program[name] === 'function') return program[name] as Exported;
  throw usageError(`${file} has no ${name}.`, hint);
}

/** Runs a student's functions, which cannot end this process: it would end with 0, and without a word. */
export function withoutExit<Returned>(run: () => Returned): Returned {
  const allowExit = refuseExit();
  try {
    return run();
  } finally {
    allowExit();
  }
}

// `process.exit` throws, under both of its names. Returns what makes it exit again.
function refuseExit(): () => void {
  const { exit } = process;
  const set = (to: typeof exit): void => {
    process.exit = to;
    syncBuiltinESMExports();
  };
  set((code) => {
    throw new Error(`process.exit(${code ?? ''}) ends what runs the program, too: return from it instead`);
  });
  return () => set(exit);
}

// Rejects when nothing is left that could happen: what is still waited for then never comes.
function whenIdle(): { readonly promise: Promise<never>; readonly forget: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(new Error('it waits outside its functions, for what never comes'));
  process.once('beforeExit', giveUp);
  return { promise, forget: () => process.removeListener('beforeExit', giveUp) };
}
