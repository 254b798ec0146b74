// Asks a map. Its value is taken at once: data goes to the stack, a verdict's index is searched for.

import {
  add64,
  call,
  callLocal,
  jumpIf,
  load,
  loadMap,
  mov64,
  R0,
  R1,
  R10,
  store,
  storeImm,
} from '../../bpf-asm/build.ts';
import { helperNumber } from '../../bpf-asm/helpers.ts';
import type { Node } from '../flow/graph.ts';
import { chunks } from './chunks.ts';
import type { Copy } from './copy.ts';
import { afterCall } from './facts.ts';
import { pointTo, storeKey, storeNumbers } from './keys.ts';
import { emitSearch } from './search.ts';
import { KEY, slotOffset } from './stack.ts';

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

export function emitLookup(copy: Copy, node: Lookup): void {
  const { code } = copy;
  ask(copy, node);
  copy.facts = afterCall(copy.facts);
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
