// Who vouches for whom, among certificates that lie side by side: a forest with roots on top, as text and as a picture (SVG). An
// authority that several have signed stands below each of them. Not here: whether the signatures are good.

import { hexOf } from '../../core/bytes.ts';
import { type Certificate, isSelfIssued, sameCertificate } from './certificate.ts';
import { formatTime } from './der_time.ts';
import { shortName } from './distinguished_name.ts';

export interface HierarchyNode {
  readonly certificate: Certificate;
  readonly below: readonly HierarchyNode[];
  /** Everything below it is drawn where it stands first. */
  readonly isRepeated: boolean;
}

/** By name, then by bytes: whatever the order in which they are given. */
export function buildHierarchy(certificates: readonly Certificate[]): readonly HierarchyNode[] {
  const all = unique(certificates);
  const drawn = new Set<string>();
  const below = (issuer: Certificate): readonly Certificate[] =>
    all.filter((each) => !isSelfIssued(each) && isIssuedBy(each, issuer));
  const node = (certificate: Certificate, above: readonly Certificate[]): HierarchyNode => {
    const issued = above.includes(certificate) ? [] : below(certificate);
    const principal = `${certificate.subject.key}\n${hexOf(certificate.publicKey.bytes)}`;
    const isRepeated = issued.length > 0 && drawn.has(principal);
    drawn.add(principal);
    const path = [...above, certificate];
    return { certificate, below: isRepeated ? [] : issued.map((each) => node(each, path)), isRepeated };
  };
  const tops = all.filter((each) => isSelfIssued(each) || !all.some((other) => isIssuedBy(each, other)));
  return tops.map((top) => node(top, []));
}

/** `R1 (root, until Jan  1 00:00:00 2036 GMT)`, and below it what it has signed, a line each. */
export function formatHierarchy(hierarchy: readonly HierarchyNode[]): string {
  const lines: string[] = [];
  const walk = ({ certificate, below, isRepeated }: HierarchyNode, own: string, further: string): void => {
    const { validity, subject } = certificate;
    const kind = kindText(certificate);
    lines.push(
      `${own}${shortName(subject)} (${kind}, until ${formatTime(validity.notAfter)})${isRepeated ? ', see above' : ''}\n`,
    );
    for (const [i, child] of below.entries()) {
      const isLast = i === below.length - 1;
      walk(child, `${further}${isLast ? '└── ' : '├── '}`, `${further}${isLast ? '    ' : '│   '}`);
    }
  };
  for (const root of hierarchy) walk(root, '', '');
  return lines.join('');
}

function kindText(certificate: Certificate): string {
  if (certificate.basicConstraints?.isAuthority !== true) return 'end entity';
  return isSelfIssued(certificate) ? 'root' : 'intermediate';
}

const isIssuedBy = (certificate: Certificate, issuer: Certificate): boolean => {
  const { keyIdentifier } = certificate.authorityKeyIdentifier ?? {};
  const { subjectKeyIdentifier } = issuer;
  if (certificate.issuer.key !== issuer.subject.key || sameCertificate(certificate, issuer)) return false;
  return (
    keyIdentifier === undefined ||
    subjectKeyIdentifier === undefined ||
    hexOf(keyIdentifier) === hexOf(subjectKeyIdentifier)
  );
};

function unique(certificates: readonly Certificate[]): readonly Certificate[] {
  const byBytes = new Map(certificates.map((certificate) => [hexOf(certificate.bytes), certificate]));
  const order = ([a, one]: [string, Certificate], [b, other]: [string, Certificate]): number =>
    compare(one.subject.key, other.subject.key) || compare(a, b);
  return [...byBytes].sort(order).map(([, certificate]) => certificate);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

// The picture.

const BOX_HEIGHT = 44;
const BOX_GAP = 20;
const ROW = 96;
const CHARACTER = 7.5;
const MARGIN = 12;
const FILLS: Readonly<Record<string, string>> = { root: '#d7e8d2', intermediate: '#dbe4f5', 'end entity': '#f6f0d8' };

interface PlacedBox {
  readonly node: HierarchyNode;
  readonly centre: number;
  readonly top: number;
  readonly width: number;
  readonly below: readonly PlacedBox[];
}

/** A standalone SVG image. Roots on top, a line from each to what it has signed. */
export function drawHierarchy(hierarchy: readonly HierarchyNode[]): string {
  let right = MARGIN;
  const place = (node: HierarchyNode, depth: number): PlacedBox => {
    const width = Math.max(90, Math.ceil(labelOf(node).length * CHARACTER) + 20);
    const start = right;
    const below = node.below.map((child) => place(child, depth + 1));
    const span = below.length === 0 ? undefined : [below[0]?.centre ?? start, below.at(-1)?.centre ?? start];
    const centre = Math.max(start + width / 2, span === undefined ? 0 : ((span[0] ?? 0) + (span[1] ?? 0)) / 2);
    right = Math.max(right, centre + width / 2 + BOX_GAP);
    return { node, centre, top: MARGIN + depth * ROW, width, below };
  };
  const boxes = hierarchy.map((root) => place(root, 0)).flatMap(flattened);
  const height = Math.max(0, ...boxes.map(({ top }) => top + BOX_HEIGHT)) + MARGIN;
  const width = Math.ceil(right - BOX_GAP + MARGIN);
  const lines = boxes.flatMap((box) => box.below.map((child) => lineBetween(box, child)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
    ` font-family="sans-serif" font-size="13" text-anchor="middle">\n<title>Who vouches for whom</title>\n`,
    ...lines,
    ...boxes.map(drawBox),
    '</svg>\n',
  ].join('');
}

const flattened = (box: PlacedBox): readonly PlacedBox[] => [box, ...box.below.flatMap(flattened)];

const labelOf = ({ certificate, isRepeated }: HierarchyNode): string =>
  `${shortName(certificate.subject)}${isRepeated ? ' …' : ''}`;

const lineBetween = (above: PlacedBox, below: PlacedBox): string =>
  `<path d="M${above.centre} ${above.top + BOX_HEIGHT}L${below.centre} ${below.top}" stroke="#555" fill="none"/>\n`;

function drawBox({ node, centre, top, width }: PlacedBox): string {
  const kind = kindText(node.certificate);
  const box = `<rect x="${centre - width / 2}" y="${top}" width="${width}" height="${BOX_HEIGHT}" rx="5"`;
  const label = `<text x="${centre}" y="${top + 19}">${escaped(labelOf(node))}</text>`;
  const note = `<text x="${centre}" y="${top + 35}" font-size="10" fill="#555">${kind}</text>`;
  return `${box} fill="${FILLS[kind]}" stroke="#555"/>\n${label}${note}\n`;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
