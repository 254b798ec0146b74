// What a match says about the protocols of the packets behind it.

import { familyNumber } from '../../model/family.ts';
import { upperProtocol } from '../../model/protocol.ts';
import type { Evaluation } from './evaluation.ts';
import { firstProtocol, knownProtocol, type ProtocolContext, unknownProtocol } from './protocol-context.ts';
import type { TypedCt, TypedExpression, TypedMeta, TypedPayload } from './typed.ts';

/** True of fields that name the next protocol. */
export function namesProtocol({ protocol, field }: TypedPayload): boolean {
  if (protocol === undefined || field === undefined) return false;
  if (protocol.name === 'icmp' || protocol.name === 'icmpv6') return field.name === 'type';
  return field.name === protocol.next;
}

const protocolMetaKeys = new Set(['iiftype', 'nfproto', 'l4proto', 'protocol']);
const protocolCtKeys = new Set(['l3protocol', 'protocol']);

/** Takes notice of an equality of `left` with `right`. */
export function learn(evaluation: Evaluation, left: TypedExpression, right: TypedExpression): void {
  if (!saysProtocol(left)) return;
  for (const number of numbersOf(left, right)) learnNumber(evaluation.protocols, left, Number(number));
}

/** What can never teach anything is not looked at. */
function saysProtocol(left: TypedExpression): boolean {
  if (left.kind === 'payload') return namesProtocol(left);
  if (left.kind === 'meta') return protocolMetaKeys.has(left.key);
  return left.kind === 'ct' && protocolCtKeys.has(left.key);
}

/** Of a named set nothing is known, but a meta key then no longer stands for the protocol it may have had. */
function numbersOf(left: TypedExpression, right: TypedExpression): readonly bigint[] {
  if (right.kind === 'value') return [right.value];
  if (right.kind === 'set_literal')
    return right.elements.flatMap(({ parts }) => {
      if (parts === 'catchall' || parts.length !== 1) return [];
      const { from, to } = parts[0]!;
      return from === to ? [from] : [];
    });
  return right.kind === 'set_reference' && left.kind === 'meta' ? [0n] : [];
}

function learnNumber(context: ProtocolContext, left: TypedExpression, number: number): void {
  if (left.kind === 'payload') learnPayload(context, left, number);
  else if (left.kind === 'meta') learnMeta(context, left, number);
  else if (left.kind === 'ct') learnCt(context, left, number);
}

function learnPayload(context: ProtocolContext, left: TypedPayload, number: number): void {
  const lower = context.at(left.base);
  if (lower === undefined) return;
  const upper = upperProtocol(lower, number);
  if (upper === undefined) {
    learnIcmp(context, lower.name, number);
    return;
  }
  if (upper.base === 'link' && lower.base === 'link') context.stackLink(lower);
  context.set(upper.base, upper);
}

const icmpEcho = 8;
const icmpv6EchoRequest = 128;
const icmpv6EchoReply = 129;

/** A type of 0 counts as 8, and an echo reply as an echo request: they have the same fields. */
export function learnIcmp(context: ProtocolContext, protocol: string, number: number): void {
  if (protocol === 'icmp') context.icmpType = number === 0 ? icmpEcho : number;
  else if (protocol === 'icmpv6') context.icmpType = number === icmpv6EchoReply ? icmpv6EchoRequest : number;
}

const etherDevice = 1;

function learnMeta(context: ProtocolContext, left: TypedMeta, number: number): void {
  const first = firstProtocol(context.family);
  switch (left.key) {
    case 'iiftype':
      if (context.family !== 'bridge')
        context.set('link', number === etherDevice ? knownProtocol('ether') : unknownProtocol);
      return;
    case 'nfproto':
      learnFamily(context, number);
      return;
    case 'l4proto':
      context.set('transport', upperProtocol(knownProtocol('inet-service'), number) ?? unknownProtocol);
      return;
    default:
      if (context.family === 'netdev' || context.family === 'bridge')
        context.set('network', upperProtocol(first, number) ?? unknownProtocol);
  }
}

function learnFamily(context: ProtocolContext, number: number): void {
  const first = firstProtocol(context.family);
  if (familyNumber[context.family] === number && (first.name === 'ip' || first.name === 'ip6')) return;
  const own = first.base === 'network' && familyNumber[context.family] === number;
  context.set('network', upperProtocol(first, number) ?? (own ? first : unknownProtocol));
}

function learnCt(context: ProtocolContext, left: TypedCt, number: number): void {
  const isNetwork = left.key === 'l3protocol';
  const lower = context.at(isNetwork ? 'link' : 'network');
  const upper = lower === undefined ? undefined : upperProtocol(lower, number);
  if (upper !== undefined) context.set(isNetwork ? 'network' : 'transport', upper);
}
