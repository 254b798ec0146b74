// Jumps, calls and labels. Targets are names; `assemble` turns them into offsets.

import type { AssemblyItem, Instruction, Label } from '../instruction.ts';
import type { Condition, Width } from '../isa.ts';
import { make, sourceOf } from './make.ts';
import { immediate, isRegister, type Operand, type Register } from './register.ts';

/** Names the instruction that follows. */
export function label(name: string): Label {
  return { label: name };
}

/** `goto target`. `assemble` makes it a `gotol` if the target is far. */
export function jump(target: string): Instruction {
  return make('ja', { offset: { label: target } });
}

/** `gotol target`: 32-bit offset. Needs v4. `jump` becomes this by itself where it must. */
export function jumpFar(target: string): Instruction {
  return make('gotol', { imm: { label: target } });
}

/**
 * Bounds a loop: `goto target` once the kernel's budget of 8 million rounds is spent. The verifier then takes the loop
 * without counting its rounds. Linux 6.9.
 */
export function mayGoto(target: string): Instruction {
  return make('may_goto', { offset: { label: target } });
}

export interface JumpOptions {
  /** 64 by default. 32 compares the low halves only and needs v3. */
  readonly width?: Width;
}

/**
 * `if (dst condition source) goto target`, e.g. `jumpIf('eq', R1, 80, 'http')`. A 64-bit comparison sign-extends an
 * immediate from 32 bits.
 */
export function jumpIf(
  condition: Condition,
  dst: Register,
  source: Operand,
  target: string,
  options: JumpOptions = {},
): Instruction {
  const width = options.width ?? 64;
  const value = isRegister(source) ? { src: source } : { imm: immediate(source, width) };
  return make(`j${condition}${width}_${sourceOf(source)}`, { dst, ...value, offset: { label: target } });
}

/** Calls a helper by its BPF_FUNC_* number (`helperNumber.map_lookup_elem`). */
export function call(helper: number): Instruction {
  return make('call_helper', { imm: helper });
}

/** Calls a kernel function; the loader fills in its BTF id. Until then the immediate is -1, which no kernel takes. */
export function callKfunc(name: string): Instruction {
  return make('call_kfunc', { imm: -1, reference: { kind: 'kfunc', name } });
}

/** Calls the subprogram that begins at `target`. */
export function callLocal(target: string): Instruction {
  return make('call_local', { imm: { label: target } });
}

/** Returns R0 from the program or subprogram. */
export function exit(): Instruction {
  return make('exit', {});
}

/** The same items with `origin` on every instruction that has none yet. */
export function withOrigin(origin: number, items: readonly AssemblyItem[]): AssemblyItem[] {
  return items.map(item => ('label' in item || item.origin !== undefined ? item : { ...item, origin }));
}
