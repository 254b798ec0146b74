import { describe, expect, it } from 'vitest';
import { assemble } from '../../../src/bpf-asm/assemble.ts';
import * as b from '../../../src/bpf-asm/build.ts';
import { helperNumber } from '../../../src/bpf-asm/helpers.ts';
import type { AssembledProgram, AssemblyItem } from '../../../src/bpf-asm/instruction.ts';
import type { MapDefinition, MapType } from '../../../src/bpf-asm/map-spec.ts';
import {
  fixedEnvironment,
  Machine,
  type MachineOptions,
  MapTable,
  Memory,
  RingBuffer,
  type RunOptions,
  type RunResult,
  skbHelpers,
  standardHelpers,
  xdpHelpers,
} from '../../../src/bpf-asm/vm/index.ts';

const { R0, R1, R2, R3, R4, R5, R6, R7, R10 } = b;

function program(items: readonly AssemblyItem[]): AssembledProgram {
  const result = assemble({ name: 'p', items });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.program;
}

function run(
  items: readonly AssemblyItem[],
  options: Partial<MachineOptions> = {},
  how?: RunOptions,
): RunResult {
  const { code, relocations } = program(items);
  return new Machine({ code, relocations, memory: new Memory(), ...options }).run(how);
}

function value(result: RunResult): bigint {
  if (result.kind === 'fault') throw new Error(JSON.stringify(result.fault));
  return result.value;
}

function fault(result: RunResult): [string, number] | undefined {
  return result.kind === 'fault' ? [result.fault.code, result.fault.slot] : undefined;
}

function definition(type: MapType, keySize: number, valueSize: number, maxEntries: number): MapDefinition {
  const nothing = new Uint8Array(0);
  return {
    name: 'm',
    type,
    keySize,
    valueSize,
    maxEntries,
    flags: 0,
    count: 0,
    keys: nothing,
    values: nothing,
  };
}

/** An environment with one map `m` and the standard helpers. */
function withMap(map: MapDefinition): { options: Partial<MachineOptions>; maps: MapTable } {
  const memory = new Memory();
  const maps = new MapTable(memory);
  expect(maps.add(map)).not.toBeTypeOf('number');
  return { maps, options: { memory, maps, helpers: standardHelpers(maps, fixedEnvironment) } };
}

describe('faults are values with the slot', () => {
  const address = (offset: number) => [b.mov64(R1, R10), b.add64(R1, offset)];

  it.each<[string, AssemblyItem[], [string, number]]>([
    ['a read through null', [b.mov64(R1, 0), b.load(4, R0, R1, 0), b.exit()], ['bad-access', 1]],
    ['a read through a small number', [b.mov64(R1, 77), b.load(4, R0, R1, 0), b.exit()], ['bad-access', 1]],
    ['a read above the stack', [...address(-4), b.load(8, R0, R1, 0), b.exit()], ['bad-access', 2]],
    ['a read below the stack', [b.load(8, R0, R10, -520), b.exit()], ['bad-access', 0]],
    [
      'a write to a pointer that ran off',
      [b.mov64(R1, -1), b.storeImm(8, R1, 1, 0), b.exit()],
      ['bad-access', 1],
    ],
    ['a helper that is not there', [b.call(1), b.exit()], ['unknown-helper', 0]],
    ['a kfunc that is not there', [b.callKfunc('f'), b.exit()], ['unknown-kfunc', 0]],
    ['a map that is not there', [b.loadMap(R1, 'm'), b.exit()], ['unresolved-reference', 0]],
    ['a field that is not there', [b.movField(R1, 'a.b'), b.exit()], ['unresolved-reference', 0]],
    ['the end of the program', [b.mov64(R0, 0)], ['bad-target', 1]],
    ['a loop without end', [b.label('top'), b.jump('top')], ['budget', 0]],
    ['too many frames', [b.label('top'), b.callLocal('top'), b.exit()], ['call-depth', 0]],
  ])('%s', (_, items, expected) => {
    expect(fault(run(items))).toEqual(expected);
  });

  it('a write to read-only memory', () => {
    const memory = new Memory();
    const region = memory.add('r', new Uint8Array(8), { writable: false });
    const items = [b.load(8, R0, R1, 0), b.storeImm(1, R1, 0, 1), b.exit()];
    const result = run(items, { memory }, { arguments: [region.address] });
    expect(fault(result)).toEqual(['bad-access', 1]);
    expect(result.kind === 'fault' && result.fault.message).toContain('offset 0 of r, which is read-only');
  });

  it('an unknown instruction, and a jump out of the program, only where they are executed', () => {
    const bad = program([b.jumpIf('eq', R1, 0, 'x'), b.mov64(R0, 0), b.label('x'), b.exit()]);
    const code = bad.code.slice();
    code[8] = 0xff;
    const machine = new Machine({ code, memory: new Memory() });
    expect(fault(machine.run({ arguments: [0n] }))).toBeUndefined();
    expect(fault(machine.run({ arguments: [1n] }))).toEqual(['unknown-instruction', 1]);
    code[2] = 100;
    expect(fault(new Machine({ code, memory: new Memory() }).run())).toEqual(['bad-target', 0]);
  });

  it('counts instructions', () => {
    const items = [b.mov64(R0, 0), b.label('top'), b.add64(R0, 1), b.jumpIf('lt', R0, 5, 'top'), b.exit()];
    expect(run(items)).toEqual({ kind: 'exit', value: 5n, instructions: 12 });
    expect(run(items, {}, { budget: 12 }).kind).toBe('exit');
    expect(fault(run(items, {}, { budget: 11 }))).toEqual(['budget', 3]);
  });

  it('traces slots', () => {
    const slots: number[] = [];
    run([b.loadImm64(R0, 1n), b.exit()], {}, { trace: slot => slots.push(slot) });
    expect(slots).toEqual([0, 2]);
  });
});

describe('subprograms', () => {
  it('keep R6-R9 and the frame of the caller, and see its stack through pointers', () => {
    const items = [
      b.mov64(R6, 1000),
      b.storeImm(8, R10, -8, 5),
      b.mov64(R1, R10),
      b.add64(R1, -8),
      b.callLocal('sub'),
      b.add64(R0, R6),
      b.load(8, R1, R10, -8),
      b.add64(R0, R1),
      b.exit(),
      b.label('sub'),
      b.mov64(R6, 7),
      b.storeImm(8, R10, -8, 100),
      b.load(8, R0, R1, 0),
      b.storeImm(8, R1, 0, 20),
      b.exit(),
    ];
    expect(value(run(items))).toBe(5n + 1000n + 20n);
  });

  it('nest 8 frames deep, as the kernel allows', () => {
    const nested = (depth: number): AssemblyItem[] => [
      b.mov64(R0, 1),
      ...Array.from({ length: depth }, (_, i) => [
        b.callLocal(`f${i}`),
        b.add64(R0, 1),
        b.exit(),
        b.label(`f${i}`),
      ]).flat(),
      b.exit(),
    ];
    expect(value(run(nested(7)))).toBe(8n);
    expect(fault(run(nested(8)))?.[0]).toBe('call-depth');
  });
});

describe('references', () => {
  it('fields go to the offset of a load and the immediate of a move', () => {
    const memory = new Memory();
    const region = memory.add('r', Uint8Array.of(0, 0, 0, 0, 42, 0, 0, 0), { writable: false });
    const items = [b.loadField(4, R0, R1, 's.m'), b.movField(R2, 's.m'), b.add64(R0, R2), b.exit()];
    const resolve = ({ name }: { name: string }) => (name === 's.m' ? 4 : undefined);
    expect(value(run(items, { memory, resolve }, { arguments: [region.address] }))).toBe(46n);
  });

  it('kfuncs are found by name, or by id where it is resolved', () => {
    const kfuncs = new Map([['f', (state: { setInt(r: number, v: number): void }) => state.setInt(0, -3)]]);
    const items = [b.callKfunc('f'), b.exit()];
    expect(value(run(items, { kfuncs }))).toBe(2n ** 64n - 3n);
    const { code } = program(items);
    code.set([9, 1, 0, 0], 4);
    const machine = new Machine({ code, memory: new Memory(), kfuncs, kfuncIds: new Map([[265, 'f']]) });
    expect(value(machine.run())).toBe(2n ** 64n - 3n);
  });

  it('map values are addresses in the array', () => {
    const { options, maps } = withMap(definition('array', 4, 16, 1));
    const items = [
      b.loadMapValue(R1, 'm', 8),
      b.mov64(R2, 9),
      b.atomicAdd(8, R1, 0, R2),
      b.mov64(R0, 0),
      b.exit(),
    ];
    run(items, options);
    run(items, options);
    expect([...maps.get('m')!.entries()[0]!.value]).toEqual([
      0, 0, 0, 0, 0, 0, 0, 0, 18, 0, 0, 0, 0, 0, 0, 0,
    ]);
  });
});

describe('ring buffers', () => {
  const ring = definition('ringbuf', 0, 0, 64);

  it('take copies and reservations in order, and refuse what does not fit', () => {
    const { options, maps } = withMap(ring);
    const output = [
      b.storeImm(8, R10, -8, 7),
      b.loadMap(R1, 'm'),
      b.mov64(R2, R10),
      b.add64(R2, -8),
      b.mov64(R3, 8),
      b.mov64(R4, 0),
      b.call(helperNumber.ringbuf_output),
      b.exit(),
    ];
    const reserve = [
      b.loadMap(R1, 'm'),
      b.mov64(R2, 4),
      b.mov64(R3, 0),
      b.call(helperNumber.ringbuf_reserve),
      b.mov64(R1, R0),
      b.storeImm(4, R1, 0, 9),
      b.mov64(R2, 0),
      b.call(helperNumber.ringbuf_submit),
      b.exit(),
    ];
    expect(value(run(output, options))).toBe(0n);
    expect(value(run(reserve, options))).toBe(0n);
    expect(value(run(output, options))).toBe(0n);
    // A ring of 64 bytes holds less than 64 bytes of records, each with a header of 8.
    expect(BigInt.asIntN(64, value(run(output, options)))).toBe(-11n);
    const map = maps.get('m');
    expect(map).toBeInstanceOf(RingBuffer);
    expect((map as RingBuffer).drain().map(record => [...record])).toEqual([
      [7, 0, 0, 0, 0, 0, 0, 0],
      [9, 0, 0, 0],
      [7, 0, 0, 0, 0, 0, 0, 0],
    ]);
    expect(value(run(output, options))).toBe(0n);
  });

  it('submitting what was not reserved is a fault', () => {
    const { options } = withMap(ring);
    const items = [b.mov64(R1, R10), b.mov64(R2, 0), b.call(helperNumber.ringbuf_submit), b.exit()];
    expect(fault(run(items, options))).toEqual(['bad-argument', 2]);
  });
});

describe('helpers', () => {
  it('read time and chance from the environment only', () => {
    const memory = new Memory();
    const environment = {
      ...fixedEnvironment,
      monotonicTime: () => 0x1_0000_0001n,
      taiTime: () => 5n,
      jiffies: () => 6n,
      random: () => 0xffff_ffff,
      cpu: 3,
    };
    const helpers = standardHelpers(new MapTable(memory), environment);
    const call = (number: number) => value(run([b.call(number), b.exit()], { memory, helpers }));
    expect(call(helperNumber.ktime_get_ns)).toBe(0x1_0000_0001n);
    expect(call(helperNumber.ktime_get_tai_ns)).toBe(5n);
    expect(call(helperNumber.jiffies64)).toBe(6n);
    expect(call(helperNumber.get_prandom_u32)).toBe(0xffff_ffffn);
    expect(call(helperNumber.get_smp_processor_id)).toBe(3n);
  });

  const packet = { bytes: Uint8Array.of(1, 2, 3, 4, 5, 6), linkOffset: 0, networkOffset: 2 };
  /** Copies `length` bytes at `offset` to the stack, over ones; R0 is the result and then the bytes, big end first. */
  const copy = (helper: number, offset: number, length: number, start = 0) => [
    b.storeImm(8, R10, -8, -1),
    b.mov64(R2, offset),
    b.mov64(R3, R10),
    b.add64(R3, -8),
    b.mov64(R4, length),
    b.mov64(R5, start),
    b.call(helper),
    b.mov64(R7, R0),
    b.load(4, R0, R10, -8),
    b.endian('be32', R0),
    b.lsh64(R7, 32),
    b.add64(R0, R7),
    b.exit(),
  ];

  it('copy from the packet', () => {
    const helpers = skbHelpers(() => packet);
    const at = (offset: number, length: number) =>
      BigInt.asIntN(64, value(run(copy(helperNumber.skb_load_bytes, offset, length), { helpers })));
    expect(at(2, 4)).toBe(0x03040506n);
    expect(at(5, 1)).toBe(0x06ffffffn);
    expect(at(3, 4)).toBe(-14n * 2n ** 32n);
    expect(at(-1, 4)).toBe(-14n * 2n ** 32n);
    const network = copy(helperNumber.skb_load_bytes_relative, 0, 4, 1);
    expect(value(run(network, { helpers }))).toBe(0x03040506n);
    const xdp = copy(helperNumber.xdp_load_bytes, 3, 4);
    expect(BigInt.asIntN(64, value(run(xdp, { helpers: xdpHelpers(() => packet) })))).toBe(
      -22n * 2n ** 32n + 0xffffffffn,
    );
  });
});
