// Statements that keep state, and the arguments that named objects share with them.

import type { LimitArguments, QuotaArguments, StatefulStatement } from '../../nodes/index.ts';
import type { OutputOptions } from '../../print/options.ts';
import type { JsonObjectOut } from './text.ts';

/** `{ "counter": … }` and the like: also what an element has beside its key. */
export function statefulObject(options: OutputOptions, statement: StatefulStatement): JsonObjectOut {
  const { stateless = false } = options;
  switch (statement.kind) {
    case 'counter': {
      const { packets, bytes } = statement;
      if (stateless) return { counter: null };
      return { counter: { packets: packets?.value ?? 0, bytes: bytes?.value ?? 0 } };
    }
    case 'limit':
      return { limit: limitFields(statement) };
    case 'quota':
      return { quota: quotaFields(statement, stateless) };
    case 'connlimit':
      return { 'ct count': { val: statement.count.value, inv: statement.over || undefined } };
    case 'last': {
      const used = statement.used?.milliseconds ?? 'never';
      return { last: stateless || used === 'never' ? null : { used } };
    }
  }
}

function limitFields({ mode, rate, rateUnit, per, burst, burstUnit }: LimitArguments): JsonObjectOut {
  return {
    rate: rate.value,
    burst: burst?.value ?? 0,
    per,
    inv: mode === 'over' || undefined,
    rate_unit: rateUnit,
    burst_unit: rateUnit === undefined ? undefined : (burstUnit ?? 'bytes'),
  };
}

/** What the kernel takes where a limit of packets has no burst. */
const standardBurst = 5n;

/** Of a named limit. */
export function limitObjectFields(limit: LimitArguments): JsonObjectOut {
  const { mode, rate, rateUnit, per, burstUnit = 'bytes' } = limit;
  const burst = limit.burst?.value || (rateUnit === undefined ? standardBurst : undefined);
  return {
    rate: rate.value,
    per,
    inv: mode === 'over' || undefined,
    rate_unit: rateUnit,
    burst,
    burst_unit: burst !== undefined && rateUnit !== undefined ? burstUnit : undefined,
  };
}

function quotaFields({ mode, amount, used }: QuotaArguments, stateless: boolean): JsonObjectOut {
  const counted = stateless ? undefined : used;
  return {
    val: amount.number.value,
    val_unit: amount.unit,
    inv: mode === 'over' || undefined,
    used: counted?.number.value,
    used_unit: counted?.unit,
  };
}
