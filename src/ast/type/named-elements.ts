// The elements of a named set: as columns where they are many and plain, as a list otherwise. Both say the same.

import type { SetExpression } from '../nodes/index.ts';
import { ColumnReader } from './column-reader.ts';
import { ElementTemplates } from './element-templates.ts';
import type { Evaluation } from './evaluation.ts';
import { addWritten, type Draft, type ElementContext, evaluateSetLiteral, shortList } from './set-literal.ts';
import type { TypedElement } from './typed.ts';
import { type ColumnSet, TypedColumns } from './typed-columns.ts';

export function evaluateElements(
  evaluation: Evaluation,
  written: SetExpression,
  set: ColumnSet,
  context: ElementContext,
): TypedElement[] | TypedColumns {
  const { elements } = written;
  const { places } = elements;
  const isLong = elements.length > shortList && places !== undefined && context.removed !== true;
  const columns = isLong ? TypedColumns.of(set, elements.length, places.file) : undefined;
  if (columns === undefined || places === undefined)
    return [...evaluateSetLiteral(evaluation, written, context).elements];
  const draft: Draft = { elements: [], interval: false };
  evaluation.listDepth++;
  const isWhole = evaluation.withinList(written, () =>
    addAll(evaluation, written, context, columns, draft, new ColumnReader(places, columns)),
  );
  evaluation.listDepth--;
  return isWhole ? columns : draft.elements;
}

/** False if some element did not fit into the columns: all of them are in the draft then. */
function addAll(
  evaluation: Evaluation,
  { elements }: SetExpression,
  context: ElementContext,
  columns: TypedColumns,
  draft: Draft,
  reader: ColumnReader,
): boolean {
  const templates = new ElementTemplates();
  const { expected } = evaluation;
  let isWhole = true;
  for (let index = 0; index < elements.length; index++) {
    if (isWhole && reader.read(index)) continue;
    const form = elements.formAt?.(index);
    addWritten(evaluation, templates, form ?? elements.at(index), expected, context, draft);
    if (!isWhole) continue;
    const [only] = draft.elements;
    isWhole = draft.elements.length === 1 && columns.push(only!);
    if (isWhole) draft.elements.length = 0;
    else draft.elements.unshift(...columns.list());
    const found =
      form && isWhole && reader.wants(form) ? templates.found(form, evaluation.options) : undefined;
    if (form !== undefined && found !== undefined) reader.learn(form, found);
  }
  return isWhole;
}
