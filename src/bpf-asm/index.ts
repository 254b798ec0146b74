// The assembler as a library of its own (`nft2bpf/asm`).

export * from './assemble.ts';
export * from './btf/index.ts';
export * from './build.ts';
export * from './check.ts';
export * from './disassemble.ts';
export * from './elf/index.ts';
export * from './encode.ts';
export * from './helpers.ts';
export * from './instruction.ts';
export * from './isa.ts';
export * from './map-spec.ts';
