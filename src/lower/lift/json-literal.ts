// Values as literals of JSON. A `number` is an integer there, a `symbol` a string, a boolean `true` or `false`.

import type { TypedSymbolExpression } from '../../ast/nodes/index.ts';
import type { MachineNames } from '../../ast/type/options.ts';
import type { Datatype } from '../../model/datatype.ts';
import type { Span } from '../../source/span.ts';
import { lowestOne } from './bits.ts';
import { type Literal, literalOf, machineName, symbolic, type Writer } from './literal.ts';
import { numberNode, symbolNode } from './make.ts';
import type { Shape } from './tree.ts';

const plainNumber: Writer = ({ value }, _options, span) => numberNode(value, span);

const text: Writer = (number, options, span) => {
  const literal = literalOf(number, options, span);
  return symbolNode(literal.text, span);
};

type NameTable = Exclude<keyof MachineNames, 'hosts'>;

/** A name of the machine, else what `other` makes of the number. */
function named(table: NameTable, other: Writer): Writer {
  return (number, options, span) => {
    const name = options.numeric ? undefined : machineName(options, table, number.value);
    return name === undefined ? other(number, options, span) : symbolNode(name, span);
  };
}

const asText: Writer = ({ value }, _options, span) => symbolNode(String(value), span);

/** Names of interfaces and of control groups are shown whatever the options say. */
function alwaysNamed(table: NameTable): Writer {
  return (number, options, span) => named(table, asText)(number, { ...options, numeric: false }, span);
}

const account =
  (table: 'users' | 'groups'): Writer =>
  (number, options, span) =>
    named(table, plainNumber)(number, { ...options, numeric: options.guid !== true }, span);

const label: Writer = ({ value }, options, span) => {
  const bit = lowestOne(value);
  const name = machineName(options, 'labels', BigInt(bit));
  return name === undefined ? numberNode(bit, span) : symbolNode(name, span);
};

const writers: Readonly<Record<Datatype['literal'], Writer>> = {
  number: symbolic,
  boolean: plainNumber,
  string: plainNumber,
  ipv4: text,
  ipv6: text,
  link_layer_address: text,
  protocol: literalOf,
  service: literalOf,
  mark: named('marks', plainNumber),
  realm: named('realms', asText),
  device_group: named('deviceGroups', plainNumber),
  interface_index: alwaysNamed('interfaces'),
  user: account('users'),
  group: account('groups'),
  label,
  classid: text,
  duration: ({ value }, _options, span) => numberNode(value / 1000n, span),
  date: text,
  hour: text,
  cgroup: alwaysNamed('cgroups'),
  verdict: plainNumber,
  none: plainNumber,
};

/** The literal that nft lists in JSON for a value of this type. */
export function jsonLiteral(
  value: Shape & { readonly value: bigint },
  options: Parameters<Writer>[1],
  span: Span,
): Literal | TypedSymbolExpression {
  if (value.type.literal !== 'boolean') return writers[value.type.literal](value, options, span);
  return { kind: 'typed_symbol', text: value.value === 0n ? 'missing' : 'exists', type: 'boolean', span };
}
