// Objects of drawn programs: whatever functions, maps and calls they have, each reference is found where it was put.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readElf } from '../../src/bpf-asm/elf/read.ts';
import { writeElf } from '../../src/bpf-asm/elf/write.ts';
import {
  type AssemblyItem,
  callKfunc,
  callLocal,
  exit,
  label,
  loadFunction,
  loadMap,
  loadMapValue,
  mov64,
  R1,
} from '../../src/bpf-asm/index.ts';
import { assembled, sampleMap } from '../support/elf-sample.ts';

/** One step of a drawn function; `callee` is an ordinal that is taken modulo the number of functions behind the first. */
type Step =
  | { readonly kind: 'plain' | 'map' | 'value' | 'kfunc' }
  | { readonly kind: 'call' | 'address'; readonly callee: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('plain' as const, 'map' as const, 'value' as const, 'kfunc' as const) }),
  fc.record({ kind: fc.constantFrom('call' as const, 'address' as const), callee: fc.nat(20) }),
);

/** What a function of the object must hold. */
interface Expected {
  readonly name: string;
  readonly slots: number;
  readonly relocations: readonly { index: number; kind: string; name: string }[];
}

const mapSlots = 2;

function calleeOf(callee: number, subprograms: number): number {
  return 1 + (callee % subprograms);
}

function itemOf(one: Step, subprograms: number): AssemblyItem {
  switch (one.kind) {
    case 'plain':
      return mov64(R1, 1);
    case 'map':
      return loadMap(R1, 'looked');
    case 'value':
      return loadMapValue(R1, 'direct', 4);
    case 'kfunc':
      return callKfunc('bpf_rcu_read_lock');
    case 'call':
      return callLocal(`f${calleeOf(one.callee, subprograms)}`);
    case 'address':
      return loadFunction(R1, `f${calleeOf(one.callee, subprograms)}`);
  }
}

function referenceOf(one: Step, subprograms: number): { kind: string; name: string } | undefined {
  switch (one.kind) {
    case 'plain':
      return undefined;
    case 'map':
      return { kind: 'map', name: 'looked' };
    case 'value':
      return { kind: 'map', name: 'direct' };
    case 'kfunc':
      return { kind: 'kfunc', name: 'bpf_rcu_read_lock' };
    default:
      return { kind: 'subprogram', name: `p_${calleeOf(one.callee, subprograms)}` };
  }
}

function expectedOf(steps: readonly Step[], index: number, subprograms: number): Expected {
  let slot = 0;
  const relocations: { index: number; kind: string; name: string }[] = [];
  for (const one of steps) {
    const reference = referenceOf(one, subprograms);
    if (reference !== undefined) relocations.push({ index: slot, ...reference });
    slot += ['map', 'value', 'address'].includes(one.kind) ? mapSlots : 1;
  }
  return { name: index === 0 ? 'p' : `p_${index}`, slots: slot + 1, relocations };
}

/** The first function calls every other, since what nothing calls is no function. */
const functions: fc.Arbitrary<Step[][]> = fc
  .tuple(
    fc.array(step, { maxLength: 12 }),
    fc.array(fc.array(step, { maxLength: 8 }), { minLength: 1, maxLength: 6 }),
  )
  .map(([main, others]) => {
    const calls = others.map((_, callee): Step => ({ kind: 'call', callee }));
    return [[...main, ...calls], ...others];
  });

describe('objects of drawn programs', () => {
  it('hold each function with its references and lines', () => {
    fc.assert(
      fc.property(functions, bodies => {
        const subprograms = bodies.length - 1;
        const items = bodies.flatMap((steps, index) => [
          label(`f${index}`),
          ...steps.map(one => itemOf(one, subprograms)),
          exit(),
        ]);
        const { code, relocations } = assembled('p', items);
        const lines = Array.from({ length: code.length / 8 }, (_, slot) => ({
          ...{ slot, file: 'f', text: `${slot}`, line: slot + 1, column: 1 },
        }));
        const written = writeElf({
          programs: [{ name: 'p', section: 'xdp', code, relocations, lines }],
          maps: [sampleMap({ name: 'looked' }), sampleMap({ name: 'direct' })],
        });
        if (!written.ok) throw new Error(written.failure.message);
        const object = readElf(written.value);
        if (!object.ok) throw new Error(object.failure.message);
        const found = object.value.functions.map(one => ({
          name: one.name,
          slots: one.code.length / 8,
          relocations: one.relocations,
        }));
        const expected = bodies.map((steps, index) => expectedOf(steps, index, subprograms));
        expect(found).toEqual(expected);
        // The line of each instruction is that of the slot where it was assembled.
        let first = 0;
        for (const one of object.value.functions) {
          for (const { slot, line } of one.lines) expect(line).toBe(first + slot + 1);
          first += one.code.length / 8;
        }
      }),
      { numRuns: 500 },
    );
  });
});
