// Verdicts: one, or the one that a map gives for a key.

import type { TypedMap, TypedVerdict } from '../../ast/type/typed.ts';
import type { Emitter } from './emitter.ts';
import { genExpression } from './expression.ts';
import type { SetId, Verdict } from './ir.ts';

/** A verdict as the IR has it; the chain of a jump or goto is known to be there. */
export function verdictOf(verdict: Pick<TypedVerdict, 'verdict' | 'chain'>): Verdict {
  const kind = verdict.verdict;
  return kind === 'jump' || kind === 'goto' ? { kind, chain: verdict.chain ?? '' } : { kind };
}

export function genVerdict(emitter: Emitter, verdict: TypedVerdict | TypedMap): void {
  if (verdict.kind === 'map') genVerdictMap(emitter, verdict);
  else emitter.emit({ op: 'verdict', verdict: verdictOf(verdict) }, verdict.span);
}

function genVerdictMap(emitter: Emitter, map: TypedMap): void {
  const source = emitter.take(map.span, map.key);
  emitter.beside(map.key, () => genExpression(emitter, map.key, source));
  emitter.release(map.key);
  emitter.emit({ op: 'lookup', source, set: map.set.id as SetId, invert: false, dest: 'verdict' }, map.span);
}
