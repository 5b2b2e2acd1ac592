// docs/lecture.md as it is today, from the items that `netarium lecture` knows. Not here: writing it (lecture.ts).

import { CHAPTERS, ENTRIES } from '../src/doors/cli/lecture/entries.ts';
import { type Chapter, commandsOf, type LectureEntry, stateOf } from '../src/doors/cli/lecture/entry.ts';

export function lectureText(): string {
  const shown = ENTRIES.filter((entry) => stateOf(entry) === 'shown').length;
  return `# The lecture

<!-- Made from src/doors/cli/lecture/ by scripts/lecture.ts: change it there. -->

Netarium began with a lecture on networks and network security. This is what the lecture teaches, item by item in our own words
and by its own numbers (there is no 8), each with the run that shows it. \`netarium lecture N\` runs item N, says what to look at,
and ends with 0 if the run shows what the item claims; \`npm test\` runs them all. **${shown} of ${ENTRIES.length}** are shown. An item that waits for
something is listed with what it waits for; where a part of it is built, that part is run and tested.

In a clone, \`netarium\` is \`npm run -s netarium --\`.

${CHAPTERS.map(chapterText).join('\n')}`;
}

const chapterText = ({ title, entries }: Chapter): string => `## ${title}

| | item | shown by |
|---:|---|---|
${entries.map(rowText).join('')}`;

function rowText(entry: LectureEntry): string {
  const { item, title, text, lookAt, waitsFor } = entry;
  const look = lookAt === undefined ? '' : `<br>*Look at* ${lookAt}`;
  const waits = waitsFor === undefined ? [] : [`**Not built**: it waits for ${waitsFor}.`];
  const ways = [...commandsOf(entry).map((command) => `\`${command}\``), ...waits];
  return `| ${item} | **${cell(title)}${title.endsWith('?') ? '' : '.'}** ${cell(text + look)} | ${cell(ways.join('<br>'))} |\n`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
