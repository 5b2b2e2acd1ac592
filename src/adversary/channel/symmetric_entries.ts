// Entries about addresses, and about one shared secret: passwords, encryption, MACs, and both together.

import type { Entry } from './entry.ts';
import { addressAlone } from './rungs/address_alone.ts';
import { addressOnPath } from './rungs/address_on_path.ts';
import { addressWithCountedNumber } from './rungs/address_with_counted_number.ts';
import { answerToMalformedInput } from './rungs/answer_to_malformed_input.ts';
import { blockByBlock } from './rungs/block_by_block.ts';
import { checksumInsteadOfMac } from './rungs/checksum_instead_of_mac.ts';
import { compressedBeforeEncryption } from './rungs/compressed_before_encryption.ts';
import { equalCiphertexts } from './rungs/equal_ciphertexts.ts';
import { hashOfSecretAndMessage } from './rungs/hash_of_secret_and_message.ts';
import { keysRelatedAsInWep } from './rungs/keys_related_as_in_wep.ts';
import { knownPlaintext } from './rungs/known_plaintext.ts';
import { lengthOfTheAnswer } from './rungs/length_of_the_answer.ts';
import { macAloneRead } from './rungs/mac_alone_read.ts';
import { macOfThePlaintextBeside } from './rungs/mac_of_the_plaintext_beside.ts';
import { macThenEncrypt } from './rungs/mac_then_encrypt.ts';
import { nonceUsedTwice } from './rungs/nonce_used_twice.ts';
import { orderCutShort } from './rungs/order_cut_short.ts';
import { passwordOnRequestRelayed } from './rungs/password_on_request_relayed.ts';
import { shortKeyTried } from './rungs/short_key.ts';
import { timeOfTheAnswer } from './rungs/time_of_the_answer.ts';

export const SYMMETRIC_ENTRIES: readonly Entry[] = [
  addressAlone,
  addressWithCountedNumber,
  addressOnPath,
  passwordOnRequestRelayed,
  shortKeyTried,
  lengthOfTheAnswer,
  timeOfTheAnswer,
  equalCiphertexts,
  knownPlaintext,
  compressedBeforeEncryption,
  blockByBlock,
  keysRelatedAsInWep,
  orderCutShort,
  answerToMalformedInput,
  checksumInsteadOfMac,
  macAloneRead,
  macOfThePlaintextBeside,
  macThenEncrypt,
  nonceUsedTwice,
  hashOfSecretAndMessage,
];
