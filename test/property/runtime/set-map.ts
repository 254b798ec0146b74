// The map that the translator makes of a set, without a program that asks it.

import { evaluate } from '../../../src/ast/evaluate.ts';
import { linearize } from '../../../src/lower/linear/linearize.ts';
import type { BpfMap } from '../../../src/lower/program.ts';
import { objectNames } from '../../../src/lower/resources.ts';
import { elementForm } from '../../../src/lower/sets/element-form.ts';
import { layOutSet, refuseSet } from '../../../src/lower/sets/layout.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';
import { type Diagnostic, hasFailure } from '../../../src/source/diagnostic.ts';
import { machine } from '../../unit/reference/translate.ts';

export type MadeMap =
  | { readonly kind: 'map'; readonly map: BpfMap }
  /** The ruleset is no ruleset; or its set is refused, or becomes code. */
  | { readonly kind: 'error' | 'refused'; readonly diagnostics: readonly Diagnostic[] };

/** Of the set `name` in the only table of a text. */
export function mapOfSet(text: string, name = 's'): MadeMap {
  const parsed = parse(text);
  const evaluated = evaluate(parsed, machine);
  const { ir, diagnostics } = linearize(evaluated.ruleset);
  const all = [...parsed.diagnostics, ...evaluated.diagnostics, ...diagnostics];
  const table = ir.tables[0];
  const set = table?.sets.find(each => each.name === name);
  if (hasFailure(all) || table === undefined || set === undefined) return { kind: 'error', diagnostics: all };
  const form = elementForm(set, []);
  if (refuseSet(set, form) !== undefined) return { kind: 'refused', diagnostics: all };
  const layout = layOutSet(set, { family: table.family, table: table.name }, () => name, {
    ...(form && !('refused' in form) && { form }),
    ...(set.data?.kind === 'object' && { objects: objectNames(table, set.data.type) }),
  });
  return layout.kind === 'map' ? { kind: 'map', map: layout.map } : { kind: 'refused', diagnostics: all };
}
