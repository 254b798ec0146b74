// `a . b`: values side by side, each on a 4-byte boundary.

import type { ByteOrder, Datatype } from '../../model/datatype.ts';
import type { ConcatExpression, Expression } from '../nodes/index.ts';
import { isFamilylessAddress } from './ct.ts';
import { describeKind, describeType } from './describe.ts';
import type { Evaluation } from './evaluation.ts';
import { evaluateExpression } from './expression.ts';
import { fail } from './failure.ts';
import type { TypedConcat, TypedExpression, TypedPart } from './typed.ts';
import { concatenation, isConcatenation, isPlainInteger, paddedBits } from './types.ts';

/** What a part of a concatenation is taken for. */
interface Wanted {
  readonly type?: Datatype;
  readonly bits: number;
  readonly order: ByteOrder;
}

/** Registers hold 64 bytes. */
const longestKey = 512;

export function evaluateConcat(evaluation: Evaluation, expression: ConcatExpression): TypedConcat {
  const outer = evaluation.expected;
  const key = outer.key !== undefined && outer.key.length > 1 ? outer.key : undefined;
  const wanted = wantedParts(key, outer.type);
  checkCount(expression, key, outer.type);
  const parts: TypedExpression[] = [];
  let bits = 0;
  for (const [index, part] of expression.parts.entries()) {
    const typed = evaluatePart(evaluation, part, wanted?.[index]);
    bits += paddedBits(partBits(typed, wanted?.[index], expression));
    if (bits > longestKey) fail('key-too-long', `a concatenation has at most ${longestKey} bits`, part.span);
    evaluation.tunnel = undefined;
    parts.push(typed);
  }
  const type = concatenation(parts.map(({ type }) => type));
  const concat: TypedConcat = { kind: 'concat', parts, type, bits, order: 'none', span: expression.span };
  evaluation.expect(type, bits, 'none', { key: key ?? partsOf(concat) });
  return concat;
}

/** The parts of an expression that is a key. */
export function partsOf(expression: TypedExpression): readonly TypedPart[] {
  const parts = expression.kind === 'concat' ? expression.parts : [expression];
  return parts.map(({ type, bits, order }) => ({ type, bits, order }));
}

function wantedParts(
  key: readonly TypedPart[] | undefined,
  type: Datatype | undefined,
): readonly Wanted[] | undefined {
  if (key !== undefined) return key;
  if (type === undefined || !isConcatenation(type)) return undefined;
  return type.parts.map(part => ({ type: part, bits: part.bits, order: part.order }));
}

function checkCount(
  { parts, span }: ConcatExpression,
  key: readonly TypedPart[] | undefined,
  type: Datatype | undefined,
): void {
  const count =
    key?.length ?? (type !== undefined && isConcatenation(type) ? type.parts.length : parts.length);
  if (parts.length === count) return;
  const message =
    parts.length > count
      ? `a concatenation of ${parts.length} values where ${count} are expected`
      : `expected ${type === undefined ? 'a longer concatenation' : describeType(type)}, not one of ${parts.length} values`;
  fail('type-mismatch', message, span);
}

function evaluatePart(evaluation: Evaluation, part: Expression, wanted: Wanted | undefined): TypedExpression {
  if (isFamilylessAddress(part))
    fail('unknown-family', 'write `ip` or `ip6` before the address of a concatenation', part.span);
  evaluation.expect(wanted?.type, wanted?.bits ?? 0, wanted?.order ?? 'none', { key: [] });
  evaluation.listDepth++;
  const typed = evaluateExpression(evaluation, part);
  evaluation.listDepth--;
  checkPart(evaluation, typed);
  return typed;
}

function checkPart(evaluation: Evaluation, part: TypedExpression): void {
  switch (part.kind) {
    case 'prefix':
    case 'range':
      if (evaluation.listDepth === 0)
        fail('misplaced-range', `${describeKind(part)} cannot be part of what is looked up`, part.span);
      return;
    case 'verdict':
    case 'set_literal':
    case 'set_reference':
      fail('misplaced-expression', `${describeKind(part)} cannot be part of a concatenation`, part.span);
  }
}

/** The width that a part takes. Types without one take that of the expression, if it is a number. */
function partBits(part: TypedExpression, wanted: Wanted | undefined, { span }: ConcatExpression): number {
  if (wanted !== undefined && wanted.bits > 0) return wanted.bits;
  if (isPlainInteger(part.type)) return part.bits;
  if (part.type.bits > 0) return part.type.bits;
  return fail(
    'variable-width',
    `values of type ${part.type.name} cannot be part of a concatenation`,
    part.span,
    {
      notes: [{ message: 'in this concatenation', span }],
    },
  );
}
