// Address translation and its relatives, which take addresses and ports from registers.

import type { NatFlag, NatStatement } from '../../ast/nodes/index.ts';
import {
  inetServiceType,
  interfaceIndexType,
  ipv4AddressType,
  ipv6AddressType,
} from '../../model/datatype.ts';
import type { Family } from '../../model/family.ts';
import type { Span } from '../../source/span.ts';
import type { Expression, Register } from '../linear/ir.ts';
import type { Draft, Nat } from './draft.ts';
import type { Registers } from './registers.ts';
import { type Range, range, setType, type Tree } from './tree.ts';

type Of<Op extends Expression['op']> = Extract<Expression, { readonly op: Op }>;

/** NF_NAT_RANGE_*, in the order listed. */
const natFlags: readonly (readonly [number, NatFlag])[] = [
  [4, 'random'],
  [16, 'fully-random'],
  [8, 'persistent'],
];
const netmapFlag = 64;

function flagsOf(flags: number): readonly NatFlag[] {
  return natFlags.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
}

function addressOf(registers: Registers, register: Register, family: 'ip' | 'ip6'): Tree {
  const tree = registers.load(register);
  setType(tree, family === 'ip6' ? ipv6AddressType : ipv4AddressType, 'network');
  return tree;
}

function portOf(registers: Registers, register: Register): Tree {
  const tree = registers.load(register);
  setType(tree, inetServiceType, 'network');
  return tree;
}

function ends(first: Tree, last: Tree): Range {
  const both = range(first, last);
  both.type = first.type;
  both.order = first.order;
  return both;
}

interface Ports {
  readonly protoMin?: Register;
  readonly protoMax?: Register;
}

function portsOf(registers: Registers, { protoMin, protoMax }: Ports): { readonly port?: Tree } {
  if (protoMin === undefined) return {};
  const first = portOf(registers, protoMin);
  return {
    port: protoMax === undefined || protoMax === protoMin ? first : ends(first, portOf(registers, protoMax)),
  };
}

const wordBits = 32;

/** What a map of addresses gives beside them: ranges, ports. */
function mapForm(address: Tree, family: 'ip' | 'ip6'): 'interval' | 'concat' | undefined {
  if (address.kind !== 'map') return undefined;
  const { data } = address.map.set;
  if (data?.kind !== 'value') return undefined;
  const bits = family === 'ip6' ? 128 : wordBits;
  const length = data.length * 8;
  if (data.interval) return length === 2 * bits || length === 2 * (bits + wordBits) ? 'interval' : undefined;
  return length === bits + wordBits ? 'concat' : undefined;
}

export function natDraft(expression: Of<'nat'>, registers: Registers, family: Family, span: Span): Nat {
  const { type: action, flags } = expression;
  const kept = { kind: 'nat', action, flags: flagsOf(flags), span } as const;
  const form = (flags & netmapFlag) === 0 ? {} : ({ form: 'prefix' } as const);
  const addressFamily = expression.family === 'inet' ? undefined : expression.family;
  const shown = family === 'inet' && addressFamily !== undefined ? { family: addressFamily } : {};
  const { addressMin, addressMax } = expression;
  if (addressMin === undefined || addressFamily === undefined)
    return { ...kept, ...shown, ...form, ...portsOf(registers, expression) };
  const first = addressOf(registers, addressMin, addressFamily);
  const given = mapForm(first, addressFamily);
  if (given !== undefined) return { ...kept, family: addressFamily, ...form, address: first };
  const address =
    addressMax === undefined || addressMax === addressMin
      ? first
      : addressRange(first, addressOf(registers, addressMax, addressFamily));
  return { ...kept, ...shown, ...form, address, ...portsOf(registers, expression) };
}

/** Two ends that are all addresses of a prefix are listed as that. */
function addressRange(first: Tree, last: Tree): Tree {
  return rangeOrPrefix(ends(first, last));
}

/** The range as a prefix, if it is one. */
export function rangeOrPrefix(both: Range): Tree {
  const { from, to } = both;
  if (from.kind !== 'value' || to.kind !== 'value') return both;
  const size = to.value - from.value;
  if (size < 0n || (size & (size + 1n)) !== 0n || (from.value & size) !== 0n) return both;
  const length = from.bits - size.toString(2).length + (size === 0n ? 1 : 0);
  return { kind: 'prefix', base: from, length, type: from.type, bits: from.bits, order: from.order };
}

const actions: Readonly<Record<'masq' | 'redir', NatStatement['action']>> = {
  masq: 'masquerade',
  redir: 'redirect',
};

export function portNatDraft(expression: Of<'masq' | 'redir'>, registers: Registers, span: Span): Nat {
  const { op, flags } = expression;
  return {
    kind: 'nat',
    action: actions[op],
    flags: flagsOf(flags),
    ...portsOf(registers, expression),
    span,
  };
}

export function tproxyDraft(
  expression: Of<'tproxy'>,
  registers: Registers,
  family: Family,
  span: Span,
): Draft {
  const { address, port, family: addressFamily } = expression;
  return {
    kind: 'tproxy',
    ...(family === 'inet' && addressFamily !== undefined && { family: addressFamily }),
    ...(address !== undefined && { address: addressOf(registers, address, addressFamily ?? 'ip') }),
    ...(port !== undefined && { port: portOf(registers, port) }),
    span,
  };
}

function deviceOf(registers: Registers, register: Register): Tree {
  const tree = registers.load(register);
  setType(tree, interfaceIndexType, 'host');
  return tree;
}

export function dupDraft(
  { address, device }: Of<'dup'>,
  registers: Registers,
  family: Family,
  span: Span,
): Draft {
  const to = address === undefined ? undefined : registers.load(address);
  if (to !== undefined && family === 'ip') setType(to, ipv4AddressType, 'network');
  if (to !== undefined && family === 'ip6') setType(to, ipv6AddressType, 'network');
  const by = device === undefined ? undefined : deviceOf(registers, device);
  if (to === undefined) return { kind: 'dup', ...(by !== undefined && { to: by }), span };
  return { kind: 'dup', to, ...(by !== undefined && { device: by }), span };
}

export function fwdDraft({ device, address, family }: Of<'fwd'>, registers: Registers, span: Span): Draft {
  return {
    kind: 'fwd',
    device: deviceOf(registers, device),
    ...(family !== undefined && { family }),
    ...(address !== undefined && { address: addressOf(registers, address, family ?? 'ip') }),
    span,
  };
}
