// Register code of an expression: its value into `dest` and the words behind it.

import { describeKind } from '../../ast/type/describe.ts';
import { fail } from '../../ast/type/failure.ts';
import type { TypedExpression, TypedMap } from '../../ast/type/typed.ts';
import { genBinary } from './bitwise.ts';
import { genByteorder } from './byteorder.ts';
import { type Emitter, wordsOf } from './emitter.ts';
import type { Register, SetId } from './ir.ts';
import { genSelector } from './selector.ts';
import { constantValue } from './value.ts';

/** Emits the code of `expression`. The registers from `dest` on must have been taken. */
export function genExpression(emitter: Emitter, expression: TypedExpression, dest: Register): void {
  switch (expression.kind) {
    case 'value':
      emitter.emit({ op: 'immediate', dest, value: constantValue(expression) }, expression.span);
      return;
    case 'binary':
      genBinary(emitter, expression, dest);
      return;
    case 'byteorder':
      genByteorder(emitter, expression, dest);
      return;
    case 'concat':
      genConcat(emitter, expression.parts, dest);
      return;
    case 'map':
      genMap(emitter, expression, dest);
      return;
    case 'prefix':
    case 'range':
    case 'verdict':
    case 'set_reference':
    case 'set_literal':
      fail('not-a-value', `${describeKind(expression)} cannot be used as a value`, expression.span);
      break;
    default:
      genSelector(emitter, expression, dest);
  }
}

function genConcat(emitter: Emitter, parts: readonly TypedExpression[], dest: Register): void {
  let word: number = dest;
  for (const part of parts) {
    genExpression(emitter, part, word as Register);
    word += wordsOf(part.bits);
  }
}

/** The key goes where the value will stand, so a long key may use registers behind those of the value. */
function genMap(emitter: Emitter, map: TypedMap, dest: Register): void {
  emitter.beside(map.key, () => genExpression(emitter, map.key, dest));
  emitter.emit({ op: 'lookup', source: dest, set: map.set.id as SetId, invert: false, dest }, map.span);
}
