// All entries of the ladder of channels, in the order of the lecture.

import type { Entry } from './entry.ts';
import { FRESHNESS_ENTRIES } from './freshness_entries.ts';
import { passwordOnRequestRead } from './rungs/password_on_request_read.ts';
import { payAnotherAmount } from './rungs/pay_another_amount.ts';

export const ENTRIES: readonly Entry[] = [passwordOnRequestRead, payAnotherAmount, ...FRESHNESS_ENTRIES];
