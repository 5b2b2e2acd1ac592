// The programs that a scenario's machines start with: name servers, web servers, echo.

import { SECOND_IN_NANOSECONDS } from './units_of_time.ts';
