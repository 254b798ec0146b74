// Conversion of an expression to a byte order: constants are only relabelled, loads get an operation.

import type { ByteOrder } from '../../model/datatype.ts';
import { isConstant, isString } from './constants.ts';
import { describeType } from './describe.ts';
import { fail } from './failure.ts';
import { changed } from './literal-slot.ts';
import type { TypedConcat, TypedExpression } from './typed.ts';
import { rootType } from './types.ts';

type KnownOrder = Exclude<ByteOrder, 'none'>;

/** Values of one byte have no byte order. */
function isSingleByte(expression: TypedExpression): boolean {
  return expression.bits <= 8;
}

/** `expression` in byte order `order`. */
export function inOrder(expression: TypedExpression, order: KnownOrder): TypedExpression {
  if (expression.order === order) return expression;
  if (expression.kind === 'concat') return concatInOrder(expression);
  if (isString(expression.type)) return expression;
  if (rootType(expression.type).class !== 'integer')
    fail('byte-order', `${describeType(expression.type)} has no byte order to convert`, expression.span);
  return integerInOrder(expression, order);
}

function integerInOrder(expression: TypedExpression, order: KnownOrder): TypedExpression {
  if (isConstant(expression) || isSingleByte(expression)) return changed(expression, { order });
  const { type, bits, span } = expression;
  const direction = order === 'network' ? 'hton' : 'ntoh';
  return { kind: 'byteorder', direction, argument: expression, type, bits, order, span };
}

/** The parts of a key that is looked up in intervals, which are ordered as big-endian numbers. */
function concatInOrder(concat: TypedConcat): TypedConcat {
  const parts = concat.parts.map(part => {
    if (part.order === 'network' || isString(part.type)) return part;
    if (part.kind === 'value') return changed(part, { order: 'network' });
    return isSingleByte(part) ? part : integerInOrder(part, 'network');
  });
  return { ...concat, parts };
}
