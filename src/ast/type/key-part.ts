// Constants as ranges of numbers: what a value, a prefix or a range stands for in a key or in what a map gives.

import type { Span } from '../../source/span.ts';
import { constant, isString } from './constants.ts';
import { describeKind, describeType } from './describe.ts';
import { fail, refuse } from './failure.ts';
import { bitMask } from './literal/number.ts';
import { constantTrace, isLess, keepBits, setBits, traceOf, unseen, watch } from './literal-slot.ts';
import type { KeyPart, TypedExpression, TypedPrefix, TypedRange, TypedValue } from './typed.ts';
import { rootType } from './types.ts';

/** Bits of a prefix, as they were written. */
export interface PrefixLength {
  readonly value: bigint;
  readonly text: string;
  readonly span: Span;
}

/** `base/length`; the bits behind the prefix are cleared. `maximum`: the largest value allowed, if the width does not tell. */
export function prefixOf(base: TypedValue, written: PrefixLength, span: Span, maximum?: bigint): TypedPrefix {
  if (!isString(base.type) && rootType(base.type).class !== 'integer')
    fail('not-a-number', `${describeType(base.type)} has no prefix`, span);
  if (written.value > BigInt(base.bits))
    fail(
      'prefix-too-long',
      `a prefix of ${written.text} bits is longer than the type, ${base.bits} bits`,
      written.span,
    );
  const length = Number(written.value);
  const { type, bits, order } = base;
  if (isString(type) && length === 0) fail('empty-string', 'an empty string is not allowed', span);
  if (maximum !== undefined && bitMask(length) << BigInt(bits - length) > maximum)
    fail('value-out-of-range', `a prefix is no value in the range 0-${maximum}`, span);
  const mask = isString(type) ? bitMask(length) : bitMask(length) << BigInt(bits - length);
  const masked = constant(unseen(base, 'value') & mask, type, bits, order, base.span);
  const trace = traceOf(base, 'value');
  if (trace !== undefined) watch(masked, { value: keepBits(trace, mask) });
  return { kind: 'prefix', base: masked, length, type, bits, order, span };
}

/** Fails unless values of this type can be the ends of a range. */
export function requireRanges({ type }: TypedExpression, span: Span): void {
  if (rootType(type).class !== 'integer') fail('not-a-number', `${describeType(type)} has no ranges`, span);
}

/** `from-to`; a range of one value is that value. */
export function rangeOf(range: TypedRange): TypedRange | TypedValue {
  if (isLess(range.from, range.to)) return range;
  if (range.from.value !== range.to.value)
    fail('negative-range', 'the range ends before it begins', range.span);
  return range.from;
}

export function isInterval(key: TypedExpression): boolean {
  return key.kind === 'concat' ? key.parts.some(isInterval) : key.kind === 'prefix' || key.kind === 'range';
}

/** The parts of a constant key, each as a range of numbers. */
export function keyParts(key: TypedExpression): readonly KeyPart[] {
  return key.kind === 'concat' ? key.parts.map(concatPart) : [keyPart(key)];
}

/** Of a prefix in a concatenation nft does not turn the bytes of a number in host byte order: its range is any. */
function concatPart(part: TypedExpression): KeyPart {
  if (part.kind === 'prefix' && part.order === 'host' && part.bits > 8 && !isString(part.type))
    refuse(
      'unturned-prefix',
      'of such a number in a concatenation nft makes another range than the prefix is: write the range, `from-to`',
      part.span,
    );
  return keyPart(part);
}

export function keyPart(part: TypedExpression): KeyPart {
  switch (part.kind) {
    case 'value':
      return followedPart(part, part, 0n);
    case 'range':
      return followedPart(part.from, part.to, 0n);
    case 'prefix': {
      const { base, length, bits, type } = part;
      const free = isString(type) ? bitMask(bits) & ~bitMask(length) : bitMask(bits - length);
      return followedPart(base, base, free);
    }
    default:
      return fail('not-constant', `${describeKind(part)} is not a constant`, part.span);
  }
}

/** From the one value to the other, with the bits of `free`. */
function followedPart(from: TypedValue, to: TypedValue, free: bigint): KeyPart {
  const first = unseen(from, 'value');
  const part: KeyPart = { from: first, to: from === to ? first | free : unseen(to, 'value') };
  const traces = [from, to].map(end => traceOf(end, 'value'));
  if (traces[0] === undefined && traces[1] === undefined) return part;
  const [low, high] = [traces[0] ?? constantTrace(part.from), traces[1] ?? constantTrace(part.to)];
  return watch(part, { from: low, to: setBits(high, free) });
}
