// Entries about public keys, hashes, passwords, random numbers and key agreement, in the order of the lecture.

import type { Entry } from './entry.ts';
import { answersThatDecrypt } from './rungs/answers_that_decrypt.ts';
import { anybodyCanEncrypt } from './rungs/anybody_can_encrypt.ts';
import { betweenTwoExchanges } from './rungs/between_two_exchanges.ts';
import { blockExchanged } from './rungs/block_exchanged.ts';
import { dictionaryTried } from './rungs/dictionary_tried.ts';
import { firstContactTaken } from './rungs/first_contact_taken.ts';
import { guessConfirmed } from './rungs/guess_confirmed.ts';
import { keyAtEarlyBoot } from './rungs/key_at_early_boot.ts';
import { keyCopiedFromDisk } from './rungs/key_copied_from_disk.ts';
import { keyFromTheClock } from './rungs/key_from_the_clock.ts';
import { keyOfAClone } from './rungs/key_of_a_clone.ts';
import { oneTableForAll } from './rungs/one_table_for_all.ts';
import { passwordDatabaseRead } from './rungs/password_database_read.ts';
import { publicKeyChangedLater } from './rungs/public_key_changed_later.ts';
import { publicKeySwapped } from './rungs/public_key_swapped.ts';
import { secondOrderFound } from './rungs/second_order_found.ts';
import { shareUnderAnotherName } from './rungs/share_under_another_name.ts';
import { signedBlockLeftOut } from './rungs/signed_block_left_out.ts';
import { smallExponentsTried } from './rungs/small_exponents_tried.ts';
import { smallModulusFactored } from './rungs/small_modulus_factored.ts';
import { stateRunsBackwards } from './rungs/state_runs_backwards.ts';
import { tableFlooded } from './rungs/table_flooded.ts';
import { twoContractsOneHash } from './rungs/two_contracts_one_hash.ts';
import { yesterdayOpened } from './rungs/yesterday_opened.ts';

export const PUBLIC_KEY_ENTRIES: readonly Entry[] = [
  smallModulusFactored,
  guessConfirmed,
  answersThatDecrypt,
  publicKeySwapped,
  publicKeyChangedLater,
  firstContactTaken,
  keyCopiedFromDisk,
  blockExchanged,
  signedBlockLeftOut,
  secondOrderFound,
  twoContractsOneHash,
  tableFlooded,
  passwordDatabaseRead,
  oneTableForAll,
  dictionaryTried,
  keyFromTheClock,
  keyAtEarlyBoot,
  keyOfAClone,
  stateRunsBackwards,
  yesterdayOpened,
  smallExponentsTried,
  betweenTwoExchanges,
  shareUnderAnotherName,
  anybodyCanEncrypt,
];
