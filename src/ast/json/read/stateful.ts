// Statements that keep state, and the arguments that named objects share with them.

import type {
  ByteAmount,
  ByteUnit,
  ConnlimitStatement,
  CounterStatement,
  LastStatement,
  LimitArguments,
  LimitStatement,
  NumberLiteral,
  QuotaStatement,
  StatefulStatement,
} from '../../nodes/index.ts';
import { fail } from '../../type/failure.ts';
import type { JsonValue } from '../value.ts';
import { Fields, given, onlyMember, type Reading, requireItems } from './reading.ts';

export const statefulKinds: readonly string[] = ['counter', 'limit', 'quota', 'ct count', 'last'];

/** One of `statefulKinds`, with state of its own; not a reference to a named object. */
export function readStateful(reading: Reading, name: string, value: JsonValue): StatefulStatement {
  switch (name) {
    case 'counter':
      return readCounter(reading, value);
    case 'limit':
      return readLimit(reading, value);
    case 'quota':
      return readQuota(reading, value);
    case 'last':
      return readLast(reading, value);
    default:
      return readConnlimit(reading, value);
  }
}

/** The `stmt` of a set or of a statement that changes one. */
export function readStatefulList(
  reading: Reading,
  value: JsonValue | undefined,
): readonly StatefulStatement[] {
  if (value === undefined) return [];
  return requireItems(value).map(item => {
    const { name, nameSpan, value: inner } = onlyMember(item);
    if (!statefulKinds.includes(name) || !hasState(name, inner))
      fail('not-stateful', `\`${name}\` keeps no state of its own that elements could have`, nameSpan);
    return { ...readStateful(reading, name, inner), span: item.span };
  });
}

/** The arguments that make a statement of its own; anything else is an expression that names an object. */
const ownArguments: Readonly<Record<string, readonly string[]>> = {
  counter: ['packets', 'bytes'],
  limit: ['rate', 'per'],
  quota: ['val'],
};

export function hasState(name: string, value: JsonValue): boolean {
  const needed = ownArguments[name];
  if (needed === undefined || value.kind === 'null') return needed === undefined || name === 'counter';
  return value.kind === 'object' && needed.some(property => value.members.has(property));
}

function readCounter(reading: Reading, value: JsonValue): CounterStatement {
  if (value.kind === 'null') return { kind: 'counter', span: value.span };
  const fields = new Fields(reading, value, ['packets', 'bytes']);
  const { span } = value;
  return { kind: 'counter', packets: fields.number('packets'), bytes: fields.number('bytes'), span };
}

const byteUnits: readonly ByteUnit[] = ['bytes', 'kbytes', 'mbytes'];
const periods = ['second', 'minute', 'hour', 'day', 'week'] as const;

export const limitProperties: readonly string[] = ['rate', 'per', 'rate_unit', 'inv', 'burst', 'burst_unit'];

/** Of a burst of packets the unit does not matter. */
export function limitArguments(fields: Fields): LimitArguments {
  const unit = fields.optionalChoice('rate_unit', ['packets', ...byteUnits], 'a unit');
  const rateUnit = unit === 'packets' ? undefined : unit;
  const burst = fields.optionalNumber('burst');
  const burstUnit = fields.optionalChoice('burst_unit', ['packets', ...byteUnits], 'a unit') ?? 'bytes';
  return {
    mode: fields.isTrue('inv') ? 'over' : 'until',
    rate: fields.number('rate'),
    ...given('rateUnit', rateUnit),
    per: fields.choice('per', periods, 'a period'),
    ...(burst !== undefined && { burst, burstUnit: rateUnit === undefined ? 'packets' : burstUnit }),
  };
}

function readLimit(reading: Reading, value: JsonValue): LimitStatement {
  const { burst, burstUnit, ...limit } = limitArguments(new Fields(reading, value, limitProperties));
  const isDefault = burst === undefined || burstUnit === undefined || burst.value === 0n;
  return { kind: 'limit', ...limit, ...(!isDefault && { burst, burstUnit }), span: value.span };
}

function readQuota(reading: Reading, value: JsonValue): QuotaStatement {
  const fields = new Fields(reading, value, ['val', 'val_unit', 'inv', 'used', 'used_unit']);
  const amount = byteAmount(fields, fields.number('val'), 'val_unit');
  const used = fields.optionalNumber('used');
  return {
    kind: 'quota',
    mode: fields.isTrue('inv') ? 'over' : 'until',
    amount,
    ...(used !== undefined && { used: byteAmount(fields, used, 'used_unit') }),
    span: value.span,
  };
}

function byteAmount(fields: Fields, number: NumberLiteral, unit: string): ByteAmount {
  return { number, unit: fields.optionalChoice(unit, byteUnits, 'a unit') ?? 'bytes' };
}

/** -1 stands for "never". */
function readLast(reading: Reading, value: JsonValue): LastStatement {
  if (value.kind === 'null') return { kind: 'last', span: value.span };
  const fields = new Fields(reading, value, ['used']);
  const used = fields.integer('used');
  if (used.value === -1n) return { kind: 'last', span: value.span };
  const { value: milliseconds, span } = fields.number('used');
  return {
    kind: 'last',
    used: { kind: 'time', text: `${milliseconds}ms`, milliseconds, span },
    span: value.span,
  };
}

function readConnlimit(reading: Reading, value: JsonValue): ConnlimitStatement {
  const fields = new Fields(reading, value, ['val', 'inv']);
  return { kind: 'connlimit', over: fields.isTrue('inv'), count: fields.number('val'), span: value.span };
}
