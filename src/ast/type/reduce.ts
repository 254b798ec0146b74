// Last changes to a rule, as nft makes them: a test that the family implies is dropped, and comparisons of neighbouring
// fields become one. Comparisons are not moved across a statement that is no match. Flags are merged like other fields,
// so that `tcp flags syn tcp window 5` compares all flags: that is what nft 1.1.7 does.

import { integerType } from '../../model/datatype.ts';
import type { Family } from '../../model/family.ts';
import { constant } from './constants.ts';
import { namesProtocol } from './learn.ts';
import { constantTrace, joinTraces, shiftBits, traceOf, unseen, watch } from './literal-slot.ts';
import { baseRank } from './protocol-context.ts';
import type { TypedMatch, TypedPayload, TypedStatement, TypedValue } from './typed.ts';

type FieldMatch = TypedMatch & { readonly left: TypedPayload; readonly right: TypedValue };

function isEquality(match: TypedMatch): boolean {
  return match.operator === 'eq' || match.operator === 'implicit';
}

function isFieldMatch(statement: TypedStatement): statement is FieldMatch {
  return (
    statement.kind === 'match' &&
    statement.left.kind === 'payload' &&
    statement.right.kind === 'value' &&
    isEquality(statement)
  );
}

const ownProtocol: Readonly<Partial<Record<Family, bigint>>> = { ip: 0x0800n, ip6: 0x86ddn };

/** `meta protocol ip` in a table of family ip. */
function isImplied(statement: TypedStatement, own: bigint): boolean {
  if (statement.kind !== 'match' || !isEquality(statement)) return false;
  const { left, right } = statement;
  const isProtocol = left.kind === 'meta' && left.key === 'protocol' && left.tunnel === undefined;
  return isProtocol && right.kind === 'value' && right.value === own;
}

/** nft keeps an implied test that is the last statement. */
function withoutImplied(statements: readonly TypedStatement[], family: Family): readonly TypedStatement[] {
  const own = ownProtocol[family];
  if (own === undefined) return statements;
  const last = statements.length - 1;
  return statements.filter((statement, index) => index === last || !isImplied(statement, own));
}

/** A match that may be merged with others, and where it stands. */
interface Candidate {
  match: FieldMatch;
  readonly index: number;
  namesProtocol: boolean;
}

export function reduceStatements(
  given: readonly TypedStatement[],
  family: Family,
): readonly TypedStatement[] {
  const statements = withoutImplied(given, family);
  const slots: (TypedStatement | undefined)[] = [...statements];
  let group: Candidate[] = [];
  let merged = false;
  for (const [index, statement] of statements.entries()) {
    if (statement.kind !== 'match') {
      merged = mergeGroup(slots, group) || merged;
      group = [];
    } else if (isFieldMatch(statement))
      group.push({ match: statement, index, namesProtocol: namesProtocol(statement.left) });
  }
  merged = mergeGroup(slots, group) || merged;
  return merged ? slots.filter(statement => statement !== undefined) : statements;
}

function byPlace(a: Candidate, b: Candidate): number {
  const left = a.match.left;
  const right = b.match.left;
  return baseRank(left.base) - baseRank(right.base) || left.offset - right.offset;
}

/**
 * Merges neighbours. The merged match stands where the lower field did, unless the upper one names the next protocol:
 * what needs that protocol must stay behind it.
 */
function mergeGroup(slots: (TypedStatement | undefined)[], group: Candidate[]): boolean {
  if (group.length < 2) return false;
  const [first, ...rest] = group.sort(byPlace);
  let kept = first!;
  let merged = false;
  for (const next of rest) {
    if (!canMerge(kept.match.left, next.match.left)) {
      kept = next;
      continue;
    }
    const joined = join(kept.match, next.match);
    const place = next.namesProtocol ? next : kept;
    const dropped = next.namesProtocol ? kept : next;
    place.match = { ...place.match, ...joined };
    place.namesProtocol = kept.namesProtocol && place === kept;
    if (place === next) place.namesProtocol = true;
    slots[place.index] = place.match;
    slots[dropped.index] = undefined;
    kept = place;
    merged = true;
  }
  return merged;
}

const registerBits = 128;
const wordBits = 32;

/** Whole bytes side by side that fit a register; where the kernel loads a word fast, no more than that. */
function canMerge(lower: TypedPayload, upper: TypedPayload): boolean {
  if (lower.tunnel?.type !== upper.tunnel?.type || lower.base !== upper.base) return false;
  if (lower.offset + lower.bits !== upper.offset) return false;
  if ((lower.offset | lower.bits | upper.bits) % 8 !== 0) return false;
  const total = lower.bits + upper.bits;
  if (total > registerBits) return false;
  return total <= wordBits || lower.base === 'link' || lower.bits > wordBits || upper.bits > wordBits;
}

const isAsStored = ({ bits, order }: TypedValue): boolean => order !== 'host' || bits <= 8;

/** The number that stands in memory as the bytes of `value`. */
function memoryNumber(typed: TypedValue): bigint {
  const { bits } = typed;
  if (isAsStored(typed)) return unseen(typed, 'value');
  const { value } = typed;
  let number = 0n;
  for (let rest = value, left = bits; left > 0; left -= 8, rest >>= 8n)
    number = (number << 8n) | (rest & 0xffn);
  return number;
}

function join(lower: FieldMatch, upper: FieldMatch): Pick<FieldMatch, 'left' | 'right'> {
  const { base, offset, tunnel, span } = lower.left;
  const bits = lower.left.bits + upper.left.bits;
  const value = (memoryNumber(lower.right) << BigInt(upper.right.bits)) | memoryNumber(upper.right);
  const width = lower.right.bits + upper.right.bits;
  const right = constant(value, integerType, width, 'network', lower.right.span);
  followBoth(right, lower.right, upper.right);
  return {
    left: {
      kind: 'payload',
      base,
      offset,
      ...(tunnel !== undefined && { tunnel }),
      type: integerType,
      bits,
      order: 'network',
      span,
    },
    right,
  };
}

/** Where the bits of `joined` came from, if that is followed. */
function followBoth(joined: TypedValue, lower: TypedValue, upper: TypedValue): void {
  const [high, low] = [lower, upper].map(part => traceOf(part, 'value'));
  if (high === undefined && low === undefined) return;
  if (!isAsStored(lower) || !isAsStored(upper)) return;
  const above = shiftBits(high ?? constantTrace(lower.value), upper.bits);
  watch(joined, { value: joinTraces(above, low ?? constantTrace(upper.value)) });
}
