// Statements that keep state, as they stand in rules, sets and elements.

import type {
  ByteAmount,
  ByteUnit,
  LimitArguments,
  QuotaArguments,
  StatefulStatement,
} from '../../ast/nodes/index.ts';
import type { Span } from '../../source/span.ts';
import type { Expression } from '../linear/ir.ts';
import { numberNode, timeNode } from './make.ts';

type Of<Op extends Expression['op']> = Extract<Expression, { readonly op: Op }>;

/** The largest unit that the number is a multiple of. */
export function byteAmount(bytes: bigint, span: Span): ByteAmount {
  const [unit, size] = unitOf(bytes);
  return { number: numberNode(bytes / size, span), unit };
}

function unitOf(bytes: bigint): readonly [ByteUnit, bigint] {
  if (bytes === 0n || bytes % 1024n !== 0n) return ['bytes', 1n];
  return bytes % 1048576n === 0n ? ['mbytes', 1048576n] : ['kbytes', 1024n];
}

export function quotaArguments({ bytes, consumed, over }: Of<'quota'>, span: Span): QuotaArguments {
  return {
    ...(over && { mode: 'over' }),
    amount: byteAmount(bytes, span),
    ...(consumed > 0n && { used: byteAmount(consumed, span) }),
  };
}

const periods: ReadonlyMap<bigint, LimitArguments['per']> = new Map([
  [1n, 'second'],
  [60n, 'minute'],
  [3600n, 'hour'],
  [86400n, 'day'],
  [604800n, 'week'],
]);

export function limitArguments({ rate, unit, burst, type, over }: Of<'limit'>, span: Span): LimitArguments {
  const facts = { ...(over && { mode: 'over' as const }), per: periods.get(unit) ?? 'second' };
  if (type === 'packets')
    return { ...facts, rate: numberNode(rate, span), burst: numberNode(burst, span), burstUnit: 'packets' };
  const amount = byteAmount(rate, span);
  const limit = { ...facts, rate: amount.number, rateUnit: amount.unit };
  if (burst === 0) return limit;
  const most = byteAmount(BigInt(burst), span);
  return { ...limit, burst: most.number, burstUnit: most.unit };
}

/** `undefined` of any other expression. */
export function statefulStatement(expression: Expression, span: Span): StatefulStatement | undefined {
  switch (expression.op) {
    case 'counter': {
      const { packets, bytes } = expression;
      return { kind: 'counter', packets: numberNode(packets, span), bytes: numberNode(bytes, span), span };
    }
    case 'limit':
      return { kind: 'limit', ...limitArguments(expression, span), span };
    case 'quota':
      return { kind: 'quota', ...quotaArguments(expression, span), span };
    case 'connlimit':
      return { kind: 'connlimit', over: expression.over, count: numberNode(expression.count, span), span };
    case 'last': {
      const { milliseconds } = expression;
      const used =
        milliseconds === undefined
          ? ({ kind: 'time', text: 'never', milliseconds: 'never', span } as const)
          : timeNode(milliseconds, span);
      return { kind: 'last', used, span };
    }
    default:
      return undefined;
  }
}
