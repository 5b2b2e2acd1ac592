// Entries about what lies below the messages: who hears them, who answers for a name, and where they are sent.

import type { Entry } from './entry.ts';
import { nameStolen } from './rungs/name_stolen.ts';
import { openRadioOverheard } from './rungs/open_radio_overheard.ts';
import { routeAnnounced } from './rungs/route_announced.ts';

export const NETWORK_ENTRIES: readonly Entry[] = [openRadioOverheard, nameStolen, routeAnnounced];
