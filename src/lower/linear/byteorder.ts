// Byte order conversion, in place. The unit is the widest of 8, 4, 2 bytes that divides the value.

import type { TypedByteorder } from '../../ast/type/typed.ts';
import type { Emitter } from './emitter.ts';
import { genExpression } from './expression.ts';
import type { Register } from './ir.ts';
import { bytesOf } from './value.ts';

export function genByteorder(emitter: Emitter, conversion: TypedByteorder, dest: Register): void {
  const { argument, direction, span } = conversion;
  genExpression(emitter, argument, dest);
  const size = argument.bits % 64 === 0 ? 8 : argument.bits % 32 === 0 ? 4 : 2;
  const length = bytesOf(conversion.bits);
  emitter.emit({ op: 'byteorder', direction, source: dest, dest, length, size }, span);
}
