// A match: load the left side, compare it with the right one.

import { fail } from '../../ast/type/failure.ts';
import type {
  TypedExpression,
  TypedMatch,
  TypedPrefix,
  TypedRange,
  TypedSetReference,
  TypedValue,
} from '../../ast/type/typed.ts';
import { bitmaskType } from '../../model/datatype.ts';
import { type Emitter, wordsOf } from './emitter.ts';
import { genExpression } from './expression.ts';
import type { CompareOperator, Register, SetId, Value } from './ir.ts';
import { bytesOf, constantValue, numberValue } from './value.ts';

export function genMatch(emitter: Emitter, match: TypedMatch): void {
  const source = emitter.take(match.span, match.left);
  compare(emitter, match, source);
  emitter.release(match.left);
}

function compare(emitter: Emitter, match: TypedMatch, source: Register): void {
  const { right } = match;
  switch (right.kind) {
    case 'range':
      genRange(emitter, match, right, source);
      return;
    case 'set_reference':
      genLookup(emitter, match, right, source);
      return;
    case 'prefix':
      genPrefix(emitter, match, right, source);
      return;
    case 'value':
      if (isFlagTest(match, right)) genFlags(emitter, match, right, source);
      else genValue(emitter, match, right, source);
      return;
    default:
      throw new Error(`nothing is compared with a ${right.kind}`);
  }
}

function compareOperator(match: TypedMatch): CompareOperator {
  return match.operator === 'implicit' || match.operator === 'not' ? 'eq' : match.operator;
}

function genCompare(
  emitter: Emitter,
  match: TypedMatch,
  operator: CompareOperator,
  source: Register,
  value: Value,
): void {
  emitter.emit({ op: 'cmp', operator, source, value }, match.span);
}

function genValue(emitter: Emitter, match: TypedMatch, right: TypedValue, source: Register): void {
  genExpression(emitter, match.left, source);
  checkLoaded(match, right);
  genCompare(emitter, match, compareOperator(match), source, constantValue(right));
}

/** Values that were shifted up may be longer than the field; the kernel reads no register that was not written. */
function checkLoaded({ left, right, span }: TypedMatch, { bits }: TypedExpression): void {
  if (wordsOf(bits) <= wordsOf(left.bits)) return;
  const message = `the value has ${bytesOf(bits)} bytes, more than the ${bytesOf(left.bits)} that are compared`;
  fail('value-too-long', message, right.span ?? span);
}

function genRange(emitter: Emitter, match: TypedMatch, right: TypedRange, source: Register): void {
  genExpression(emitter, match.left, source);
  checkLoaded(match, right);
  const invert = match.operator === 'neq';
  const from = constantValue(right.from);
  const to = constantValue(right.to);
  emitter.emit({ op: 'range', invert, source, from, to }, match.span);
}

function genLookup(emitter: Emitter, match: TypedMatch, right: TypedSetReference, source: Register): void {
  genExpression(emitter, match.left, source);
  const invert = match.operator === 'neq';
  emitter.emit({ op: 'lookup', source, set: right.set.id as SetId, invert }, match.span);
}

/** Whole bytes of a big-endian value, and the characters before a `*`, are loaded and compared alone. */
function isBytewise(left: TypedExpression, prefix: TypedPrefix): boolean {
  if (left.type.class === 'string') return true;
  return prefix.order === 'network' && prefix.length > 0 && prefix.length % 8 === 0;
}

function genPrefix(emitter: Emitter, match: TypedMatch, right: TypedPrefix, source: Register): void {
  const { left } = match;
  if (isBytewise(left, right)) {
    genExpression(emitter, { ...left, bits: right.length }, source);
    const value = constantValue(right.base, bytesOf(right.length));
    genCompare(emitter, match, compareOperator(match), source, value);
    return;
  }
  genExpression(emitter, left, source);
  genPrefixMask(emitter, match, right, source);
  genCompare(emitter, match, compareOperator(match), source, constantValue(right.base, bytesOf(right.bits)));
}

function genPrefixMask(emitter: Emitter, match: TypedMatch, right: TypedPrefix, source: Register): void {
  const length = bytesOf(right.bits);
  const ones = (1n << BigInt(right.length)) - 1n;
  const mask = numberValue(ones << BigInt(right.bits - right.length), right, length);
  const xor = numberValue(0n, right, length);
  emitter.emit({ op: 'bitwise', source, dest: source, length, mask, xor }, match.span);
}

/** Flags without an operator, or with `!`. */
function isFlagTest(match: TypedMatch, right: TypedValue): boolean {
  return (match.operator === 'implicit' || match.operator === 'not') && right.type.base === bitmaskType;
}

/** `flags a,b`: any of them; `! a`: not; of a masked value: exactly these. */
function genFlags(emitter: Emitter, match: TypedMatch, right: TypedValue, source: Register): void {
  const { left } = match;
  genExpression(emitter, left, source);
  if (left.kind === 'binary') {
    genCompare(emitter, match, 'eq', source, constantValue(right));
    return;
  }
  const length = bytesOf(left.bits);
  const zero = numberValue(0n, right, length);
  emitter.emit(
    { op: 'bitwise', source, dest: source, length, mask: constantValue(right), xor: zero },
    match.span,
  );
  genCompare(emitter, match, match.operator === 'not' ? 'eq' : 'neq', source, zero);
}
