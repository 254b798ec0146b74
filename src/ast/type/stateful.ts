// Statements that keep state. Their numbers are read as nft's parser reads them.

import type { Span } from '../../source/span.ts';
import type {
  ByteAmount,
  ByteUnit,
  CounterStatement,
  LimitArguments,
  NumberLiteral,
  QuotaArguments,
  StatefulStatement,
} from '../nodes/index.ts';
import { fail } from './failure.ts';
import { slotOf, unseen } from './literal-slot.ts';
import { lowBits } from './low-bits.ts';
import type { TableScope } from './scope.ts';
import type { TypedStateful } from './typed.ts';

/** Where warnings go. */
type Warned = Pick<TableScope, 'warn'>;

const unitBytes: Readonly<Record<ByteUnit, bigint>> = { bytes: 1n, kbytes: 1024n, mbytes: 1048576n };

const unitSeconds: Readonly<Record<LimitArguments['per'], bigint>> = {
  second: 1n,
  minute: 60n,
  hour: 3600n,
  day: 86400n,
  week: 604800n,
};

const largest = (1n << 64n) - 1n;

function bytes(table: Warned, { number, unit }: ByteAmount): bigint {
  return lowBits(table, number.value * unitBytes[unit], 64, number.span);
}

export function evaluateStateful(table: Warned, statement: StatefulStatement): TypedStateful {
  const { span } = statement;
  switch (statement.kind) {
    case 'counter':
      return counterOf(statement, span);
    case 'limit':
      refuseNoBurst(statement);
      return evaluateLimit(table, statement, span);
    case 'quota':
      return evaluateQuota(table, statement, span);
    case 'connlimit': {
      const count = Number(lowBits(table, statement.count.value, 32, statement.count.span));
      return { kind: 'connlimit', count, over: statement.over, span };
    }
    case 'last': {
      const used = statement.used?.milliseconds;
      return { kind: 'last', ...(typeof used === 'bigint' && { milliseconds: used }), span };
    }
  }
}

type Counter = Extract<TypedStateful, { readonly kind: 'counter' }>;

const decimal = /^(?:0|[1-9]\d{0,17})$/;

function counterOf({ packets, bytes }: CounterStatement, span: Span): Counter {
  const counter: Counter = { kind: 'counter', packets: countOf(packets), bytes: countOf(bytes), span };
  for (const [property, literal] of [['packets', packets] as const, ['bytes', bytes] as const]) {
    const slot = literal && slotOf(literal);
    slot?.follow(counter, property, text => (decimal.test(text) ? BigInt(text) : undefined));
  }
  return counter;
}

const countOf = (literal: NumberLiteral | undefined): bigint =>
  literal === undefined ? 0n : unseen(literal, 'value');

/** The same for elements of a set, whatever rules use it; what rules themselves need is checked where they are placed. */
export function evaluateElementState(table: TableScope, statement: StatefulStatement): TypedStateful {
  const { family } = table;
  if (statement.kind === 'connlimit' && (family === 'netdev' || family === 'arp'))
    fail('no-conntrack', `connections are not tracked in family ${family}`, statement.span);
  return evaluateStateful(table, statement);
}

const largestQuota = (1n << 63n) - 1n;

export function evaluateQuota(
  table: Warned,
  quota: QuotaArguments,
  span: Span,
): Extract<TypedStateful, { readonly kind: 'quota' }> {
  const amount = bytes(table, quota.amount);
  if (amount > largestQuota)
    fail('value-out-of-range', `a quota is at most ${largestQuota} bytes`, quota.amount.number.span);
  const consumed = quota.used === undefined ? 0n : bytes(table, quota.used);
  if (quota.used !== undefined && consumed > amount)
    fail('value-out-of-range', 'more is used than the quota has', quota.used.number.span);
  return { kind: 'quota', bytes: amount, consumed, over: quota.mode === 'over', span };
}

/** Packets, if no burst is given. */
const defaultBurst = 5n;
const second = 1_000_000_000n;

export function evaluateLimit(
  table: Warned,
  limit: LimitArguments,
  span: Span,
): Extract<TypedStateful, { readonly kind: 'limit' }> {
  const isBytes = limit.rateUnit !== undefined;
  const rate = lowBits(table, limit.rate.value * unitBytes[limit.rateUnit ?? 'bytes'], 64, limit.rate.span);
  const unit = unitSeconds[limit.per];
  const burst = limitBurst(table, limit, isBytes);
  const nanoseconds = unit * second;
  const effective = burst === 0n && !isBytes ? defaultBurst : burst;
  // What the kernel cannot hold in 64 bits it refuses (nft_limit.c).
  const tokens = isBytes
    ? nanoseconds * (rate + effective)
    : rate === 0n
      ? 0n
      : (nanoseconds / rate) * effective;
  if (rate === 0n || rate + effective > largest || tokens > largest)
    fail('value-out-of-range', 'the kernel cannot keep account of this rate', limit.rate.span);
  const type = isBytes ? 'bytes' : 'packets';
  return { kind: 'limit', rate, unit, burst: Number(burst), type, over: limit.mode === 'over', span };
}

/** In a statement only: a named limit may have none. */
function refuseNoBurst({ burst, burstUnit }: LimitArguments): void {
  if (burst?.value === 0n && burstUnit === 'packets')
    fail('value-out-of-range', 'a burst of packets is at least 1', burst.span);
}

function limitBurst(table: Warned, { burst, burstUnit }: LimitArguments, isBytes: boolean): bigint {
  if (burst === undefined) return isBytes ? 0n : defaultBurst;
  if (isBytes === (burstUnit === 'packets'))
    fail('unit-mismatch', `the burst of this limit is given in ${isBytes ? 'bytes' : 'packets'}`, burst.span);
  const factor = burstUnit === undefined || burstUnit === 'packets' ? 1n : unitBytes[burstUnit];
  return lowBits(table, burst.value * factor, 32, burst.span);
}
