// Register IR, wherever it comes from, through the back half: lowered and assembled for one target.

import { type AssembledProgram, assemble } from '../../../src/bpf-asm/index.ts';
import { lower } from '../../../src/lower/lower.ts';
import type { LoweredProgram, Program, Target } from '../../../src/lower/program.ts';
import { type Diagnostic, hasFailure } from '../../../src/source/diagnostic.ts';
import type { Translator } from './bpf-live.ts';
import type { ToIr } from './evaluator.ts';

/** The first reason why not. */
export function refusal(diagnostics: readonly Diagnostic[]): { readonly refused: string } {
  const first = diagnostics.find(({ severity }) => severity === 'error' || severity === 'refusal');
  return { refused: first === undefined ? 'no reason given' : `${first.code}: ${first.message}` };
}

function assembled({ assembly, ...rest }: LoweredProgram): Program {
  const result = assemble(assembly, { cpu: 4, kernel: [6, 18] });
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('\n'));
  const program: AssembledProgram = result.program;
  return { ...rest, ...program };
}

/** A translator that starts from register IR. */
export function backHalf(toIr: ToIr, target: 'auto' | Target, optimize: boolean): Translator {
  return scenario => {
    const ir = toIr(scenario);
    if ('refused' in ir) return ir;
    const { programs, maps, diagnostics } = lower(ir, { target, optimize, kernel: [6, 18] });
    return hasFailure(diagnostics) ? refusal(diagnostics) : { programs: programs.map(assembled), maps, ir };
  };
}
