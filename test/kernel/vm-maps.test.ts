// Maps of the interpreter against maps of the kernel: drawn sequences of look-ups, updates with every flag, and deletions
// on small maps that run full, as one program that both run. Every result must be equal.

import { beforeAll, describe, expect, it } from 'vitest';
import { assemble } from '../../src/bpf-asm/assemble.ts';
import * as b from '../../src/bpf-asm/build.ts';
import { helperNumber } from '../../src/bpf-asm/helpers.ts';
import type { AssembledProgram, AssemblyItem } from '../../src/bpf-asm/instruction.ts';
import type { MapDefinition, MapType } from '../../src/bpf-asm/map-spec.ts';
import { fixedEnvironment, Machine, MapTable, Memory, standardHelpers } from '../../src/bpf-asm/vm/index.ts';
import { loadTranslation, openSystem, type System, testRun } from '../../src/loader/index.ts';
import { isMissing } from '../support/requirements.ts';
import { generator } from '../unit/bpf-asm/drawn.ts';

const { R0, R1, R2, R3, R4, R9, R10 } = b;
const operations = 60;
const packetSize = operations * 8 + 8;
const noPreallocation = 1;

type Next = () => number;
type DrawKey = (next: Next) => number[];

interface Kind {
  readonly type: MapType;
  readonly keyWords: number;
  readonly drawKey: DrawKey;
}

/** A prefix length, now and then too long, and four bytes that share their first bits. */
const prefixKey: DrawKey = next => {
  const data = [0x0a000000, 0x0a800000, 0x0aff0000, 0x0affff00, 0x0affff01, 0x8a000000][next() % 6]!;
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, data);
  return [[0, 1, 7, 8, 9, 16, 24, 31, 32, 32, 32, 33][next() % 12]!, bytes.getInt32(0, true)];
};

const kinds: readonly Kind[] = [
  { type: 'hash', keyWords: 2, drawKey: next => [next() % 3, next() % 3] },
  { type: 'percpu_hash', keyWords: 1, drawKey: next => [next() % 8] },
  { type: 'array', keyWords: 1, drawKey: next => [[0, 1, 3, 4, 5, -1][next() % 6]!] },
  { type: 'percpu_array', keyWords: 1, drawKey: next => [[0, 1, 3, 4, 5, -1][next() % 6]!] },
  { type: 'lpm_trie', keyWords: 2, drawKey: prefixKey },
];

function definitionOf({ type, keyWords }: Kind): MapDefinition {
  const nothing = new Uint8Array(0);
  const flags = type === 'lpm_trie' ? noPreallocation : 0;
  const sizes = { keySize: keyWords * 4, valueSize: 8, maxEntries: 5 };
  return { name: 'm', type, ...sizes, flags, count: 0, keys: nothing, values: nothing };
}

/** One operation; its result goes to `slot` of the packet. */
function operation(kind: Kind, slot: number, next: Next): AssemblyItem[] {
  const done = `done${slot}`;
  const key = kind.drawKey(next).map((word, i) => b.storeImm(4, R10, -16 + i * 4, word));
  const setup = [...key, b.loadMap(R1, 'm'), b.mov64(R2, R10), b.add64(R2, -16)];
  const finish = [b.label(done), b.store(8, R9, slot * 8, R0)];
  const which = next() % 5;
  if (which === 0) return [...setup, b.call(helperNumber.map_delete_elem), ...finish];
  if (which < 3) {
    const value = [b.storeImm(8, R10, -24, next() | 0), b.mov64(R3, R10), b.add64(R3, -24)];
    // -1 and 3 are no flags; -1 also fills the high word.
    const flags = [0, 0, 0, 1, 2, 3, -1][next() % 7]!;
    return [...setup, ...value, b.mov64(R4, flags), b.call(helperNumber.map_update_elem), ...finish];
  }
  return [
    ...setup,
    b.call(helperNumber.map_lookup_elem),
    b.jumpIf('eq', R0, 0, done),
    b.mov64(R1, R0),
    b.load(8, R0, R1, 0),
    b.mov64(R2, 1),
    b.atomicAdd(8, R1, 0, R2),
    b.or64(R0, 1),
    ...finish,
  ];
}

function drawProgram(kind: Kind, seed: number): AssembledProgram {
  const next = generator(seed);
  const items = [
    b.load(4, R9, R1, 0),
    b.load(4, R3, R1, 4),
    b.mov64(R2, R9),
    b.add64(R2, packetSize),
    b.mov64(R0, 0),
    b.jumpIf('gt', R2, R3, 'exit'),
    ...Array.from({ length: operations }, (_, slot) => operation(kind, slot, next)).flat(),
    b.mov64(R0, 2),
    b.label('exit'),
    b.exit(),
  ];
  const result = assemble({ name: 'drawn', items });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.program;
}

function runInVm({ code, relocations }: AssembledProgram, definition: MapDefinition): Uint8Array {
  const memory = new Memory();
  const maps = new MapTable(memory);
  maps.add(definition);
  const packet = memory.add('the packet', new Uint8Array(packetSize), { writable: true, low: true });
  const context = memory.add('the context', new Uint8Array(24), { writable: false });
  context.view.setUint32(0, packet.low, true);
  context.view.setUint32(4, packet.low + packetSize, true);
  const helpers = standardHelpers(maps, fixedEnvironment);
  const result = new Machine({ code, relocations, memory, maps, helpers }).run({
    arguments: [context.address],
  });
  if (result.kind === 'fault') throw new Error(JSON.stringify(result.fault));
  expect(result.value).toBe(2n);
  return packet.bytes;
}

function runInKernel(system: System, program: AssembledProgram, definition: MapDefinition): Uint8Array {
  const loaded = loadTranslation(system, [{ ...program, target: 'xdp' }], [definition]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  try {
    const run = testRun(system, loaded.value.programs[0]!.fd, { data: new Uint8Array(packetSize) });
    if (!run.ok) throw new Error(JSON.stringify(run.error));
    expect(run.value.returned).toBe(2);
    return run.value.data;
  } finally {
    loaded.value.close();
  }
}

function results(packet: Uint8Array): bigint[] {
  return [...new BigInt64Array(packet.slice(0, operations * 8).buffer)];
}

describe.skipIf(isMissing('root'))('maps answer as the kernel answers', () => {
  let system: System;
  beforeAll(async () => {
    const opened = await openSystem();
    if (!opened.ok) throw new Error(JSON.stringify(opened.error));
    system = opened.value;
  });

  it.each(kinds.map(kind => [kind.type, kind] as const))('%s', (_, kind) => {
    const seen = new Set<bigint>();
    for (let seed = 1; seed <= 60; seed++) {
      const program = drawProgram(kind, seed * 7919);
      const ours = results(runInVm(program, definitionOf(kind)));
      expect({ seed, results: ours }).toEqual({
        seed,
        results: results(runInKernel(system, program, definitionOf(kind))),
      });
      for (const result of ours) seen.add(result);
    }
    // The draw reaches success, misses and errors.
    expect([...seen].filter(result => result < 0n && result > -40n).length).toBeGreaterThan(0);
    expect(seen.size).toBeGreaterThan(20);
  });
});
