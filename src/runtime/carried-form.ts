// How a map keeps what its elements carry, as the translator had it when it laid out the set (lower/sets/element-form.ts).

import type { TypedStateful } from '../ast/type/typed.ts';
import type { IrSet } from '../lower/linear/ir.ts';
import type { BpfMap, CarriedStatement, SetRole } from '../lower/program.ts';
import { type ElementForm, movedBy } from '../lower/sets/element-form.ts';
import { partLengths } from '../lower/sets/layout-elements.ts';
import { scanOffsets, wordCount } from '../lower/sets/layout-scan.ts';
import type { Span } from '../source/span.ts';
import { nowhere } from './result.ts';
import type { EntryForm } from './set-form.ts';

export interface CarriedForm {
  readonly form: ElementForm;
  /** Bytes of a value in front of it: the state and the bounds of a list's entry. */
  readonly offset: number;
}

/** Undefined: elements carry nothing. */
export function carriedForm({ form, role }: EntryForm, ir: IrSet, map: BpfMap): CarriedForm | undefined {
  const { carried } = role;
  if (carried === undefined) return undefined;
  const { expires, declared = false, statements } = carried;
  const offset = form === 'list' ? scanOffsets(wordCount(partLengths(ir))).value : 0;
  const size = map.valueSize - offset;
  const inMap = { expires: expires !== undefined, declared, states: statements, size, room: 0 };
  return { form: movedBy(inMap, -offset), offset };
}

export const typedState = (statement: CarriedStatement, span: Span): TypedStateful => ({
  ...statement,
  span,
});

/** The statements that elements have unless they say otherwise. */
export function declaredStatements({ carried }: SetRole): readonly TypedStateful[] {
  return carried?.declared ? carried.statements.map(each => typedState(each, nowhere)) : [];
}
