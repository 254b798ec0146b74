// Address translation, transparent proxying, duplication and forwarding: statements that take addresses and ports.

import {
  type Datatype,
  inetServiceType,
  interfaceIndexType,
  ipv4AddressType,
  ipv6AddressType,
} from '../../model/datatype.ts';
import type {
  DupStatement,
  Expression,
  FwdStatement,
  MapExpression,
  NatFlag,
  NatStatement,
  TproxyStatement,
} from '../nodes/index.ts';
import { evaluateArgument, noRange } from './argument.ts';
import type { Evaluation } from './evaluation.ts';
import { evaluateExpression } from './expression.ts';
import { fail } from './failure.ts';
import { unwrap } from './list.ts';
import type { ProtocolContext } from './protocol-context.ts';
import type { AddressFamily, TypedExpression, TypedNat, TypedStatement } from './typed.ts';
import { concatenation, isConcatenation } from './types.ts';

const addressTypes: Readonly<Record<AddressFamily, Datatype>> = { ip: ipv4AddressType, ip6: ipv6AddressType };

/** NF_NAT_RANGE_* */
const natFlags: Readonly<Record<NatFlag, number>> = { random: 4, 'fully-random': 16, persistent: 8 };
const portFlag = 2;
const netmapFlag = 64;

function evaluateAddress(
  evaluation: Evaluation,
  expression: Expression,
  family: AddressFamily,
): TypedExpression {
  const type = addressTypes[family];
  return evaluateArgument(evaluation, expression, { type, bits: type.bits, order: 'network' });
}

function evaluatePort(
  evaluation: Evaluation,
  expression: Expression,
  address: TypedExpression | undefined,
): TypedExpression {
  const wanted = { type: inetServiceType, bits: 16, order: 'network' } as const;
  const { protocols } = evaluation;
  const port = evaluateArgument(evaluation, expression, wanted);
  requireTransport(protocols, address, expression);
  return port;
}

/**
 * Ports can be mapped only where there are ports: the rule, or the key of the map, must name a protocol. `protocols` are
 * those of the packet: the key may have been a field inside of a tunnel.
 */
function requireTransport(
  protocols: ProtocolContext,
  address: TypedExpression | undefined,
  { span }: Expression,
): void {
  if (protocols.at('transport') !== undefined || namesTransport(address)) return;
  fail('missing-protocol', 'ports can be mapped only after a match of the transport protocol', span);
}

function namesTransport(address: TypedExpression | undefined): boolean {
  if (address?.kind !== 'map' || address.key.kind !== 'concat') return false;
  return address.key.parts.some(
    part =>
      (part.kind === 'payload' && part.base === 'transport' && part.protocol !== undefined) ||
      (part.kind === 'payload' && part.base === 'network' && isNextField(part)) ||
      (part.kind === 'meta' && part.key === 'l4proto'),
  );
}

function isNextField({ protocol, field }: Extract<TypedExpression, { readonly kind: 'payload' }>): boolean {
  return field !== undefined && field.name === protocol?.next;
}

type NatFamily = AddressFamily | 'inet' | undefined;

/** The family that the addresses are of, as far as it is known before they are read. */
function familyOf(evaluation: Evaluation, statement: NatStatement): NatFamily {
  const { family } = evaluation;
  if (family === 'ip' || family === 'ip6') return statement.family ?? family;
  if (family !== 'inet') return fail('invalid-for-family', 'NAT is for IPv4 and IPv6 only', statement.span);
  if (statement.address === undefined) return 'inet';
  if (statement.family !== undefined) return statement.family;
  const network = evaluation.protocols.at('network')?.name;
  return network === 'ip' || network === 'ip6' ? network : undefined;
}

function checkNetwork(
  evaluation: Evaluation,
  family: NatFamily,
  { span }: { readonly span: Expression['span'] },
): void {
  const network = evaluation.protocols.at('network')?.name;
  if ((network === 'ip' || network === 'ip6') && network !== family)
    fail('conflicting-protocols', `conflicting protocols: ${network} and ${family ?? 'none'}`, span);
}

/** The family of the addresses that are the key of a map. */
function familyOfKey(address: Expression): AddressFamily | undefined {
  const map = unwrap(address);
  if (map.kind !== 'map') return undefined;
  const keys = map.key.kind === 'concat' ? map.key.parts : [map.key];
  let family: AddressFamily | undefined;
  for (const key of keys)
    if (key.kind === 'payload' && (key.protocol === 'ip' || key.protocol === 'ip6')) family = key.protocol;
  return family;
}

const familyMessage = (action: string): string => `write \`${action} ip to\` or \`${action} ip6 to\` here`;

function requireFamily(family: NatFamily, address: Expression, action: string): AddressFamily {
  const known = family === 'inet' || family === undefined ? familyOfKey(address) : family;
  return known ?? fail('unknown-family', familyMessage(action), address.span);
}

/** As in nft, flags that are written replace the one that `prefix` stands for. */
function flagsOf({ flags, form }: NatStatement): number {
  if (flags.length === 0) return form === 'prefix' ? netmapFlag : 0;
  return flags.reduce((sum, flag) => sum | natFlags[flag], 0);
}

export function evaluateNat(evaluation: Evaluation, statement: NatStatement): TypedNat {
  const { action, address, port, form, span } = statement;
  let family = familyOf(evaluation, statement);
  let flags = flagsOf(statement);
  const facts = { kind: 'nat', action, span, concat: false, interval: false } as const;
  if (address === undefined) {
    if (port === undefined) return { ...facts, ...natFamily(action, family), flags };
    const typedPort = evaluatePort(evaluation, port, undefined);
    return { ...facts, ...natFamily(action, family), port: typedPort, flags: flags | portFlag };
  }
  checkNetwork(evaluation, family, statement);
  if (form === 'concat' || givesPorts(evaluation, address))
    return natConcat(evaluation, statement, family, flags);
  const known = tableFamily(evaluation) ?? requireFamily(family, address, action);
  family ??= known;
  const typedAddress = evaluateAddress(evaluation, address, known);
  const typedPort = port === undefined ? undefined : evaluatePort(evaluation, port, typedAddress);
  if (typedPort !== undefined) flags |= portFlag;
  return {
    ...facts,
    ...natFamily(action, family),
    address: typedAddress,
    ...(typedPort !== undefined && { port: typedPort }),
    flags,
    interval: givesIntervals(typedAddress),
  };
}

function tableFamily({ family }: Evaluation): AddressFamily | undefined {
  return family === 'ip' || family === 'ip6' ? family : undefined;
}

function natFamily(action: NatStatement['action'], family: NatFamily): Pick<TypedNat, 'family'> {
  return (action === 'snat' || action === 'dnat') && family !== undefined ? { family } : {};
}

function givesIntervals(address: TypedExpression): boolean {
  return address.kind === 'map' && address.set.data?.kind === 'value' && address.set.data.interval;
}

/** True of a map that gives addresses and ports together. */
function givesPorts(evaluation: Evaluation, address: Expression): boolean {
  const expression = unwrap(address);
  return expression.kind === 'map' && mapGivesPorts(evaluation, expression);
}

function mapGivesPorts(evaluation: Evaluation, { map }: MapExpression): boolean {
  const mapped = map.kind === 'variable' ? map : unwrap(map);
  if (mapped.kind === 'set') {
    for (let index = 0; index < mapped.elements.length; index++)
      if (mapped.elements.at(index).data?.kind === 'concat') return true;
    return false;
  }
  if (mapped.kind !== 'set_reference') return false;
  const { data } = evaluation.table.requireSet(mapped.name, mapped.span);
  if (data?.kind !== 'value') return fail('not-a-map', 'this is not a map to values', mapped.span);
  return isConcatenation(data.type);
}

function natConcat(
  evaluation: Evaluation,
  statement: NatStatement,
  written: NatFamily,
  flags: number,
): TypedNat {
  const { action, address, port, span } = statement;
  if (address === undefined) return fail('missing-address', 'an address is missing', span);
  if (port !== undefined)
    fail('exclusive', 'a map that gives ports and a port exclude each other', port.span);
  const family =
    written === 'inet' || written === undefined
      ? fail('unknown-family', familyMessage(action), span)
      : written;
  const type = concatenation([addressTypes[family], inetServiceType]);
  evaluation.expect(type, type.bits, 'none');
  const { protocols } = evaluation;
  const typed = evaluateExpression(evaluation, address);
  requireTransport(protocols, typed, address);
  const interval = givesIntervals(typed);
  if (interval && family === 'ip6')
    fail(
      'unsupported-interval',
      'the kernel takes no ranges of IPv6 addresses and ports from a map',
      address.span,
    );
  return { kind: 'nat', action, family, address: typed, flags, concat: true, interval, span };
}

export function evaluateTproxy(evaluation: Evaluation, statement: TproxyStatement): TypedStatement {
  const { address, port, span } = statement;
  const table = evaluation.family;
  if (table !== 'ip' && table !== 'ip6' && table !== 'inet')
    return fail('invalid-for-family', 'tproxy is for IPv4 and IPv6 only', span);
  const family = statement.family ?? (table === 'inet' ? undefined : table);
  if (evaluation.protocols.at('transport') === undefined)
    fail('missing-protocol', 'tproxy needs a match of the transport protocol', span);
  checkNetwork(evaluation, family, statement);
  const known =
    address === undefined ? undefined : (tableFamily(evaluation) ?? requireFamily(family, address, 'tproxy'));
  const typedAddress =
    address === undefined || known === undefined
      ? undefined
      : noRange(evaluateAddress(evaluation, address, known), 'tproxy');
  const typedPort =
    port === undefined ? undefined : noRange(evaluatePort(evaluation, port, undefined), 'tproxy');
  const shown = family ?? known;
  return {
    kind: 'tproxy',
    ...(shown !== undefined && { family: shown }),
    ...(typedAddress !== undefined && { address: typedAddress }),
    ...(typedPort !== undefined && { port: typedPort }),
    span,
  };
}

function evaluateDevice(evaluation: Evaluation, expression: Expression, statement: string): TypedExpression {
  const wanted = { type: interfaceIndexType, bits: 32, order: 'host' } as const;
  return noRange(evaluateArgument(evaluation, expression, wanted), statement);
}

export function evaluateDup(evaluation: Evaluation, { to, device, span }: DupStatement): TypedStatement {
  const { family } = evaluation;
  if (family === 'netdev') {
    if (device !== undefined) fail('unexpected-device', 'dup takes one device here', device.span);
    return { kind: 'dup', device: evaluateDevice(evaluation, to, 'dup'), span };
  }
  if (family !== 'ip' && family !== 'ip6')
    return fail('invalid-for-family', 'dup is for the families ip, ip6 and netdev', span);
  const address = evaluateAddress(evaluation, to, family);
  const typedDevice = device === undefined ? {} : { device: evaluateDevice(evaluation, device, 'dup') };
  return { kind: 'dup', address: noRange(address, 'dup'), ...typedDevice, span };
}

export function evaluateFwd(evaluation: Evaluation, statement: FwdStatement): TypedStatement {
  const { family, address, device, span } = statement;
  if (evaluation.family !== 'netdev') return fail('invalid-for-family', 'fwd is for the family netdev', span);
  const typedDevice = evaluateDevice(evaluation, device, 'fwd');
  if (address === undefined) return { kind: 'fwd', device: typedDevice, span };
  if (family === undefined) return fail('unknown-family', 'write `fwd ip to` or `fwd ip6 to` here', span);
  const typedAddress = noRange(evaluateAddress(evaluation, address, family), 'fwd');
  return { kind: 'fwd', family, address: typedAddress, device: typedDevice, span };
}
