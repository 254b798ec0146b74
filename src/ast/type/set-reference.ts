// `@name`: what it may be compared with is values of the set's key.

import type { SetReference } from '../nodes/index.ts';
import type { Evaluation } from './evaluation.ts';
import type { TypedPart, TypedSet, TypedSetReference } from './typed.ts';

/** Bits of a key: a single part as it is, several padded. */
export function keyBits(parts: readonly TypedPart[]): number {
  if (parts.length === 1) return parts[0]!.bits;
  return parts.reduce((sum, part) => sum + Math.ceil(part.bits / 32) * 32, 0);
}

/** From here on literals are keys of `set`. */
export function expectKey(evaluation: Evaluation, set: Pick<TypedSet, 'keyType' | 'keyParts'>): void {
  const order = set.keyParts.length === 1 ? set.keyParts[0]!.order : 'none';
  evaluation.expect(set.keyType, keyBits(set.keyParts), order, { key: set.keyParts });
}

export function evaluateSetReference(evaluation: Evaluation, reference: SetReference): TypedSetReference {
  const set = evaluation.table.requireSet(reference.name, reference.span);
  expectKey(evaluation, set);
  const { type, bits, order } = { type: set.keyType, bits: keyBits(set.keyParts), order: 'none' as const };
  return { kind: 'set_reference', set, type, bits, order, span: reference.span };
}
