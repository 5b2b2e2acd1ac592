// All entries of the ladder of channels, in the order of the lecture.

import type { Entry } from './entry.ts';
import { FRESHNESS_ENTRIES } from './freshness_entries.ts';
import { NETWORK_ENTRIES } from './network_entries.ts';
import { PUBLIC_KEY_ENTRIES } from './public_key_entries.ts';
import { passwordOnRequestRead } from './rungs/password_on_request_read.ts';
import { payAnotherAmount } from './rungs/pay_another_amount.ts';
import { SYMMETRIC_ENTRIES } from './symmetric_entries.ts';

export const ENTRIES: readonly Entry[] = [
  passwordOnRequestRead,
  payAnotherAmount,
  ...NETWORK_ENTRIES,
  ...SYMMETRIC_ENTRIES,
  ...PUBLIC_KEY_ENTRIES,
  ...FRESHNESS_ENTRIES,
];
