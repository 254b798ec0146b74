// The one table of the instruction set (RFC 9669). Builders, encoder, decoder, disassembler, checker and interpreter
// all read it: what is not a row here does not exist for them.
//
// The opcode byte:                      a load or store has            an ALU or jump has
//
//   7   6   5   4   3   2   1   0         mode (7-5)  size (4-3)         operation (7-4)  source (3)
//   +-------------------+-----------+
//   |                   |   class   |
//   +-------------------+-----------+
//
// A row is found by the opcode and, where several rows share one, by one more field (`fixed`): the offset tells div
// from sdiv and mov from movsx, the immediate tells atomics and byte swaps apart, the source register tells the
// kinds of calls and of 64-bit immediates.

/** The instruction set level that compilers call `-mcpu=v1` ... `v4`. */
export type CpuVersion = 1 | 2 | 3 | 4;

/** The first Linux release whose verifier takes an instruction. */
export type KernelVersion = readonly [major: number, minor: number];

export type Width = 32 | 64;

/** Size of a memory access in bytes. */
export type AccessSize = 1 | 2 | 4 | 8;

/** The value operand of an ALU operation, jump or store: the immediate or the source register. */
export type Source = 'imm' | 'reg';

export type AluOperator =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'or'
  | 'and'
  | 'lsh'
  | 'rsh'
  | 'mod'
  | 'xor'
  | 'mov'
  | 'arsh'
  | 'sdiv'
  | 'smod';

/** `s` is signed; `set` asks whether the operands have a bit in common. */
export type Condition = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le' | 'sgt' | 'sge' | 'slt' | 'sle' | 'set';

/** `fetch_` forms leave the old value in the source register; `cmpxchg` compares with R0 and leaves the old value there. */
export type AtomicOperator =
  | 'add'
  | 'or'
  | 'and'
  | 'xor'
  | 'fetch_add'
  | 'fetch_or'
  | 'fetch_and'
  | 'fetch_xor'
  | 'xchg'
  | 'cmpxchg';

/** `be` and `le` convert between the host's order and the named one; `swap` always swaps. */
export type EndianOrder = 'le' | 'be' | 'swap';

/** What a 64-bit immediate stands for (BPF_PSEUDO_* of uapi/linux/bpf.h). */
export type ImmediateKind =
  | 'number'
  | 'map_fd'
  | 'map_value'
  | 'btf_id'
  | 'function'
  | 'map_index'
  | 'map_index_value';

/** What an instruction does. */
export type Meaning =
  | { readonly kind: 'alu'; readonly operator: AluOperator; readonly width: Width; readonly source: Source }
  | { readonly kind: 'neg'; readonly width: Width }
  | { readonly kind: 'movsx'; readonly width: Width; readonly bits: 8 | 16 | 32 }
  | { readonly kind: 'endian'; readonly order: EndianOrder; readonly bits: 16 | 32 | 64 }
  /** `far`: the 32-bit immediate is the offset (`gotol`). */
  | { readonly kind: 'goto'; readonly far: boolean }
  /** Jumps if the program has looped too often (the kernel's budget of 8 million), else goes on. */
  | { readonly kind: 'may_goto' }
  | { readonly kind: 'branch'; readonly condition: Condition; readonly width: Width; readonly source: Source }
  | { readonly kind: 'call'; readonly target: 'helper' | 'local' | 'kfunc' }
  | { readonly kind: 'exit' }
  | { readonly kind: 'load'; readonly size: AccessSize; readonly signed: boolean }
  | { readonly kind: 'store'; readonly size: AccessSize; readonly source: Source }
  | { readonly kind: 'atomic'; readonly operator: AtomicOperator; readonly size: 4 | 8 }
  | { readonly kind: 'imm64'; readonly value: ImmediateKind };

/** The fields of an instruction that a program may choose. All other fields are `fixed` or zero. */
export type OperandField = 'dst' | 'src' | 'offset' | 'imm';

export interface IsaRow {
  /** Unique in the table, e.g. `add64_imm`, `jeq32_reg`, `ldxsx2`. */
  readonly name: string;
  readonly opcode: number;
  readonly fixed?: { readonly field: 'src' | 'offset' | 'imm'; readonly value: number };
  readonly operands: readonly OperandField[];
  readonly cpu: CpuVersion;
  readonly kernel: KernelVersion;
  readonly meaning: Meaning;
}

/** The low three bits of an opcode. */
export const instructionClass = {
  ld: 0x00,
  ldx: 0x01,
  st: 0x02,
  stx: 0x03,
  alu: 0x04,
  jmp: 0x05,
  jmp32: 0x06,
  alu64: 0x07,
} as const;

/** Bit 3 of ALU and jump opcodes: the operand is a register. */
const sourceBit: Readonly<Record<Source, number>> = { imm: 0x00, reg: 0x08 };

const sizeBits: Readonly<Record<AccessSize, number>> = { 4: 0x00, 2: 0x08, 1: 0x10, 8: 0x18 };

const mode = { imm: 0x00, mem: 0x60, memsx: 0x80, atomic: 0xc0 } as const;

const firstKernel: KernelVersion = [3, 18];
const v4Kernel: KernelVersion = [6, 6];

const widths: readonly Width[] = [32, 64];
const sources: readonly Source[] = ['imm', 'reg'];
const sizes: readonly AccessSize[] = [1, 2, 4, 8];

function aluClass(width: Width): number {
  return width === 64 ? instructionClass.alu64 : instructionClass.alu;
}

const valueOperands: Readonly<Record<Source, readonly OperandField[]>> = {
  imm: ['dst', 'imm'],
  reg: ['dst', 'src'],
};

const aluBits: readonly (readonly [AluOperator, number])[] = [
  ['add', 0x00],
  ['sub', 0x10],
  ['mul', 0x20],
  ['div', 0x30],
  ['or', 0x40],
  ['and', 0x50],
  ['lsh', 0x60],
  ['rsh', 0x70],
  ['mod', 0x90],
  ['xor', 0xa0],
  ['mov', 0xb0],
  ['arsh', 0xc0],
];

/** `div`, `mod` and `mov` share their opcode with a v4 instruction, so their offset is fixed at zero. */
const sharesOpcode: ReadonlySet<AluOperator> = new Set<AluOperator>(['div', 'mod', 'mov']);

function aluRows(width: Width, source: Source): IsaRow[] {
  return aluBits.map(([operator, bits]) => ({
    name: `${operator}${width}_${source}`,
    opcode: aluClass(width) | bits | sourceBit[source],
    ...(sharesOpcode.has(operator) ? { fixed: { field: 'offset', value: 0 } } : {}),
    operands: valueOperands[source],
    cpu: 1,
    kernel: firstKernel,
    meaning: { kind: 'alu', operator, width, source },
  }));
}

function signedDivisionRows(width: Width, source: Source): IsaRow[] {
  const operators = [
    ['sdiv', 0x30],
    ['smod', 0x90],
  ] as const;
  return operators.map(([operator, bits]) => ({
    name: `${operator}${width}_${source}`,
    opcode: aluClass(width) | bits | sourceBit[source],
    fixed: { field: 'offset', value: 1 },
    operands: valueOperands[source],
    cpu: 4,
    kernel: v4Kernel,
    meaning: { kind: 'alu', operator, width, source },
  }));
}

function negRow(width: Width): IsaRow {
  return {
    name: `neg${width}`,
    opcode: aluClass(width) | 0x80,
    operands: ['dst'],
    cpu: 1,
    kernel: firstKernel,
    meaning: { kind: 'neg', width },
  };
}

function movsxRow(width: Width, bits: 8 | 16 | 32): IsaRow {
  return {
    name: `movsx${width}_${bits}`,
    opcode: aluClass(width) | 0xb8,
    fixed: { field: 'offset', value: bits },
    operands: ['dst', 'src'],
    cpu: 4,
    kernel: v4Kernel,
    meaning: { kind: 'movsx', width, bits },
  };
}

function endianRow(order: EndianOrder, bits: 16 | 32 | 64): IsaRow {
  const opcode = { le: 0xd4, be: 0xdc, swap: 0xd7 }[order];
  const v4 = order === 'swap';
  return {
    name: `${v4 ? 'bswap' : order}${bits}`,
    opcode,
    fixed: { field: 'imm', value: bits },
    operands: ['dst'],
    cpu: v4 ? 4 : 1,
    kernel: v4 ? v4Kernel : firstKernel,
    meaning: { kind: 'endian', order, bits },
  };
}

const conditionBits: readonly (readonly [Condition, number])[] = [
  ['eq', 0x10],
  ['gt', 0x20],
  ['ge', 0x30],
  ['set', 0x40],
  ['ne', 0x50],
  ['sgt', 0x60],
  ['sge', 0x70],
  ['lt', 0xa0],
  ['le', 0xb0],
  ['slt', 0xc0],
  ['sle', 0xd0],
];

/** The "less" jumps came with v2; before, compilers swapped the operands. */
const v2Conditions: ReadonlySet<Condition> = new Set<Condition>(['lt', 'le', 'slt', 'sle']);

function branchNeeds(condition: Condition, width: Width): { cpu: CpuVersion; kernel: KernelVersion } {
  if (width === 32) return { cpu: 3, kernel: [5, 1] };
  return v2Conditions.has(condition) ? { cpu: 2, kernel: [4, 14] } : { cpu: 1, kernel: firstKernel };
}

function branchRows(width: Width, source: Source): IsaRow[] {
  const base = width === 64 ? instructionClass.jmp : instructionClass.jmp32;
  return conditionBits.map(([condition, bits]) => ({
    name: `j${condition}${width}_${source}`,
    opcode: base | bits | sourceBit[source],
    operands: [...valueOperands[source], 'offset'],
    ...branchNeeds(condition, width),
    meaning: { kind: 'branch', condition, width, source },
  }));
}

const controlRows: readonly IsaRow[] = [
  {
    name: 'ja',
    opcode: 0x05,
    operands: ['offset'],
    cpu: 1,
    kernel: firstKernel,
    meaning: { kind: 'goto', far: false },
  },
  {
    name: 'gotol',
    opcode: 0x06,
    operands: ['imm'],
    cpu: 4,
    kernel: v4Kernel,
    meaning: { kind: 'goto', far: true },
  },
  {
    name: 'may_goto',
    opcode: 0xe5,
    fixed: { field: 'src', value: 0 },
    operands: ['offset'],
    cpu: 4,
    kernel: [6, 9],
    meaning: { kind: 'may_goto' },
  },
  {
    name: 'call_helper',
    opcode: 0x85,
    fixed: { field: 'src', value: 0 },
    operands: ['imm'],
    cpu: 1,
    kernel: firstKernel,
    meaning: { kind: 'call', target: 'helper' },
  },
  {
    name: 'call_local',
    opcode: 0x85,
    fixed: { field: 'src', value: 1 },
    operands: ['imm'],
    cpu: 1,
    kernel: [4, 16],
    meaning: { kind: 'call', target: 'local' },
  },
  // The offset of a kfunc call selects the module whose BTF the number belongs to (0: vmlinux).
  {
    name: 'call_kfunc',
    opcode: 0x85,
    fixed: { field: 'src', value: 2 },
    operands: ['imm', 'offset'],
    cpu: 1,
    kernel: [5, 13],
    meaning: { kind: 'call', target: 'kfunc' },
  },
  { name: 'exit', opcode: 0x95, operands: [], cpu: 1, kernel: firstKernel, meaning: { kind: 'exit' } },
];

function loadRow(size: AccessSize, signed: boolean): IsaRow {
  return {
    name: `${signed ? 'ldxsx' : 'ldx'}${size}`,
    opcode: instructionClass.ldx | sizeBits[size] | (signed ? mode.memsx : mode.mem),
    operands: ['dst', 'src', 'offset'],
    cpu: signed ? 4 : 1,
    kernel: signed ? v4Kernel : firstKernel,
    meaning: { kind: 'load', size, signed },
  };
}

function storeRow(size: AccessSize, source: Source): IsaRow {
  const base = source === 'imm' ? instructionClass.st : instructionClass.stx;
  return {
    name: `${source === 'imm' ? 'st' : 'stx'}${size}`,
    opcode: base | sizeBits[size] | mode.mem,
    operands: ['dst', source === 'imm' ? 'imm' : 'src', 'offset'],
    cpu: 1,
    kernel: firstKernel,
    meaning: { kind: 'store', size, source },
  };
}

const atomicImmediates: readonly (readonly [AtomicOperator, number])[] = [
  ['add', 0x00],
  ['or', 0x40],
  ['and', 0x50],
  ['xor', 0xa0],
  ['fetch_add', 0x01],
  ['fetch_or', 0x41],
  ['fetch_and', 0x51],
  ['fetch_xor', 0xa1],
  ['xchg', 0xe1],
  ['cmpxchg', 0xf1],
];

function atomicRows(size: 4 | 8): IsaRow[] {
  return atomicImmediates.map(([operator, imm]) => ({
    name: `atomic_${operator}${size}`,
    opcode: instructionClass.stx | sizeBits[size] | mode.atomic,
    fixed: { field: 'imm', value: imm },
    operands: ['dst', 'src', 'offset'],
    cpu: operator === 'add' ? 1 : 3,
    kernel: operator === 'add' ? firstKernel : [5, 12],
    meaning: { kind: 'atomic', operator, size },
  }));
}

const immediateKinds: readonly (readonly [ImmediateKind, KernelVersion])[] = [
  ['number', firstKernel],
  ['map_fd', firstKernel],
  ['map_value', [5, 2]],
  ['btf_id', [5, 10]],
  ['function', [5, 13]],
  ['map_index', [5, 14]],
  ['map_index_value', [5, 14]],
];

const imm64Rows: readonly IsaRow[] = immediateKinds.map(([value, kernel], src) => ({
  name: `ld_imm64_${value}`,
  opcode: instructionClass.ld | sizeBits[8] | mode.imm,
  fixed: { field: 'src', value: src },
  operands: ['dst', 'imm'],
  cpu: 1,
  kernel,
  meaning: { kind: 'imm64', value },
}));

function byWidthAndSource(rows: (width: Width, source: Source) => IsaRow[]): IsaRow[] {
  return widths.flatMap(width => sources.flatMap(source => rows(width, source)));
}

/** Every instruction there is. */
export const isaRows: readonly IsaRow[] = [
  ...byWidthAndSource(aluRows),
  ...byWidthAndSource(signedDivisionRows),
  ...widths.map(negRow),
  movsxRow(32, 8),
  movsxRow(32, 16),
  movsxRow(64, 8),
  movsxRow(64, 16),
  movsxRow(64, 32),
  ...(['le', 'be', 'swap'] as const).flatMap(order => ([16, 32, 64] as const).map(b => endianRow(order, b))),
  ...byWidthAndSource(branchRows),
  ...controlRows,
  ...sizes.map(size => loadRow(size, false)),
  ...([1, 2, 4] as const).map(size => loadRow(size, true)),
  ...sources.flatMap(source => sizes.map(size => storeRow(size, source))),
  ...atomicRows(4),
  ...atomicRows(8),
  ...imm64Rows,
];

const rowsByName: ReadonlyMap<string, IsaRow> = new Map(isaRows.map(row => [row.name, row]));

const rowsByOpcode: readonly (readonly IsaRow[])[] = Array.from({ length: 256 }, (_, opcode) =>
  isaRows.filter(row => row.opcode === opcode),
);

/** The row of that name. Throws for a name that is not in the table, which is a mistake of the caller's code. */
export function rowNamed(name: string): IsaRow {
  const row = rowsByName.get(name);
  if (row === undefined) throw new RangeError(`no instruction is called ${name}`);
  return row;
}

/** The row that these fields select, or undefined if the set has no such instruction. */
export function findRow(opcode: number, src: number, offset: number, imm: number): IsaRow | undefined {
  const rows = rowsByOpcode[opcode];
  if (rows === undefined) return undefined;
  for (const row of rows) {
    if (row.fixed === undefined) return row;
    const { field, value } = row.fixed;
    if (value === (field === 'src' ? src : field === 'offset' ? offset : imm)) return row;
  }
  return undefined;
}

/** The rows that share an opcode byte. */
export function rowsWithOpcode(opcode: number): readonly IsaRow[] {
  return rowsByOpcode[opcode] ?? [];
}

/** True if a kernel of version `has` takes what needs `needs`. */
export function kernelAtLeast(has: KernelVersion, needs: KernelVersion): boolean {
  return has[0] !== needs[0] ? has[0] > needs[0] : has[1] >= needs[1];
}
