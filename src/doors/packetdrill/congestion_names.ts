// What the systems call the ways of congestion control that the machine has.

import type { CongestionControlName } from '../../stack/transport/tcp/tcp_settings.ts';

export const CONGESTION_CONTROLS: Readonly<Record<string, CongestionControlName>> = {
  cubic: 'cubic',
  reno: 'new-reno',
  newreno: 'new-reno',
};
