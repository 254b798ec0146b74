// Expressions that `typeof` names, as nft lists them again.

import type { Expression } from '../../ast/nodes/index.ts';
import { bareMetaKeys } from './node.ts';

export function listedTypeof(expression: Expression): Expression {
  switch (expression.kind) {
    case 'variable':
      return listedTypeof(expression.value);
    case 'concat':
      return { ...expression, parts: expression.parts.map(listedTypeof) };
    case 'meta':
      return { ...expression, qualified: !bareMetaKeys.has(expression.key) };
    default:
      return expression;
  }
}
