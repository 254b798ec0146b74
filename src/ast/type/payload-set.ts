// Writes to the packet. A write of a bit field, or of an odd byte under a checksum, is a write of the whole bytes (an
// even number of them under a checksum) in which the other bits are those that were there.

import { integerType } from '../../model/datatype.ts';
import type { ChecksumFacts } from '../../model/protocol.ts';
import type {
  AssignStatement,
  InnerExpression,
  PayloadExpression,
  RawPayloadExpression,
  SelectorExpression,
} from '../nodes/index.ts';
import { evaluateArgument, noRange } from './argument.ts';
import { fieldShift } from './bits.ts';
import { inOrder } from './byteorder.ts';
import { constant, isConstant } from './constants.ts';
import type { Evaluation } from './evaluation.ts';
import { fail } from './failure.ts';
import { bitMask } from './literal/number.ts';
import { placedField, typedRawPayload, typedTransport } from './payload.ts';
import type { Checksum, TypedBinary, TypedExpression, TypedPayload, TypedStatement } from './typed.ts';

type Target = PayloadExpression | RawPayloadExpression | InnerExpression;

export function isPayloadTarget(target: SelectorExpression): target is Target {
  return target.kind === 'payload' || target.kind === 'raw_payload' || target.kind === 'inner';
}

export function evaluatePayloadSet(
  evaluation: Evaluation,
  statement: AssignStatement,
  node: Target,
): TypedStatement {
  const { span } = statement;
  const target = evaluateTarget(evaluation, node);
  const wanted = { type: target.type, bits: target.bits, order: 'network' } as const;
  const given = noRange(evaluateArgument(evaluation, statement.value, wanted), 'a write to the packet');
  const value = isConstant(given) ? given : inOrder(given, 'network');
  const checksum = checksumOf(target);
  const write = widened(target, value) ?? { target, value };
  return { kind: 'payload_set', ...write, checksum, span };
}

function evaluateTarget(evaluation: Evaluation, node: Target): TypedPayload {
  if (node.kind === 'raw_payload') return typedRawPayload(node);
  if (node.kind === 'inner' || node.protocol === 'vxlan' || node.protocol === 'geneve')
    return fail('not-settable', 'headers inside a tunnel cannot be set', node.span);
  return node.protocol === 'th' ? typedTransport(node) : placedField(evaluation, node);
}

/** NFT_PAYLOAD_CSUM_* */
const checksumTypes: Readonly<Record<ChecksumFacts['type'], number>> = { inet: 1, sctp: 2 };
const pseudoHeaderFlag = 1;

function checksumOf({ base, protocol, field }: TypedPayload): Checksum {
  const facts = protocol?.checksum;
  const sum = facts === undefined ? undefined : protocol?.fields.get(facts.field);
  const inPseudoHeader =
    (base === 'network' && field !== undefined && protocol?.pseudoHeader?.includes(field.name) === true) ||
    (base === 'transport' && protocol?.name === 'udp') ||
    base === 'inner';
  return {
    type: facts === undefined ? 0 : checksumTypes[facts.type],
    offset: sum === undefined ? 0 : sum.offset >> 3,
    flags: inPseudoHeader ? pseudoHeaderFlag : 0,
  };
}

/** True if only an even number of bytes can be written: sums are of 16-bit words, and so are VLAN tags. */
function needsEvenBytes({ base, protocol }: TypedPayload): boolean {
  return base === 'inner' || protocol?.checksum !== undefined || protocol?.name === 'vlan';
}

interface Window {
  /** In bits. */
  readonly offset: number;
  readonly bits: number;
  /** Bits behind the field. */
  readonly shift: number;
}

const longestWindow = 16;

/** The bytes that are read and written for `target`; `undefined` if they are those of the field. */
function windowOf(target: TypedPayload): Window | undefined {
  const { offset, bits, span } = target;
  const even = needsEvenBytes(target);
  const isWhole = offset % 8 === 0 && bits % 8 === 0;
  if (isWhole && (!even || (bits >> 3) % 2 === 0)) return undefined;
  const { shift, extra } = fieldShift(bits, offset);
  const first = offset >> 3;
  const length = Math.ceil((bits + extra) / 8);
  if (length > longestWindow)
    fail('field-too-long', `a field that is no whole bytes has at most ${longestWindow} of them`, span);
  if (!even || length % 2 === 0) return { offset: first * 8, bits: length * 8, shift };
  const isOdd = first % 2 === 1;
  return {
    offset: (isOdd ? first - 1 : first) * 8,
    bits: (length + 1) * 8,
    shift: isOdd ? shift : shift + 8,
  };
}

interface Write {
  readonly target: TypedPayload;
  readonly value: TypedExpression;
}

function widened(target: TypedPayload, value: TypedExpression): Write | undefined {
  const window = windowOf(target);
  if (window === undefined) return undefined;
  const { offset, bits, shift } = window;
  const wide: TypedPayload = { ...target, offset, bits };
  const keep = bitMask(bits) ^ (bitMask(target.bits) << BigInt(shift));
  if (value.kind === 'binary') {
    const own = ownOperation(target, value, wide, shift, keep);
    if (own !== undefined) return { target: wide, value: own };
  } else if (value.kind !== 'value') fail('not-settable', 'a bit field cannot be set to this', value.span);
  const shifted = value.kind === 'value' ? { ...value, value: value.value << BigInt(shift), bits } : value;
  return { target: wide, value: mixed(wide, keep, shifted) };
}

/** `value` put in between the bits of `wide` that stay. */
function mixed(wide: TypedPayload, keep: bigint, value: TypedExpression): TypedExpression {
  const { bits, span } = wide;
  const raw = { ...wide, type: integerType };
  const facts = { type: integerType, bits, order: 'network', span } as const;
  const mask = constant(keep, integerType, bits, 'network', span);
  const kept: TypedBinary = { kind: 'binary', operator: 'and', left: raw, right: mask, ...facts };
  return { kind: 'binary', operator: 'xor', left: kept, right: value, ...facts };
}

function isSameField(a: TypedExpression, b: TypedPayload): boolean {
  return (
    a.kind === 'payload' &&
    a.protocol === b.protocol &&
    a.field === b.field &&
    a.base === b.base &&
    a.offset === b.offset
  );
}

/** nft moves the distance of a shift as it moves other operands, which makes every shift too far. */
function checkDistance({ operator, span }: TypedBinary, moved: bigint, bits: number): void {
  if ((operator === 'left' || operator === 'right') && moved >= BigInt(bits))
    fail('shift-too-far', 'a field that is written with its neighbours cannot be shifted', span);
}

/** `field set field & 3`: the operation is done on the whole bytes. The innermost one only, as in nft. */
function ownOperation(
  target: TypedPayload,
  value: TypedBinary,
  wide: TypedPayload,
  shift: number,
  keep: bigint,
): TypedBinary | undefined {
  const { bits } = wide;
  const { left, right } = value;
  if (left.kind === 'binary') {
    const inner = ownOperation(target, left, wide, shift, keep);
    return inner === undefined ? undefined : { ...value, left: inner, right: { ...right, bits }, bits };
  }
  if (!isSameField(left, target)) return undefined;
  if (right.kind !== 'value') return fail('not-settable', 'a bit field cannot be set to this', right.span);
  const moved = right.value << BigInt(shift);
  checkDistance(value, moved, bits);
  const operand = value.operator === 'and' ? moved | keep : moved;
  return { ...value, left: { ...wide, type: left.type }, right: { ...right, value: operand, bits }, bits };
}
