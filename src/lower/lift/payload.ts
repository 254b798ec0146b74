// Payload: which field of which header a place in the packet is. nft loads and compares adjacent fields together, loads
// whole bytes where a field has fewer bits, and masks what it does not want; all of it is undone here.

import { inetServiceType, integerType } from '../../model/datatype.ts';
import type { HeaderBase, HeaderField, Protocol } from '../../model/protocol.ts';
import { countOnes, lowestOne, lowestZero, onesOf } from './bits.ts';
import { type ProtocolContext, protocolOf, unknownProtocol } from './protocol.ts';
import type { Constant, Payload } from './tree.ts';
import { rawType } from './types.ts';

/** Fields that nft lists in hexadecimal though they are plain numbers. */
const hexadecimal: ReadonlySet<string> = new Set(['ip frag-off']);

/** Bits of the ports, which are the same in all transport protocols. */
const portBits = 16;

export function rawPayload(base: HeaderBase, offset: number, bits: number): Payload {
  const payload: Payload = {
    kind: 'payload',
    base,
    offset,
    bits,
    announces: false,
    type: rawType,
    order: 'none',
  };
  if (base !== 'transport' || bits !== portBits || (offset !== 0 && offset !== portBits)) return payload;
  const th = protocolOf('th');
  payload.protocol = th;
  payload.field = th.fields.get(offset === 0 ? 'sport' : 'dport')!;
  payload.type = inetServiceType;
  return payload;
}

export function isKnown({ protocol }: Payload): boolean {
  return protocol !== undefined;
}

export function isHexadecimal(protocol: string, field: string): boolean {
  return hexadecimal.has(`${protocol} ${field}`);
}

function fieldType(protocol: Protocol, field: HeaderField): Payload['type'] {
  return isHexadecimal(protocol.name, field.name) ? rawType : field.type;
}

/** The field's name says what protocol follows, or what kind of message it is. */
function isAnnouncing(protocol: Protocol, field: HeaderField): boolean {
  if (protocol.name === 'icmp' || protocol.name === 'icmpv6') return field.name === 'type';
  return protocol.next === field.name;
}

function fieldPayload(protocol: Protocol, field: HeaderField): Payload {
  return {
    kind: 'payload',
    base: protocol.base,
    offset: field.offset,
    bits: field.length,
    protocol,
    field,
    announces: isAnnouncing(protocol, field),
    type: fieldType(protocol, field),
    order: 'network',
  };
}

/** Finds the field that `payload` is, if it is exactly one. */
export function completePayload(payload: Payload, context: ProtocolContext): void {
  const found = context.headerAt(payload.base, payload.offset);
  if (found === undefined) return;
  const { protocol, before } = found;
  for (const field of protocol.fields.values()) {
    if (field.offset !== payload.offset - before || field.length !== payload.bits) continue;
    if (!context.mayHave(field)) continue;
    payload.protocol = protocol;
    payload.field = field;
    payload.type = fieldType(protocol, field);
    payload.order = 'network';
    return;
  }
}

/** The fields that `payload` consists of, and what is left over as a payload without a name. */
export function expandPayload(payload: Payload, context: ProtocolContext): readonly Payload[] {
  const parts: Payload[] = [];
  const found = context.headerAt(payload.base, payload.offset);
  let offset = payload.offset - (found?.before ?? 0);
  let { bits } = payload;
  if (found !== undefined && found.protocol !== unknownProtocol) {
    for (const field of found.protocol.fields.values()) {
      if (field.offset !== offset || !context.mayHave(field)) continue;
      const part = fieldPayload(found.protocol, field);
      parts.push(part);
      if (field.length >= bits) {
        part.bits = bits;
        return parts;
      }
      bits -= field.length;
      offset += field.length;
    }
  }
  const rest = rawPayload(payload.base, offset, bits);
  if (payload.tunnel !== undefined) rest.type = integerType;
  parts.push(rest);
  return parts;
}

interface Span {
  readonly first: number;
  readonly end: number;
}

/** From the lowest one of the mask to the zero above it. */
function spanOf({ value }: Constant): Span {
  const first = lowestOne(value);
  return { first, end: lowestZero(value, first + 1) };
}

const wholeBytes = (bits: number): number => Math.ceil(bits / 8) * 8;

/**
 * Makes `payload` as small as the mask over it, if that is where fields begin and end. Gives the bits that values are to
 * be shifted down by; `undefined` if the mask stays.
 */
export function trimPayload(payload: Payload, mask: Constant, context: ProtocolContext): number | undefined {
  const found = context.headerAt(payload.base, payload.offset);
  if (found === undefined) return undefined;
  const { first, end } = spanOf(mask);
  const skipped = wholeBytes(mask.bits) - end;
  let offset = payload.offset - found.before + skipped;
  let left = payload.bits;
  let length = 0;
  for (const field of found.protocol.fields.values()) {
    if (field.offset !== offset) continue;
    if (field.length >= left) return undefined;
    left -= field.length;
    offset += field.length;
    length += field.length;
    if (first + length === end) {
      payload.offset += skipped;
      payload.bits = length;
      return first;
    }
  }
  return undefined;
}

const largestOffset = 255;

/** The same for a payload that is no known field. */
export function trimRawPayload(payload: Payload, mask: Constant): number | undefined {
  const { first, end } = spanOf(mask);
  if (isKnown(payload) || payload.bits <= end) return undefined;
  const offset = payload.offset + wholeBytes(mask.bits) - end;
  const bits = countOnes(mask.value);
  if (wholeBytes(offset) > largestOffset || bits > payload.bits) return undefined;
  payload.offset = offset;
  payload.bits = bits;
  return first;
}

/** The first bits of a constant, and the constant without them. */
export function splitConstant(
  value: Constant,
  bits: number,
): { readonly head: Constant; readonly rest: Constant } {
  const below = value.bits - bits;
  return {
    head: { ...value, value: (value.value >> BigInt(below)) & onesOf(bits), bits },
    rest: { ...value, value: value.value & onesOf(below), bits: below },
  };
}
