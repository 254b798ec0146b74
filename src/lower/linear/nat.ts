// Address translation and its relatives that take addresses and ports from registers.

import type { TypedExpression, TypedNat, TypedStatement } from '../../ast/type/typed.ts';
import type { Span } from '../../source/span.ts';
import { behind, type Emitter, wordsOf } from './emitter.ts';
import { genExpression } from './expression.ts';
import type { Register } from './ir.ts';

interface Ends {
  readonly min?: Register;
  readonly max?: Register;
}

/** Loads a value, or both ends of a range, each into registers of its own that stay taken. */
function genEnds(emitter: Emitter, expression: TypedExpression | undefined, span: Span): Ends {
  if (expression === undefined) return {};
  const min = emitter.take(span);
  if (expression.kind !== 'range') {
    genExpression(emitter, expression, min);
    return { min };
  }
  const max = emitter.take(span);
  genExpression(emitter, expression.from, min);
  genExpression(emitter, expression.to, max);
  return { min, max };
}

function releaseEnds(emitter: Emitter, ...all: readonly Ends[]): void {
  for (const ends of all) {
    if (ends.max !== undefined) emitter.release();
    if (ends.min !== undefined) emitter.release();
  }
}

interface Operands {
  readonly addressMin?: Register;
  readonly addressMax?: Register;
  readonly protoMin?: Register;
  readonly protoMax?: Register;
}

function operands(nat: TypedNat, address: Ends, port: Ends): Operands {
  return {
    ...(address.min !== undefined && { addressMin: address.min }),
    ...(address.max !== undefined && { addressMax: address.max }),
    ...(port.min !== undefined && { protoMin: port.min }),
    ...(port.max !== undefined && { protoMax: port.max }),
    ...(address.min !== undefined && mapOperands(nat, address.min)),
  };
}

/** Where a map's value has several parts they follow one another: address, port; for intervals then the upper ends. */
function mapOperands(nat: TypedNat, address: Register): Operands {
  const step = wordsOf(nat.family === 'ip6' ? 128 : 32);
  const second = behind(address, step);
  if (!nat.concat) return nat.interval ? { addressMax: second } : {};
  if (!nat.interval) return { protoMin: second };
  const third = behind(second, 1);
  return { protoMin: second, addressMax: third, protoMax: behind(third, step) };
}

export function genNat(emitter: Emitter, nat: TypedNat): void {
  const address = genEnds(emitter, nat.address, nat.span);
  const port = genEnds(emitter, nat.port, nat.span);
  releaseEnds(emitter, port, address);
  const used = operands(nat, address, port);
  const { flags } = nat;
  switch (nat.action) {
    case 'masquerade':
      emitter.emit({ op: 'masq', ...used, flags }, nat.span);
      return;
    case 'redirect':
      emitter.emit({ op: 'redir', ...used, flags }, nat.span);
      return;
    default:
      emitter.emit({ op: 'nat', type: nat.action, family: nat.family ?? 'inet', ...used, flags }, nat.span);
  }
}

export function genTproxy(
  emitter: Emitter,
  tproxy: Extract<TypedStatement, { readonly kind: 'tproxy' }>,
): void {
  const address = genEnds(emitter, tproxy.address, tproxy.span);
  const port = genEnds(emitter, tproxy.port, tproxy.span);
  releaseEnds(emitter, port, address);
  emitter.emit(
    {
      op: 'tproxy',
      ...(tproxy.family !== undefined && { family: tproxy.family }),
      ...(address.min !== undefined && { address: address.min }),
      ...(port.min !== undefined && { port: port.min }),
    },
    tproxy.span,
  );
}

export function genDup(emitter: Emitter, dup: Extract<TypedStatement, { readonly kind: 'dup' }>): void {
  const address = genEnds(emitter, dup.address, dup.span);
  const device = genEnds(emitter, dup.device, dup.span);
  releaseEnds(emitter, device, address);
  emitter.emit(
    {
      op: 'dup',
      ...(address.min !== undefined && { address: address.min }),
      ...(device.min !== undefined && { device: device.min }),
    },
    dup.span,
  );
}

export function genFwd(emitter: Emitter, fwd: Extract<TypedStatement, { readonly kind: 'fwd' }>): void {
  const device = emitter.take(fwd.span);
  genExpression(emitter, fwd.device, device);
  const address = genEnds(emitter, fwd.address, fwd.span);
  releaseEnds(emitter, address);
  emitter.release();
  emitter.emit(
    {
      op: 'fwd',
      device,
      ...(address.min !== undefined && { address: address.min }),
      ...(fwd.family !== undefined && { family: fwd.family }),
    },
    fwd.span,
  );
}
