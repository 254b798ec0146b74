// Numbers of ELF64 (System V gABI) and of its use for BPF (Documentation/bpf/llvm_reloc.rst).

export const elfMagic: readonly number[] = [0x7f, 0x45, 0x4c, 0x46];
export const elfClass64 = 2;
export const elfLittleEndian = 1;
export const elfRelocatable = 1;
export const elfMachineBpf = 247;

/** Bytes of the file header, a section header, a symbol, a relocation without addend. */
export const fileHeaderLength = 64;
export const sectionHeaderLength = 64;
export const symbolLength = 24;
export const relocationLength = 16;

export const sectionType = { null: 0, progbits: 1, symtab: 2, strtab: 3, nobits: 8, rel: 9 } as const;
export const sectionFlag = { write: 0x1, alloc: 0x2, execute: 0x4, infoLink: 0x40 } as const;

export const symbolBinding = { local: 0, global: 1, weak: 2 } as const;
export const symbolType = { none: 0, object: 1, function: 2, section: 3 } as const;

/** On a 64-bit immediate (a map, data, the address of a function), and on a call. */
export const relocationType = { imm64: 1, call: 10 } as const;

/** Bytes of one instruction slot. */
export const slotLength = 8;
