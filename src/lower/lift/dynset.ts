// Statements that change sets.

import type { StatefulStatement } from '../../ast/nodes/index.ts';
import { invalidType } from '../../model/datatype.ts';
import type { Span } from '../../source/span.ts';
import type { Expression, IrSet, IrType } from '../linear/ir.ts';
import type { SetUpdate } from './draft.ts';
import type { Registers } from './registers.ts';
import { statefulStatement } from './stateful.ts';
import { setType, type Tree } from './tree.ts';

type Dynset = Extract<Expression, { readonly op: 'dynset' }>;

/** Types the parts of a key or of data that have none of their own. */
function withTypes(tree: Tree, { parts }: IrType): Tree {
  if (tree.kind === 'concat') tree.partTypes = parts.map(({ type }) => type);
  else if (tree.type === invalidType && parts.length === 1) setType(tree, parts[0]!.type, parts[0]!.order);
  return tree;
}

export function setUpdateDraft(
  { operation, key, data, timeout, expressions }: Dynset,
  registers: Registers,
  set: IrSet,
  span: Span,
): SetUpdate {
  const types = set.userData;
  const keyTree = registers.value(key, set.keyLength * 8);
  const dataBits = set.data?.kind === 'value' ? set.data.length * 8 : 0;
  const dataTree = data === undefined ? undefined : registers.value(data, dataBits);
  const [only] = types?.data?.parts ?? [];
  if (dataTree !== undefined && dataTree.kind !== 'concat' && only !== undefined)
    setType(dataTree, only.type, only.order);
  return {
    kind: 'set_update',
    operation,
    set,
    key: types === undefined ? keyTree : withTypes(keyTree, types.key),
    ...(dataTree !== undefined && {
      data: types?.data === undefined ? dataTree : withTypes(dataTree, types.data),
    }),
    ...(timeout !== undefined && { timeout }),
    statements: statementsOf(expressions, set, span),
    span,
  };
}

/** The kernel does not say what it gives to the elements of a set that has statements for all of them. */
function statementsOf(
  expressions: Dynset['expressions'],
  set: IrSet,
  span: Span,
): readonly StatefulStatement[] {
  if (set.expressions !== undefined) return [];
  return expressions.flatMap((expression): readonly StatefulStatement[] => {
    const statement = statefulStatement(expression, span);
    return statement === undefined ? [] : [statement];
  });
}
