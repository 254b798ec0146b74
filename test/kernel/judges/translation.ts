// Scenarios through the translator, with the devices of the lab as its names.

import { evaluate } from '../../../src/ast/evaluate.ts';
import type { IrRuleset } from '../../../src/lower/linear/ir.ts';
import { linearize } from '../../../src/lower/linear/linearize.ts';
import type { Target } from '../../../src/lower/program.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';
import { hasFailure } from '../../../src/source/diagnostic.ts';
import { translate } from '../../../src/translate.ts';
import type { Scenario } from '../../support/scenario.ts';
import { refusal } from './back-half.ts';
import type { Translated, Translator } from './bpf-live.ts';
import type { ToIr } from './evaluator.ts';

/** Interface indexes as a lab has them: loopback, input, output, others. */
export function interfacesOf({ input, output, others }: Scenario): Record<string, number> {
  return Object.fromEntries(['lo', input, output, ...others].map((name, index) => [name, index + 1]));
}

/** The register IR of a scenario's ruleset by our own front half. */
export const irOf: ToIr = scenario => {
  const options = { names: { interfaces: interfacesOf(scenario) } };
  const parsed = parse(scenario.ruleset);
  const evaluated = evaluate(parsed, options);
  const { ir, diagnostics } = linearize(evaluated.ruleset, options);
  const all = [...parsed.diagnostics, ...evaluated.diagnostics, ...diagnostics];
  return hasFailure(all) ? refusal(all) : ir;
};

/** A translator for one target, with the optimiser on or off. */
export function translator(target: 'auto' | Target, optimize: boolean): Translator {
  return (scenario): Translated | { readonly refused: string } => {
    const names = { interfaces: interfacesOf(scenario) };
    const result = translate(scenario.ruleset, { target, optimize, names, kernel: [6, 18] });
    if (!result.ok) return refusal(result.diagnostics);
    const ir: IrRuleset | { readonly refused: string } = irOf(scenario);
    return 'refused' in ir ? ir : { programs: result.programs, maps: result.maps, ir };
  };
}
