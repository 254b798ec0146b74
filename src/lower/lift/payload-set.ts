// Writes to the packet. A field that is no whole bytes is written together with what stands beside it: the value is then
// what is there, masked, with the new bits put in. From that the field and its new value are found again.

import { lowestOne, lowestZero, onesOf } from './bits.ts';
import type { Draft } from './draft.ts';
import { completePayload, isKnown, trimPayload, trimRawPayload } from './payload.ts';
import type { Resolver } from './resolve.ts';
import { type Binary, type Constant, type Payload, setType } from './tree.ts';
import { shiftConstant } from './value.ts';

type PayloadSet = Extract<Draft, { readonly kind: 'payload_set' }>;

export function resolvePayloadSet(resolver: Resolver, draft: PayloadSet): void {
  completePayload(draft.target, resolver.protocols);
  if (!isKnown(draft.target) && draft.value.kind === 'binary') findField(resolver, draft, draft.value);
  draft.target = resolver.tree(draft.target) as Payload;
  setType(draft.value, draft.target.type, draft.target.order);
  draft.value = resolver.tree(draft.value);
}

function isSamePlace(a: Payload, b: Payload): boolean {
  return a.base === b.base && a.offset === b.offset && a.protocol === b.protocol && a.tunnel === b.tunnel;
}

function findField(resolver: Resolver, draft: PayloadSet, value: Binary): void {
  const { left, right } = value;
  if (right.kind !== 'value') return;
  if (left.kind === 'binary') maskedAndSet(resolver, draft, left, right, value.operator);
  else if (left.kind === 'payload' && isSamePlace(draft.target, left))
    oneOperation(resolver, draft, value, left, right);
}

/** `(field & mask) | bits`: the bits are the new value. */
function maskedAndSet(
  resolver: Resolver,
  draft: PayloadSet,
  masked: Binary,
  bits: Constant,
  operator: Binary['operator'],
): void {
  const { left: payload, right: mask } = masked;
  if (operator !== '|' || masked.operator !== '&') return;
  if (payload.kind !== 'payload' || mask.kind !== 'value' || !isSamePlace(draft.target, payload)) return;
  const fieldMask: Constant = { ...mask, value: onesOf(payload.bits) ^ mask.value ^ bits.value };
  if (!resolver.unmask({ left: payload, mask: fieldMask, values: bits }) && !isKnown(payload)) {
    const shift = trimRawPayload(payload, fieldMask);
    if (shift === undefined) return;
    bits.value >>= BigInt(shift);
  }
  draft.target = payload;
  draft.value = bits;
}

/** `field & mask`: zero is written; `field | bits`: all ones are. */
function oneOperation(
  resolver: Resolver,
  draft: PayloadSet,
  { operator }: Binary,
  payload: Payload,
  mask: Constant,
): void {
  if (operator !== '|' && trimToField(resolver, draft, operator, payload, mask)) return;
  if (operator === '&') {
    const cleared: Constant = { ...mask, value: onesOf(payload.bits) ^ mask.value };
    named(resolver, payload, cleared);
    if (!isKnown(payload) && trimRawPayload(payload, cleared) === undefined) return;
    draft.target = payload;
    draft.value = { ...cleared, value: 0n };
  } else if (operator === '|') {
    named(resolver, payload, mask);
    if (trimToField(resolver, draft, operator, payload, mask) || !isKnown(payload)) return;
    draft.target = payload;
    draft.value = mask;
  }
}

function named(resolver: Resolver, payload: Payload, mask: Constant): void {
  const shift = trimPayload(payload, mask, resolver.protocols);
  if (shift === undefined) return;
  shiftConstant(mask, shift, payload.bits);
  completePayload(payload, resolver.protocols);
  setType(mask, payload.type, payload.order);
}

/** An operation on bits of one field of a 16 or 32 bit word: the same operation on the field. */
function trimToField(
  resolver: Resolver,
  draft: PayloadSet,
  operator: Binary['operator'],
  payload: Payload,
  mask: Constant,
): boolean {
  const header = resolver.protocols.at(payload.base);
  if (isKnown(payload) || header === undefined || payload.bits % 16 !== 0) return false;
  const place = operator === '&' ? lowestZero(mask.value) : lowestOne(mask.value);
  if (place < 0) return false;
  const offset = payload.offset + payload.bits - place;
  const field = [...header.fields.values()].find(each => each.offset + each.length >= offset);
  if (field === undefined) return false;
  const inWord = field.offset % 16;
  const shift = inWord < 8 ? 16 - ((field.offset % 8) + field.length) : 16 - (inWord + field.length);
  if (shift < 0) return false;
  const fieldMask = onesOf(field.length) << BigInt(shift);
  const others = onesOf(payload.bits) ^ fieldMask;
  if (operator === '&' ? (mask.value & others) !== others : (mask.value & fieldMask) !== mask.value)
    return false;
  mask.value = (mask.value & fieldMask) >> BigInt(shift);
  mask.bits -= field.offset - payload.offset + shift;
  payload.offset = field.offset;
  payload.bits = field.length;
  draft.target = payload;
  if (operator === '&' && mask.value === 0n) draft.value = mask;
  return true;
}
