// What `import ... from 'netarium/mailbox'` gives.

import { LEVELS as JUDGED, type Level } from './levels.ts';

export {
  IN_THE_PAST,
  type Lab,
  MAX_TIMEOUTS,
  type Mailbox,
  type Main,
  type Message,
  TOO_LONG,
  TOO_MANY_TIMEOUTS,
} from './lab.ts';
export type { DeliveredLetter, End, FiredTimeout, LabEvent, Refusal, SentMessage } from './lab_event.ts';
export { type Faults, type Level, MAX_MESSAGE, type Medium } from './levels.ts';
export type { MailboxOptions } from './mailbox_options.ts';
export type { Fate } from './medium.ts';
export { mailbox, type Outcome, TIME_LIMIT } from './run.ts';

/** Level 1 is the first. A copy: no program reaches those that it is judged by. */
export const LEVELS: readonly Level[] = structuredClone(JUDGED);
