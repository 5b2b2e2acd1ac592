// Entries about one shared secret: passwords, encryption, MACs, and both together.

import type { Entry } from './entry.ts';
import { answerToMalformedInput } from './rungs/answer_to_malformed_input.ts';
import { equalCiphertexts } from './rungs/equal_ciphertexts.ts';
import { lengthOfTheAnswer } from './rungs/length_of_the_answer.ts';
import { orderCutShort } from './rungs/order_cut_short.ts';
import { passwordOnRequestRelayed } from './rungs/password_on_request_relayed.ts';
import { timeOfTheAnswer } from './rungs/time_of_the_answer.ts';

export const SYMMETRIC_ENTRIES: readonly Entry[] = [
  passwordOnRequestRelayed,
  orderCutShort,
  answerToMalformedInput,
  lengthOfTheAnswer,
  timeOfTheAnswer,
  equalCiphertexts,
];
