// The front half for commands that stop at the register IR.

import { evaluate } from '../ast/evaluate.ts';
import type { IrRuleset } from '../lower/linear/ir.ts';
import { linearize } from '../lower/linear/linearize.ts';
import { parse } from '../nft-grammar/parse.ts';
import { type Diagnostic, hasFailure } from '../source/diagnostic.ts';
import type { SourceFile } from '../source/span.ts';
import type { TranslateOptions } from '../translate.ts';
import { readRuleset } from './ruleset.ts';

export interface Front {
  readonly ok: boolean;
  readonly ir: IrRuleset;
  readonly files: readonly SourceFile[];
  readonly diagnostics: readonly Diagnostic[];
}

export function readIr(file: string, options: TranslateOptions): Front {
  const parsed = parse(readRuleset(file), options);
  const evaluated = evaluate(parsed, options);
  const linear = linearize(evaluated.ruleset);
  const diagnostics = [...parsed.diagnostics, ...evaluated.diagnostics, ...linear.diagnostics];
  return { ok: !hasFailure(diagnostics), ir: linear.ir, files: parsed.files, diagnostics };
}
