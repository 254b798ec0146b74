// Statements that do something.

import {
  add64,
  atomic,
  call,
  callLocal,
  div64,
  jumpIf,
  load,
  loadImm64,
  loadMap,
  loadMapValue,
  mov32,
  mov64,
  mul64,
  R0,
  R1,
  R2,
  R3,
  R10,
  rsh64,
  store,
  storeImm,
} from '../../bpf-asm/build.ts';
import { helperNumber } from '../../bpf-asm/helpers.ts';
import type { Effect, Node, NodeId } from '../flow/graph.ts';
import type { Limit } from '../limit.ts';
import { constantTo } from './constant.ts';
import type { Copy } from './copy.ts';
import { afterCall } from './facts.ts';
import { pointTo, storeConstant, storeField } from './keys.ts';
import { emitLogCall } from './log.ts';
import { emitSearch } from './search.ts';
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

/** R1 = the address of a piece of state. */
function pointToState(copy: Copy, state: number): void {
  copy.code.emit(loadMapValue(R1, copy.compilation.stateMap, state * 8));
}

/** R2 = what the packet costs. */
function loadCost({ code, target, compilation }: Copy, limit: Limit): void {
  if (limit.of === 'packets') {
    constantTo(code, R2, limit.cost);
    return;
  }
  target.loadLength(code, R2, compilation.place);
  code.emit(loadImm64(R3, limit.unit), mul64(R2, R3), loadImm64(R3, limit.rate), div64(R2, R3));
}

function limit(copy: Copy, { state, limit, over }: Do<'limit'>, next: NodeId, stop: NodeId): void {
  loadCost(copy, limit);
  constantTo(copy.code, R3, limit.most);
  pointToState(copy, state);
  copy.code.emit(callLocal('limit'));
  copy.compilation.subprograms.add('limit');
  copy.facts = afterCall(copy.facts);
  decide(copy, over ? stop : next, over ? next : stop);
}

/** Goes on by R0: `yes` if it is not 0. */
function decide(copy: Copy, yes: NodeId, no: NodeId): void {
  const subject = { low: R0, narrow: false, maximum: (1n << 64n) - 1n };
  const targets = { to: (id: NodeId) => copy.to(id), next: copy.next };
  emitSearch(copy.code, subject, [{ low: 0n, high: 0n, to: no }], yes, targets);
}

function quota(copy: Copy, { state, bytes, over }: Do<'quota'>, next: NodeId, stop: NodeId): void {
  const { code, target, compilation } = copy;
  target.loadLength(code, R2, compilation.place);
  pointToState(copy, state);
  code.emit(mov64(R0, R2), atomic('fetch_add', 8, R1, 0, R0), add64(R0, R2));
  const arms = [{ low: 0n, high: bytes, to: over ? stop : next }];
  const subject = { low: R0, narrow: false, maximum: (1n << 64n) - 1n };
  emitSearch(code, subject, arms, over ? next : stop, { to: id => copy.to(id), next: copy.next });
}

/** A random number is scaled by its product with the modulus, never by a remainder. */
function number(copy: Copy, { state, modulus, offset, slot }: Do<'number'>): void {
  const { code } = copy;
  if (state === undefined) code.emit(call(helperNumber.get_prandom_u32));
  constantTo(code, R2, BigInt(modulus));
  if (state === undefined) {
    code.emit(mov32(R0, R0), mul64(R0, R2), rsh64(R0, 32));
  } else {
    pointToState(copy, state);
    code.emit(callLocal('next_number'));
    copy.compilation.subprograms.add('next_number');
  }
  constantTo(code, R2, BigInt(offset));
  code.emit(add64(R0, R2), store(4, R10, slotOffset(slot), R0));
  copy.facts = afterCall(copy.facts);
}

export function emitEffect(copy: Copy, node: Extract<Node, { kind: 'effect' }>): void {
  const { effect, next, stop = next } = node;
  switch (effect.do) {
    case 'limit':
      limit(copy, effect, next, stop);
      return;
    case 'quota':
      quota(copy, effect, next, stop);
      return;
    case 'count':
      count(copy, effect);
      break;
    case 'number':
      number(copy, effect);
      break;
    case 'log':
      emitLogCall(copy, effect);
      break;
    case 'set_meta':
      setMeta(copy, effect);
      break;
    case 'keep':
      storeConstant(copy.code, effect.bytes, slotOffset(effect.slot));
  }
  copy.go(next);
}
