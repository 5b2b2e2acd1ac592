// Where the files lie that come with the program.

import { fileURLToPath } from 'node:url';

/** Of a clone or an installed package: the folder with `scenarios/`, from `src/doors/cli` and from `dist/doors/cli`. */
export const PACKAGE_ROOT: string = fileURLToPath(new URL('../../../', import.meta.url));

/** Ends with a slash. */
export const SHIPPED_SCENARIOS: string = `${PACKAGE_ROOT}scenarios/`;
