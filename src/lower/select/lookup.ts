// Asks a map. Its value is taken at once: data goes to the stack, a verdict's index is searched for.

import {
  add64,
  call,
  callLocal,
  jumpIf,
  load,
  loadMap,
  mov32,
  mov64,
  R0,
  R1,
  R2,
  R3,
  R10,
  store,
  storeImm,
} from '../../bpf-asm/build.ts';
import { helperNumber } from '../../bpf-asm/helpers.ts';
import type { Node } from '../flow/graph.ts';
import type { ElementForm } from '../sets/element-form.ts';
import { chunks } from './chunks.ts';
import { constantTo } from './constant.ts';
import type { Copy } from './copy.ts';
import type { ElementName } from './element.ts';
import { afterCall } from './facts.ts';
import { pointTo, storeKey, storeNumbers } from './keys.ts';
import { emitSearch } from './search.ts';
import { KEY, slotOffset, VALUE } from './stack.ts';

type Lookup = Extract<Node, { kind: 'lookup' }>;

/** An LPM key begins with its length in bits, 4 bytes; the rest stays aligned to 8. */
function buildKey(copy: Copy, { parts, query, absent }: Lookup): number {
  const fails = (): string => copy.to(absent);
  if (query.kind !== 'lpm') {
    storeKey(copy, parts, 0, fails);
    return KEY;
  }
  storeKey(copy, parts, 8, fails);
  copy.code.emit(storeImm(4, R10, KEY + 4, query.set.keyLength * 8));
  return KEY + 4;
}

/** R0 = the value, or null. */
function ask(copy: Copy, node: Lookup): void {
  const { code } = copy;
  const { kind, map } = node.query;
  if (kind === 'scan') {
    storeNumbers(copy, node.parts, () => copy.to(node.absent));
    const name = `scan_${map}` as const;
    copy.compilation.subprograms.add(name);
    copy.compilation.scans.set(name, node.query);
    code.emit(mov64(R1, R10), add64(R1, KEY), callLocal(name));
    return;
  }
  pointTo(code, buildKey(copy, node));
  code.emit(loadMap(R1, map), call(helperNumber.map_lookup_elem));
}

/** R0 = the value of an element that carries something, or null. It is changed first where the query says so. */
function askElement(copy: Copy, node: Lookup, form: ElementForm): void {
  const { code } = copy;
  const { map, change } = node.query;
  buildKey(copy, node);
  if (change?.operation === 'delete') {
    pointTo(code, KEY);
    code.emit(loadMap(R1, map), call(helperNumber.map_delete_elem));
    return;
  }
  const name: ElementName = `${change ? 'put' : 'find'}_element_${map}`;
  useElement(copy, name, map, form);
  code.emit(mov64(R1, R10), add64(R1, KEY));
  if (change) {
    constantTo(code, R2, change.timeout ?? 0n);
    code.emit(mov32(R3, change.operation === 'update' ? 1 : 0));
  }
  code.emit(callLocal(name));
}

function useElement({ compilation }: Copy, name: ElementName, map: string, form: ElementForm): void {
  compilation.subprograms.add(name);
  compilation.elements.set(name, { map, form });
}

/** Runs what the element in R0 carries: a rule that it ends is like a miss. R0 stays what it is. */
function runElement(copy: Copy, { query, missing }: Lookup, form: ElementForm): void {
  const { code, target, compilation } = copy;
  const name: ElementName = `run_element_${query.map}`;
  useElement(copy, name, query.map, form);
  if (form.states.some(({ kind }) => kind === 'limit')) compilation.subprograms.add('limit');
  code.emit(jumpIf('eq', R0, 0, copy.to(missing)), store(8, R10, VALUE, R0));
  target.loadLength(code, R2, compilation.place);
  code.emit(load(8, R1, R10, VALUE), callLocal(name), jumpIf('eq', R0, 0, copy.to(missing)));
  code.emit(load(8, R0, R10, VALUE));
}

export function emitLookup(copy: Copy, node: Lookup): void {
  const { code } = copy;
  const { elements } = node.query;
  if (elements && node.query.kind === 'hash') askElement(copy, node, elements.form);
  else ask(copy, node);
  copy.facts = afterCall(copy.facts);
  if (node.query.change?.operation === 'delete') {
    copy.go(node.found);
    return;
  }
  if (elements?.runs) runElement(copy, node, elements.form);
  const { result } = node.query;
  if (result.kind === 'none') {
    const targets = { to: copy.to.bind(copy), next: copy.next };
    const subject = { low: R0, narrow: false, maximum: (1n << 64n) - 1n };
    emitSearch(code, subject, [{ low: 0n, high: 0n, to: node.missing }], node.found, targets);
    return;
  }
  code.emit(jumpIf('eq', R0, 0, copy.to(node.missing)));
  if (result.kind === 'data') {
    keepData(copy, node, result);
    return;
  }
  code.emit(load(4, R1, R0, 0));
  const arms = result.targets.map((to, index) => ({ low: BigInt(index), high: BigInt(index), to }));
  const subject = { low: R1, narrow: true, maximum: (1n << 32n) - 1n };
  emitSearch(code, subject, arms, node.missing, { to: copy.to.bind(copy), next: copy.next });
}

function keepData(
  copy: Copy,
  node: Lookup,
  { slot, length }: { readonly slot: number; readonly length: number },
): void {
  const offset = slotOffset(slot);
  for (const { at, size } of chunks(R10, offset, length)) {
    copy.code.emit(load(size, R1, R0, at), store(size, R10, offset + at, R1));
  }
  copy.go(node.found);
}
