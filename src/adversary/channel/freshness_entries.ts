// Entries about what a good signature or MAC leaves open: when it was made, for whom, in answer to what, and with which
// key. In the order of the lecture.

import type { Entry } from './entry.ts';
import { challengeNotChecked } from './rungs/challenge_not_checked.ts';
import { challengePassedOn } from './rungs/challenge_passed_on.ts';
import { challengeRepeats } from './rungs/challenge_repeats.ts';
import { conversationCutShort } from './rungs/conversation_cut_short.ts';
import { counterLostOnRestart } from './rungs/counter_lost_on_restart.ts';
import { counterNotChecked } from './rungs/counter_not_checked.ts';
import { deviceForwarded } from './rungs/device_forwarded.ts';
import { fileChanged } from './rungs/file_changed.ts';
import { fileRolledBack } from './rungs/file_rolled_back.ts';
import { firstMessages } from './rungs/first_messages.ts';
import { groupKey } from './rungs/group_key.ts';
import { introductionByAStranger } from './rungs/introduction_by_a_stranger.ts';
import { introductionOfALookAlike } from './rungs/introduction_of_a_look_alike.ts';
import { introductionWithoutKey } from './rungs/introduction_without_key.ts';
import { olderVersionTaken } from './rungs/older_version_taken.ts';
import { oneKeyForBothDirections } from './rungs/one_key_for_both_directions.ts';
import { orderForAnotherDoor } from './rungs/order_for_another_door.ts';
import { proofSkipped } from './rungs/proof_skipped.ts';
import { recordReplayed } from './rungs/record_replayed.ts';
import { recordsReordered } from './rungs/records_reordered.ts';
import { reflection } from './rungs/reflection.ts';
import { relayThatKnows } from './rungs/relay_that_knows.ts';
import { repairManReplayed } from './rungs/repair_man_replayed.ts';
import { senderInTheAddress } from './rungs/sender_in_the_address.ts';
import { shownToAThird } from './rungs/shown_to_a_third.ts';
import { shownToSomeoneElse } from './rungs/shown_to_someone_else.ts';
import { transcriptNotBound } from './rungs/transcript_not_bound.ts';
import { updateReplaced } from './rungs/update_replaced.ts';
import { updateRolledBack } from './rungs/update_rolled_back.ts';

export const FRESHNESS_ENTRIES: readonly Entry[] = [
  fileChanged,
  fileRolledBack,
  shownToAThird,
  senderInTheAddress,
  relayThatKnows,
  groupKey,
  repairManReplayed,
  counterNotChecked,
  counterLostOnRestart,
  orderForAnotherDoor,
  challengeNotChecked,
  challengeRepeats,
  shownToSomeoneElse,
  challengePassedOn,
  reflection,
  proofSkipped,
  deviceForwarded,
  introductionWithoutKey,
  introductionByAStranger,
  introductionOfALookAlike,
  updateReplaced,
  updateRolledBack,
  transcriptNotBound,
  olderVersionTaken,
  oneKeyForBothDirections,
  recordReplayed,
  recordsReordered,
  conversationCutShort,
  firstMessages,
];
