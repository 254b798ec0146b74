// Statements that reach a set or an object through one: add to a set, refer to an object.

import type { TypedStatement } from '../../ast/type/typed.ts';
import type { Emitter } from './emitter.ts';
import { genExpression } from './expression.ts';
import type { SetId } from './ir.ts';
import { statefulExpression } from './stateful.ts';

type Dynset = Extract<TypedStatement, { readonly kind: 'dynset' }>;

export function genDynset(emitter: Emitter, dynset: Dynset): void {
  const { operation, set, key, data, timeout, statements, span } = dynset;
  const keyRegister = emitter.take(span, key);
  genExpression(emitter, key, keyRegister);
  const dataRegister = data === undefined ? undefined : emitter.take(span, data);
  if (data !== undefined && dataRegister !== undefined) genExpression(emitter, data, dataRegister);
  if (data !== undefined) emitter.release(data);
  emitter.release(key);
  emitter.emit(
    {
      op: 'dynset',
      operation,
      set: set.id as SetId,
      key: keyRegister,
      ...(dataRegister !== undefined && { data: dataRegister }),
      ...(timeout !== undefined && { timeout }),
      expressions: statements.map(statefulExpression),
    },
    span,
  );
}

export function genObjectMap(
  emitter: Emitter,
  statement: Extract<TypedStatement, { readonly kind: 'object_map' }>,
): void {
  const source = emitter.take(statement.span, statement.key);
  genExpression(emitter, statement.key, source);
  emitter.release(statement.key);
  emitter.emit({ op: 'objref_map', source, set: statement.set.id as SetId }, statement.span);
}
