// Statements that do something.

import {
  call,
  callLocal,
  jumpIf,
  load,
  loadMap,
  mov32,
  R0,
  R1,
  R2,
  R10,
  storeImm,
} from '../../bpf-asm/build.ts';
import { helperNumber } from '../../bpf-asm/helpers.ts';
import type { Effect, Node } from '../flow/graph.ts';
import type { Copy } from './copy.ts';
import { afterCall } from './facts.ts';
import { pointTo, storeConstant, storeField } from './keys.ts';
import { INDEX, slotOffset, VALUE } from './stack.ts';
import { addToCounter } from './subprograms.ts';

type Do<D extends Effect['do']> = Extract<Effect, { do: D }>;

/** With more counters than this they share a subprogram, which costs some 3 ns a count and saves ten instructions. */
export const mostInlineCounters = 48;

/** A per-CPU slot of packets and bytes. Its look-up is inlined by the JIT and fails only for an index out of range. */
function count(copy: Copy, { slot }: Do<'count'>): void {
  const { code, target, compilation } = copy;
  copy.facts = afterCall(copy.facts);
  if (compilation.sharesCounters) {
    compilation.subprograms.add('count');
    target.loadLength(code, R2, compilation.place);
    code.emit(mov32(R1, slot), callLocal('count'));
    return;
  }
  const skip = code.fresh('counted');
  code.emit(storeImm(4, R10, INDEX, slot));
  pointTo(code, INDEX);
  code.emit(
    loadMap(R1, compilation.countersMap),
    call(helperNumber.map_lookup_elem),
    jumpIf('eq', R0, 0, skip),
  );
  target.loadLength(code, R2, compilation.place);
  code.emit(...addToCounter(target.isPreemptible(compilation.place)));
  code.label(skip);
}

function setMeta(copy: Copy, { key, value }: Do<'set_meta'>): void {
  const node = copy.current as Extract<Node, { kind: 'effect' }>;
  storeField(copy, value, VALUE, () => copy.to(node.next));
  copy.code.emit(load(value.length as 1 | 2 | 4 | 8, R1, R10, VALUE));
  copy.target.setMeta(copy.code, key);
}

export function emitEffect(copy: Copy, node: Extract<Node, { kind: 'effect' }>): void {
  const { effect } = node;
  if (effect.do === 'count') count(copy, effect);
  else if (effect.do === 'set_meta') setMeta(copy, effect);
  else storeConstant(copy.code, effect.bytes, slotOffset(effect.slot));
  copy.go(node.next);
}
