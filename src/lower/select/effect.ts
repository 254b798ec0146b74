// Statements that do something.

import {
  add64,
  atomicAdd,
  call,
  jumpIf,
  load,
  loadMap,
  mov64,
  R0,
  R1,
  R2,
  R10,
  store,
  storeImm,
} from '../../bpf-asm/build.ts';
import { helperNumber } from '../../bpf-asm/helpers.ts';
import type { Effect, Node } from '../flow/graph.ts';
import type { Copy } from './copy.ts';
import { afterCall } from './facts.ts';
import { pointTo, storeConstant, storeField } from './keys.ts';
import { INDEX, slotOffset, VALUE } from './stack.ts';

type Do<D extends Effect['do']> = Extract<Effect, { do: D }>;

/** A per-CPU slot of packets and bytes. Its look-up is inlined by the JIT and fails only for an index out of range. */
function count(copy: Copy, { slot }: Do<'count'>): void {
  const { code, target } = copy;
  const { countersMap, place } = copy.compilation;
  const skip = code.fresh('counted');
  code.emit(storeImm(4, R10, INDEX, slot));
  pointTo(code, INDEX);
  code.emit(loadMap(R1, countersMap), call(helperNumber.map_lookup_elem), jumpIf('eq', R0, 0, skip));
  target.loadLength(code, R2, place);
  if (target.isPreemptible(place)) {
    code.emit(mov64(R1, 1), atomicAdd(8, R0, 0, R1), atomicAdd(8, R0, 8, R2));
  } else {
    code.emit(load(8, R1, R0, 0), add64(R1, 1), store(8, R0, 0, R1));
    code.emit(load(8, R1, R0, 8), add64(R1, R2), store(8, R0, 8, R1));
  }
  code.label(skip);
  copy.facts = afterCall(copy.facts);
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
