// Implied tests: before a header's field is read, the packet must be known to have that header. What the rule has not
// said is tested in front of the statement that needs it; what it contradicts is refused.

import { interfaceTypeType } from '../../model/datatype.ts';
import { type HeaderBase, type Protocol, protocolLink } from '../../model/protocol.ts';
import type { Span } from '../../source/span.ts';
import { constant } from './constants.ts';
import type { Evaluation } from './evaluation.ts';
import { fail } from './failure.ts';
import { typedField } from './header-field.ts';
import { ensureMessage } from './icmp-message.ts';
import { addDependency, conflict, currentTunnel, prependTest, refuseContradiction } from './implied-test.ts';
import {
  baseBelow,
  baseRank,
  firstProtocol,
  knownProtocol,
  type ProtocolContext,
} from './protocol-context.ts';
import { typedMeta } from './selector.ts';
import type { TypedMeta, TypedPayload } from './typed.ts';

const baseNames: Readonly<Record<HeaderBase, string>> = {
  link: 'link layer',
  network: 'network layer',
  transport: 'transport layer',
  inner: 'payload',
};

/** Makes sure that the protocol of `payload` is known, and returns the field at its place in the packet. */
export function ensureProtocol(evaluation: Evaluation, payload: TypedPayload): TypedPayload {
  const { protocol, span } = payload;
  if (protocol === undefined) return payload;
  const context = evaluation.protocols;
  const known = context.at(payload.base);
  if (known === undefined) return implyProtocol(evaluation, payload, protocol);
  const other = context.ambiguity(payload.base, protocol);
  if (other !== undefined) return conflict(other, protocol, span);
  if (known === protocol) {
    ensureMessage(evaluation, payload);
    return payload.base === 'link' ? behindStackedLinks(context, payload) : payload;
  }
  if (payload.base === 'link') return resolveLink(evaluation, payload, protocol, known);
  const layer = baseNames[payload.base];
  return fail(
    'conflicting-protocols',
    `conflicting ${layer} protocols: ${known.name} and ${protocol.name}`,
    span,
  );
}

function implyProtocol(evaluation: Evaluation, payload: TypedPayload, protocol: Protocol): TypedPayload {
  const context = evaluation.protocols;
  testBelow(evaluation, payload, protocol);
  refuseContradiction(evaluation);
  const known = context.at(payload.base);
  if (known === protocol) {
    ensureMessage(evaluation, payload);
    return payload;
  }
  if (payload.base !== 'link' || known === undefined) return payload;
  const number = protocolLink(known, protocol.name);
  if (number === undefined) return conflict(known, protocol, payload.span);
  testLinkType(evaluation, number, payload.span);
  return { ...payload, offset: payload.offset + (context.stackedLinks[0]?.length ?? 0) };
}

function behindStackedLinks({ stackedLinks }: ProtocolContext, payload: TypedPayload): TypedPayload {
  if (stackedLinks.length === 0) return payload;
  const below = stackedLinks.reduce((sum, link) => sum + (link.length ?? 0), 0);
  return { ...payload, offset: payload.offset + below };
}

/** Stand-ins for a link layer that is not known. */
function isStandIn(protocol: Protocol): boolean {
  return protocol.name === 'inet' || protocol.name === 'netdev';
}

/** A link header other than the known one: one that it carries, or any if none is known for sure. */
function resolveLink(
  evaluation: Evaluation,
  payload: TypedPayload,
  protocol: Protocol,
  known: Protocol,
): TypedPayload {
  const context = evaluation.protocols;
  let lower = known;
  if (isStandIn(known)) {
    if (evaluation.tunnel === undefined) testDevice(evaluation, payload, protocol);
    else context.set('link', knownProtocol('ether'));
    lower = protocol;
  } else if (context.stackedLinks.includes(protocol)) return payload;
  const number = protocolLink(lower, protocol.name);
  if (number !== undefined) {
    testLinkType(evaluation, number, payload.span);
    return behindStackedLinks(context, payload);
  }
  const now = context.at('link') ?? known;
  if (now === protocol) return payload;
  const message = `conflicting ${baseNames.link} protocols: ${now.name} and ${protocol.name}`;
  return fail('conflicting-protocols', message, payload.span);
}

/** The test that the layer below announces the protocol of `payload`. */
function testBelow(evaluation: Evaluation, payload: TypedPayload, protocol: Protocol): void {
  const context = evaluation.protocols;
  const first = firstProtocol(context.family);
  const above = baseRank(first.base) - baseRank(payload.base);
  if (above > 1)
    fail(
      'invalid-for-family',
      `the ${baseNames[payload.base]} header is not there in family ${context.family}`,
      payload.span,
    );
  if (above === 1) {
    testDevice(evaluation, payload, protocol);
    return;
  }
  const below = baseBelow(payload.base);
  const known = below === undefined ? undefined : context.at(below);
  const lower = known ?? impliedBelow(evaluation, payload, protocol);
  if (lower === undefined) {
    const message = `no ${below === undefined ? 'lower' : baseNames[below]} protocol is specified`;
    fail('ambiguous-protocol', message, payload.span);
  } else testNext(evaluation, preferred(context, lower, protocol), protocol, payload.span);
}

/** In bridges, the type that the kernel keeps also knows packets whose VLAN tag it took away. */
function preferred(context: ProtocolContext, lower: Protocol, upper: Protocol): Protocol {
  const isAddressed = upper.name === 'ip' || upper.name === 'ip6';
  return context.family === 'bridge' && lower.name === 'ether' && isAddressed
    ? knownProtocol('netdev')
    : lower;
}

/** Protocols that belong to one network protocol imply a test of that, too. */
const networkOf: Readonly<Record<string, string>> = { icmp: 'ip', igmp: 'ip', icmpv6: 'ip6' };

function impliedBelow(
  evaluation: Evaluation,
  payload: TypedPayload,
  protocol: Protocol,
): Protocol | undefined {
  const context = evaluation.protocols;
  if (payload.base === 'link') return linkStandIn(context);
  if (payload.base !== 'transport') return undefined;
  const network = networkOf[protocol.name];
  if (network === undefined) return knownProtocol('inet-service');
  const link = context.at('link') ?? linkStandIn(context);
  if (link === undefined) return knownProtocol('inet-service');
  const carriesLink = evaluation.tunnel?.tunnel === undefined || (evaluation.tunnel.tunnel.flags & 2) !== 0;
  const upper = knownProtocol(network);
  testNext(evaluation, carriesLink ? link : knownProtocol('netdev'), upper, payload.span);
  return upper;
}

function linkStandIn({ family }: ProtocolContext): Protocol | undefined {
  return family === 'inet' || family === 'bridge' || family === 'netdev' ? firstProtocol(family) : undefined;
}

/** What `protocol` announces its payload by: a meta key, or a field of its own. */
function nextKey(protocol: Protocol, span: Span): TypedMeta | TypedPayload {
  if (protocol.name === 'ip' || protocol.name === 'ip6') return typedMeta('l4proto', span);
  const { next } = protocol;
  if (next?.startsWith('meta ')) return typedMeta(next.slice('meta '.length), span);
  const field = protocol.fields.get(next ?? '');
  if (field === undefined) return fail('ambiguous-protocol', `${protocol.name} announces no protocol`, span);
  return typedField(protocol, field, span);
}

/** Tests that `upper` follows `lower`. */
export function testNext(evaluation: Evaluation, lower: Protocol, upper: Protocol, span: Span): void {
  const number = protocolLink(lower, upper.name);
  if (number === undefined) conflict(lower, upper, span);
  addTest(evaluation, nextKey(lower, span), number, span);
}

function testLinkType(evaluation: Evaluation, number: number, span: Span): void {
  const link = evaluation.protocols.at('link');
  if (link === undefined) return;
  addTest(evaluation, nextKey(link, span), number, span);
  refuseContradiction(evaluation);
}

const etherDevice = 1;

/** Tests that the packet came from a device with link headers, which are Ethernet's. */
function testDevice(evaluation: Evaluation, payload: TypedPayload, protocol: Protocol): void {
  const ether = knownProtocol('ether');
  if (protocol !== ether && protocolLink(ether, protocol.name) === undefined)
    fail('invalid-for-family', `${protocol.name} is invalid for family ${evaluation.family}`, payload.span);
  const left = typedMeta('iiftype', payload.span);
  const right = constant(BigInt(etherDevice), interfaceTypeType, left.bits, left.order, payload.span);
  addDependency(evaluation, { kind: 'match', operator: 'eq', left, right, span: payload.span });
}

/** Tests that `key` has the value `number`. */
function addTest(evaluation: Evaluation, key: TypedMeta | TypedPayload, number: number, span: Span): void {
  const placed = key.kind === 'payload' ? ensureProtocol(evaluation, key) : key;
  const left = { ...placed, ...currentTunnel(evaluation) };
  const right = constant(BigInt(number), key.type, key.bits, key.order, span);
  addDependency(evaluation, { kind: 'match', operator: 'eq', left, right, span });
}

/** Makes sure that the network protocol is `name`, with a test at the start of the rule. */
export function ensureNetwork(evaluation: Evaluation, name: 'ip' | 'ip6', span: Span): void {
  const context = evaluation.protocols;
  const known = context.at('network');
  const wanted = knownProtocol(name);
  if (known === wanted) return;
  if (known !== undefined) conflict(known, wanted, span);
  const link = context.at('link');
  if (link === undefined) fail('ambiguous-protocol', 'no link layer protocol is specified', span);
  prependTest(evaluation, () => testNext(evaluation, link, wanted, span));
}
