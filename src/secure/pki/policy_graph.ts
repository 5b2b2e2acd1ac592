// Certificate policies along a path (RFC 5280 §6.1), as the graph of RFC 9618: one node a policy and level, where the tree of
// RFC 5280 doubles with every level if somebody wants it to. Not here: everything else about a path.

import { type Certificate, isSelfIssued } from './certificate.ts';
import { Oid } from './object_identifier.ts';
import type { PathRule } from './path_failure.ts';

export interface PolicyInputs {
  /** user-initial-policy-set; undefined: any. */
  readonly acceptable?: readonly string[] | undefined;
  readonly requiresExplicit?: boolean | undefined;
  readonly inhibitsMapping?: boolean | undefined;
  readonly inhibitsAny?: boolean | undefined;
}

interface PolicyNode {
  readonly parents: ReadonlySet<string>;
  expected: ReadonlySet<string>;
}

type Level = Map<string, PolicyNode>;

export interface PolicyResult {
  /** Of the user's policies, those under which the last certificate was issued; any: `anyPolicy`. */
  readonly policies: readonly string[];
}

export interface PolicyFailure {
  readonly rule: PathRule;
  /** In the path as it was given. */
  readonly index: number;
}

/** @param path below the trust anchor, the topmost certificate first */
export function checkPolicies(path: readonly Certificate[], inputs: PolicyInputs = {}): PolicyResult | PolicyFailure {
  const n = path.length;
  // §6.1.2 (d), (e), (f)
  let explicitPolicy = inputs.requiresExplicit === true ? 0 : n + 1;
  let inhibitAny = inputs.inhibitsAny === true ? 0 : n + 1;
  let policyMapping = inputs.inhibitsMapping === true ? 0 : n + 1;
  const root: Level = new Map([[Oid.anyPolicy, { parents: new Set<string>(), expected: new Set([Oid.anyPolicy]) }]]);
  let levels: Level[] | undefined = [root];
  for (const [index, certificate] of path.entries()) {
    const isLast = index === n - 1;
    const mayAny = inhibitAny > 0 || (!isLast && isSelfIssued(certificate));
    levels = levels === undefined ? undefined : grow(levels, certificate, mayAny);
    // §6.1.3 (f)
    if (explicitPolicy === 0 && levels === undefined) return { rule: 'no-acceptable-policy', index };
    if (isLast) break;
    const { policyMappings = [], policyConstraints, inhibitAnyPolicy } = certificate;
    for (const { issuerPolicy, subjectPolicy } of policyMappings) {
      // §6.1.4 (a)
      if (issuerPolicy === Oid.anyPolicy || subjectPolicy === Oid.anyPolicy)
        return { rule: 'bad-policy-mapping', index };
    }
    if (levels !== undefined) levels = map(levels, certificate, policyMapping > 0);
    // §6.1.4 (h), (i), (j)
    if (!isSelfIssued(certificate)) {
      explicitPolicy = Math.max(0, explicitPolicy - 1);
      policyMapping = Math.max(0, policyMapping - 1);
      inhibitAny = Math.max(0, inhibitAny - 1);
    }
    explicitPolicy = Math.min(explicitPolicy, policyConstraints?.requireExplicitPolicy ?? explicitPolicy);
    policyMapping = Math.min(policyMapping, policyConstraints?.inhibitPolicyMapping ?? policyMapping);
    inhibitAny = Math.min(inhibitAny, inhibitAnyPolicy ?? inhibitAny);
  }
  // §6.1.5 (a), (b)
  explicitPolicy = Math.max(0, explicitPolicy - 1);
  if (path.at(-1)?.policyConstraints?.requireExplicitPolicy === 0) explicitPolicy = 0;
  const policies = levels === undefined ? [] : acceptedPolicies(levels, inputs.acceptable);
  if (explicitPolicy === 0 && policies.length === 0) return { rule: 'no-acceptable-policy', index: n - 1 };
  return { policies };
}

/** RFC 9618 §5.2, (d) and (e) of §6.1.3. Undefined: no policy is left. */
function grow(levels: Level[], { certificatePolicies }: Certificate, mayAny: boolean): Level[] | undefined {
  if (certificatePolicies === undefined) return undefined;
  const above = levels.at(-1) ?? new Map<string, PolicyNode>();
  const expecting = new Map<string, Set<string>>();
  for (const [policy, { expected }] of above) {
    for (const each of expected) expecting.set(each, (expecting.get(each) ?? new Set()).add(policy));
  }
  const level: Level = new Map();
  const add = (policy: string, parents: ReadonlySet<string>): void => {
    if (!level.has(policy)) level.set(policy, { parents, expected: new Set([policy]) });
  };
  for (const { policy } of certificatePolicies) {
    if (policy === Oid.anyPolicy) continue;
    const parents = expecting.get(policy) ?? (above.has(Oid.anyPolicy) ? new Set([Oid.anyPolicy]) : undefined);
    if (parents !== undefined) add(policy, parents);
  }
  if (mayAny && certificatePolicies.some(({ policy }) => policy === Oid.anyPolicy)) {
    for (const [policy, parents] of expecting) add(policy, parents);
  }
  return pruned([...levels, level]);
}

/** §6.1.4 (b) */
function map(levels: Level[], { policyMappings = [] }: Certificate, isAllowed: boolean): Level[] | undefined {
  const level = levels.at(-1) ?? new Map<string, PolicyNode>();
  const mapped = new Map<string, Set<string>>();
  for (const { issuerPolicy, subjectPolicy } of policyMappings) {
    mapped.set(issuerPolicy, (mapped.get(issuerPolicy) ?? new Set()).add(subjectPolicy));
  }
  for (const [policy, expected] of mapped) {
    const node = level.get(policy);
    if (!isAllowed) level.delete(policy);
    else if (node !== undefined) node.expected = expected;
    else if (level.has(Oid.anyPolicy)) level.set(policy, { parents: new Set([Oid.anyPolicy]), expected });
  }
  return isAllowed ? levels : pruned(levels);
}

/** Without nodes that have nothing below them. */
function pruned(levels: Level[]): Level[] | undefined {
  for (let i = levels.length - 1; i > 0; i--) {
    const level = levels[i] ?? new Map<string, PolicyNode>();
    const isParent = new Set([...level.values()].flatMap(({ parents }) => [...parents]));
    for (const policy of levels[i - 1]?.keys() ?? []) if (!isParent.has(policy)) levels[i - 1]?.delete(policy);
    if (level.size === 0) return undefined;
  }
  return levels;
}

/** RFC 9618 §5.4: policies that the topmost authority knows by their own names, that is whose parent is anyPolicy. */
function acceptedPolicies(levels: Level[], acceptable: readonly string[] | undefined): readonly string[] {
  const last = levels.at(-1) ?? new Map<string, PolicyNode>();
  const known = new Set<string>();
  for (const level of levels.slice(1)) {
    for (const [policy, { parents }] of level) {
      if (policy !== Oid.anyPolicy && parents.has(Oid.anyPolicy)) known.add(policy);
    }
  }
  const isAny = last.has(Oid.anyPolicy);
  if (acceptable === undefined || acceptable.includes(Oid.anyPolicy)) return isAny ? [Oid.anyPolicy] : [...known];
  return acceptable.filter((policy) => known.has(policy) || isAny);
}
