// jhash (nft_hash.c; Jenkins' lookup3 as include/linux/jhash.h computes it over bytes). Section 9 of docs/semantics.md.

import type { Expression } from '../ir.ts';
import type { Execution } from './execution.ts';
import { next, notEvaluable, type Step } from './step.ts';

type Words = [a: number, b: number, c: number];

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** `__jhash_mix`: six rounds on the words in turn; after six each is back in its place. */
function mix([a, b, c]: Words): Words {
  let [x, y, z] = [a, c, b];
  for (const bits of [4, 6, 8, 16, 19, 4]) {
    x = (x - y) ^ rotate(y, bits);
    y = (y + z) | 0;
    [x, y, z] = [z, x, y];
  }
  return [x, z, y];
}

/** `__jhash_final`. */
function finish([a, b, c]: Words): number {
  c = (c ^ b) - rotate(b, 14);
  a = (a ^ c) - rotate(c, 11);
  b = (b ^ a) - rotate(a, 25);
  c = (c ^ b) - rotate(b, 16);
  a = (a ^ c) - rotate(c, 4);
  b = (b ^ a) - rotate(a, 14);
  c = (c ^ b) - rotate(b, 24);
  return c >>> 0;
}

/** `jhash(key, length, seed)` on a machine whose words are read in little-endian order. */
export function jhash(key: Uint8Array, seed: number): number {
  const start = (0xdeadbeef + key.length + seed) | 0;
  let words: Words = [start, start, start];
  if (key.length === 0) return start >>> 0;
  for (let offset = 0; ; offset += 12) {
    const block = new Uint8Array(12);
    block.set(key.subarray(offset, offset + 12));
    const view = new DataView(block.buffer);
    const sum = words.map((word, index) => (word + view.getUint32(index * 4, true)) | 0) as Words;
    if (key.length - offset <= 12) return finish(sum);
    words = mix(sum);
  }
}

/** `nft_jhash_eval`: scaled by a 64-bit product, never by a remainder. */
export function evaluateHash(execution: Execution, hash: Extract<Expression, { op: 'hash' }>): Step {
  if (hash.type === 'symmetric') return notEvaluable('symhash depends on a secret of the running kernel');
  if (hash.seed === undefined)
    return notEvaluable('jhash without a seed depends on a secret of the running kernel');
  if (execution.machine.byteOrder === 'big')
    return notEvaluable('jhash is modelled for little-endian machines only');
  if (hash.source === undefined || hash.length === undefined) return notEvaluable('a jhash without a key');
  const value = BigInt(jhash(execution.registers.read(hash.source, hash.length), hash.seed));
  const scaled = Number((value * BigInt(hash.modulus)) >> 32n);
  execution.registers.writeNumber(hash.dest, scaled + hash.offset, 4);
  return next;
}
