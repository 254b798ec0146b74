// Assembly program -> machine code: labels to instruction indexes (layout), the form of each jump (relax), bytes (emit).

import { emit } from './assemble/emit.ts';
import { type AssemblyError, assemblyError } from './assemble/error.ts';
import { type Layout, layOut } from './assemble/layout.ts';
import { largestReach, relax } from './assemble/relax.ts';
import type { AssembledProgram, AssemblyProgram } from './instruction.ts';
import { type CpuVersion, type KernelVersion, kernelAtLeast } from './isa.ts';

export type { AssemblyError, AssemblyErrorCode } from './assemble/error.ts';

export interface AssembleOptions {
  /** Instructions above this level are errors. Below 4, a jump beyond 16 bits is one too. Default 4. */
  readonly cpu?: CpuVersion;
  /** Instructions that this kernel's verifier does not know are errors. Default: any kernel. */
  readonly kernel?: KernelVersion;
  /** Whether jumps beyond 16 bits may become `gotol`. Default: if `cpu` and `kernel` have it. */
  readonly allowLongJumps?: boolean;
  /**
   * Slots that a short jump may span where long ones are allowed. Default: all that 16 bits hold. The kernel rewrites
   * some instructions into several when it loads a program (look-ups that it inlines, loads from a context) and
   * refuses the program if a short jump then does not reach any more, so long programs want less.
   */
  readonly shortReach?: number;
}

export type AssembleResult =
  | { readonly ok: true; readonly program: AssembledProgram }
  | { readonly ok: false; readonly errors: readonly AssemblyError[] };

const gotolKernel: KernelVersion = [6, 6];

function hasLongJumps(options: AssembleOptions): boolean {
  const has = (options.cpu ?? 4) >= 4 && kernelAtLeast(options.kernel ?? gotolKernel, gotolKernel);
  return has && options.allowLongJumps !== false;
}

function checkTarget({ rows, instructions, items, errors }: Layout, options: AssembleOptions): void {
  const { cpu = 4, kernel } = options;
  rows.forEach((row, index) => {
    const fail = (code: 'needs-newer-cpu' | 'needs-newer-kernel', needs: string): void => {
      errors.push(assemblyError(code, `${row.name} needs ${needs}`, items[index]!, instructions[index]));
    };
    if (row.cpu > cpu) fail('needs-newer-cpu', `v${row.cpu} of the instruction set, the target is v${cpu}`);
    else if (kernel !== undefined && !kernelAtLeast(kernel, row.kernel)) {
      fail('needs-newer-kernel', `Linux ${row.kernel.join('.')}, the target is ${kernel.join('.')}`);
    }
  });
}

/**
 * Assembles a program. Nothing is cut: a label that is not there, a value that does not fit its field, a jump that
 * does not reach or an instruction that the target lacks is an error that names the item and its origin.
 *
 * @example
 * ```ts
 * import { add64, assemble, disassemble, exit, jumpIf, label, mov64, R0 } from 'nft2bpf/asm';
 *
 * const items = [mov64(R0, 0), label('again'), add64(R0, 7), jumpIf('lt', R0, 40, 'again'), exit()];
 * const result = assemble({ name: 'count', items });
 * if (result.ok) console.log(disassemble(result.program));
 * //        0:	r0 = 0x0
 * //        1:	r0 += 0x7
 * //        2:	if r0 < 0x28 goto -0x2 <count+0x8>
 * //        3:	exit
 * ```
 */
export function assemble(program: AssemblyProgram, options: AssembleOptions = {}): AssembleResult {
  const layout = layOut(program.items);
  checkTarget(layout, options);
  if (layout.errors.length > 0) return { ok: false, errors: layout.errors };
  const reach = Math.min(options.shortReach ?? largestReach, largestReach);
  const assembled = emit(program.name, layout, relax(layout, hasLongJumps(options), reach));
  return layout.errors.length > 0 ? { ok: false, errors: layout.errors } : { ok: true, program: assembled };
}
