// The front half: text to register IR, where `ir`, `check` and `print` stop and `translate` goes on.

import { evaluate } from './ast/evaluate.ts';
import type { EvaluateOptions } from './ast/type/options.ts';
import type { IrRuleset } from './lower/linear/ir.ts';
import { linearize } from './lower/linear/linearize.ts';
import type { ParseOptions, SourceInput } from './nft-grammar/options.ts';
import { parse } from './nft-grammar/parse.ts';
import { type Diagnostic, hasFailure } from './source/diagnostic.ts';
import type { SourceFile } from './source/span.ts';

export interface Front {
  /** False if the ruleset has errors; `ir` then is what could be read. */
  readonly ok: boolean;
  readonly ir: IrRuleset;
  readonly sources: readonly SourceFile[];
  readonly diagnostics: readonly Diagnostic[];
}

export function readIr(source: SourceInput, options: ParseOptions & EvaluateOptions): Front {
  const parsed = parse(source, options);
  const evaluated = evaluate(parsed, options);
  const linear = linearize(evaluated.ruleset);
  const diagnostics = [...parsed.diagnostics, ...evaluated.diagnostics, ...linear.diagnostics];
  return { ok: !hasFailure(diagnostics), ir: linear.ir, sources: parsed.files, diagnostics };
}
