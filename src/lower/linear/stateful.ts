// Statements that keep state: counter, limit, quota, connlimit, last. Sets and objects hold them too.

import { carry, unseen } from '../../ast/type/literal-slot.ts';
import type { TypedStateful } from '../../ast/type/typed.ts';
import type { Expression } from './ir.ts';

export function statefulExpression(statement: TypedStateful): Expression {
  switch (statement.kind) {
    case 'counter':
      return carry(
        statement,
        { op: 'counter', packets: unseen(statement, 'packets'), bytes: unseen(statement, 'bytes') },
        'packets',
        'bytes',
      );
    case 'limit': {
      const { rate, unit, burst, type, over } = statement;
      return { op: 'limit', rate, unit, burst, type, over };
    }
    case 'quota':
      return { op: 'quota', bytes: statement.bytes, consumed: statement.consumed, over: statement.over };
    case 'connlimit':
      return { op: 'connlimit', count: statement.count, over: statement.over };
    case 'last': {
      const { milliseconds } = statement;
      return { op: 'last', ...(milliseconds !== undefined && { milliseconds }) };
    }
  }
}
