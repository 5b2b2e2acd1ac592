// Entries about public keys, key agreement, hashes, passwords and random numbers, in the order of the lecture.

import type { Entry } from './entry.ts';
import { answersThatDecrypt } from './rungs/answers_that_decrypt.ts';
import { anybodyCanEncrypt } from './rungs/anybody_can_encrypt.ts';
import { betweenTwoExchanges } from './rungs/between_two_exchanges.ts';
import { blockExchanged } from './rungs/block_exchanged.ts';
import { firstContactTaken } from './rungs/first_contact_taken.ts';
import { guessConfirmed } from './rungs/guess_confirmed.ts';
import { publicKeyChangedLater } from './rungs/public_key_changed_later.ts';
import { publicKeySwapped } from './rungs/public_key_swapped.ts';
import { shareUnderAnotherName } from './rungs/share_under_another_name.ts';
import { signedBlockLeftOut } from './rungs/signed_block_left_out.ts';
import { smallExponentsTried } from './rungs/small_exponents_tried.ts';
import { smallModulusFactored } from './rungs/small_modulus_factored.ts';
import { yesterdayOpened } from './rungs/yesterday_opened.ts';

export const PUBLIC_KEY_ENTRIES: readonly Entry[] = [
  smallModulusFactored,
  guessConfirmed,
  answersThatDecrypt,
  publicKeySwapped,
  publicKeyChangedLater,
  firstContactTaken,
  blockExchanged,
  signedBlockLeftOut,
  yesterdayOpened,
  smallExponentsTried,
  betweenTwoExchanges,
  shareUnderAnotherName,
  anybodyCanEncrypt,
];
