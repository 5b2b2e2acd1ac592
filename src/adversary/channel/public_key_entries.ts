// Entries about public keys, key agreement, hashes, passwords and random numbers, in the order of the lecture.

import type { Entry } from './entry.ts';
import { betweenTwoExchanges } from './rungs/between_two_exchanges.ts';
import { firstContactTaken } from './rungs/first_contact_taken.ts';
import { publicKeyChangedLater } from './rungs/public_key_changed_later.ts';
import { publicKeySwapped } from './rungs/public_key_swapped.ts';
import { shareUnderAnotherName } from './rungs/share_under_another_name.ts';
import { smallExponentsTried } from './rungs/small_exponents_tried.ts';

export const PUBLIC_KEY_ENTRIES: readonly Entry[] = [
  publicKeySwapped,
  publicKeyChangedLater,
  firstContactTaken,
  smallExponentsTried,
  betweenTwoExchanges,
  shareUnderAnotherName,
];
