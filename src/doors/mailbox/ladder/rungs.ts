// The ladder of reliability: its rungs from the lowest up, with what each survives, the fault that breaks it, and so what the
// next one mends. What is said here is a claim: the table (table.ts) is computed from runs, and a test compares.

import type { Main } from '../lab.ts';
import { main as acknowledge } from './acknowledge.ts';
import { main as checksum } from './checksum.ts';
import type { FaultName } from './fault.ts';
import { main as fireAndForget } from './fire_and_forget.ts';
import { main as number } from './number.ts';
import { main as resend } from './resend.ts';
import { main as splitAndJoin } from './split_and_join.ts';
import { main as suppressDuplicates } from './suppress_duplicates.ts';
import { main as window } from './window.ts';

export interface Rung {
  readonly name: string;
  /** Where its program lies, beside this file. */
  readonly file: string;
  readonly main: Main;
  readonly survives: readonly FaultName[];
  /** The fault that breaks it and that the next rung mends; `slow`: none, but it takes its time. */
  readonly brokenBy: FaultName | 'slow' | undefined;
}

const NUMBERED: readonly FaultName[] = [
  'none',
  'loss to Bob',
  'loss',
  'duplication',
  'reordering',
  'delay',
  'same again',
];
const EVERYTHING: readonly FaultName[] = [...NUMBERED, 'corruption', 'too long', 'all'];

export const RUNGS: readonly Rung[] = [
  {
    name: 'fire and forget',
    file: 'fire_and_forget.ts',
    main: fireAndForget,
    survives: ['none', 'delay', 'same again'],
    brokenBy: 'reordering',
  },
  {
    name: 'acknowledge',
    file: 'acknowledge.ts',
    main: acknowledge,
    survives: ['none', 'delay', 'same again', 'reordering'],
    brokenBy: 'loss to Bob',
  },
  {
    name: 'resend',
    file: 'resend.ts',
    main: resend,
    survives: ['none', 'same again', 'reordering', 'loss to Bob'], // no longer delay: it takes what is late for lost
    brokenBy: 'loss',
  },
  {
    name: 'suppress duplicates',
    file: 'suppress_duplicates.ts',
    main: suppressDuplicates,
    survives: ['none', 'loss to Bob', 'loss', 'duplication', 'reordering', 'delay'],
    brokenBy: 'same again',
  },
  { name: 'number', file: 'number.ts', main: number, survives: NUMBERED, brokenBy: 'corruption' },
  {
    name: 'checksum',
    file: 'checksum.ts',
    main: checksum,
    survives: [...NUMBERED, 'corruption'],
    brokenBy: 'too long',
  },
  { name: 'split and join', file: 'split_and_join.ts', main: splitAndJoin, survives: EVERYTHING, brokenBy: 'slow' },
  { name: 'window', file: 'window.ts', main: window, survives: EVERYTHING, brokenBy: undefined },
];
