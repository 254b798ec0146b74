// Statements that keep state: counter, limit, quota, connlimit, last. Sets and objects hold them too.

import type { TypedStateful } from '../../ast/type/typed.ts';
import type { Expression } from './ir.ts';

export function statefulExpression(statement: TypedStateful): Expression {
  switch (statement.kind) {
    case 'counter':
      return { op: 'counter', packets: statement.packets, bytes: statement.bytes };
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
