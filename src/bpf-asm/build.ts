// Typed builders: each gives one `Instruction`. A builder does not check that values fit; `assemble` does, once, and
// says which instruction it was.

export * from './build/alu.ts';
export * from './build/control.ts';
export * from './build/memory.ts';
export {
  type Operand,
  R0,
  R1,
  R2,
  R3,
  R4,
  R5,
  R6,
  R7,
  R8,
  R9,
  R10,
  type Register,
  registers,
} from './build/register.ts';
