// `{ … }`: elements with keys of the type that is expected, and what a map gives for them.

import type { Datatype } from '../../model/datatype.ts';
import type { Element, ElementForm, Expression, SetExpression } from '../nodes/index.ts';
import { isConstant, isString } from './constants.ts';
import { describeKind, describeType } from './describe.ts';
import { checkStatements, checkTimes, type StateContext } from './element-state.ts';
import { ElementTemplates } from './element-templates.ts';
import type { Evaluation, Expected } from './evaluation.ts';
import { evaluateExpression } from './expression.ts';
import { fail } from './failure.ts';
import { isInterval, keyParts } from './key-part.ts';
import { unwrap } from './list.ts';
import { swapBytes } from './literal/number.ts';
import { objectKind, requireObject } from './object-types.ts';
import { evaluateElementState } from './stateful.ts';
import type {
  ElementData,
  KeyPart,
  TypedElement,
  TypedExpression,
  TypedMapData,
  TypedSetLiteral,
  TypedVerdict,
} from './typed.ts';
import { isCompatible } from './types.ts';

/** The set or map that elements are for. Of an anonymous set in a match nothing is known but what is expected. */
export interface ElementContext extends StateContext {
  readonly keyType: Datatype;
  readonly data?: TypedMapData;
  /** Whether elements may be ranges. */
  readonly ranges: boolean;
  /** Elements may merge with others and lose their times, so that only those that are left are checked. */
  readonly merges?: boolean;
  /** Elements that are taken away: what a map gives for them does not matter, and need not be said. */
  readonly removed?: boolean;
}

export interface Draft {
  readonly elements: TypedElement[];
  interval: boolean;
  /** The key of the last element. */
  last?: TypedExpression;
}

export function evaluateSetLiteral(
  evaluation: Evaluation,
  set: SetExpression,
  context?: ElementContext,
): TypedSetLiteral {
  const draft: Draft = { elements: [], interval: false };
  addElements(evaluation, set, context, undefined, draft);
  const { type, bits, order } = evaluation.expected;
  return {
    kind: 'set_literal',
    elements: draft.elements,
    interval: draft.interval,
    ...single(draft),
    type:
      elementType(draft) ??
      type ??
      fail('untyped-literal', 'what this set means here is not known', set.span),
    bits,
    order,
    span: set.span,
  };
}

/** Of concatenations the last one tells the type, as in nft. */
function elementType({ last }: Draft): Datatype | undefined {
  return last?.kind === 'concat' ? last.type : undefined;
}

/** What a set of one element can be replaced by. */
function single({ elements, last }: Draft): Pick<TypedSetLiteral, 'single'> {
  const [only] = elements;
  const isPlain =
    elements.length === 1 && only?.parts !== 'catchall' && only?.extras?.statements === undefined;
  return isPlain && last !== undefined && last.kind !== 'concat' ? { single: last } : {};
}

/** `data` is given to all elements of a set that stands as a key. */
function addElements(
  evaluation: Evaluation,
  set: SetExpression,
  context: ElementContext | undefined,
  data: Expression | undefined,
  draft: Draft,
): void {
  evaluation.withinList(set, () => addAll(evaluation, set, context, data, draft));
}

function addAll(
  evaluation: Evaluation,
  { elements }: SetExpression,
  context: ElementContext | undefined,
  data: Expression | undefined,
  draft: Draft,
): void {
  const expected = evaluation.expected;
  evaluation.listDepth++;
  // What stands for all elements of a list is part of none of them.
  const templates = elements.length > shortList && data === undefined ? new ElementTemplates() : undefined;
  for (let index = 0; index < elements.length; index++) {
    const form = templates && elements.formAt?.(index);
    if (form !== undefined) addWritten(evaluation, templates!, form, expected, context, draft);
    else addElement(evaluation, elements.at(index), expected, context, data, draft);
  }
  evaluation.listDepth--;
}

/** Shorter lists are evaluated element by element. */
export const shortList: number = 16;

/** Adds an element by its form, if it has one. */
export function addWritten(
  evaluation: Evaluation,
  templates: ElementTemplates,
  written: ElementForm | Element,
  expected: Expected,
  context: ElementContext | undefined,
  draft: Draft,
): void {
  if ('kind' in written) addElement(evaluation, written, expected, context, undefined, draft);
  else addByForm(evaluation, templates, written, expected, context, draft);
}

function addByForm(
  evaluation: Evaluation,
  templates: ElementTemplates,
  form: ElementForm,
  expected: Expected,
  context: ElementContext | undefined,
  draft: Draft,
): void {
  const like = templates.find(form, evaluation.options);
  if (like !== undefined) {
    draft.elements.push(like.element);
    draft.interval ||= like.interval;
    return;
  }
  templates.evaluate(form, element => {
    const own: Draft = { elements: [], interval: false };
    addElement(evaluation, element, expected, context, undefined, own);
    draft.elements.push(...own.elements);
    draft.interval ||= own.interval;
    if (own.last !== undefined) draft.last = own.last;
    return { element: own.elements[0]!, interval: own.interval };
  });
}

function addElement(
  evaluation: Evaluation,
  element: Element,
  expected: Expected,
  context: ElementContext | undefined,
  inherited: Expression | undefined,
  draft: Draft,
): void {
  evaluation.expected = expected;
  const data = element.data ?? inherited;
  const key = unwrap(element.key);
  if (key.kind === 'set') {
    addElements(evaluation, key, context, data, draft);
    return;
  }
  const parts = key.kind === 'catchall' ? 'catchall' : elementKey(evaluation, element.key, context, draft);
  const typedData = elementData(evaluation, element, data, context);
  const extras = elementExtras(evaluation, element, context);
  draft.elements.push({
    span: element.span,
    parts,
    ...(typedData !== undefined && { data: typedData }),
    ...(extras !== undefined && { extras }),
  });
  evaluation.expected = expected;
}

function elementKey(
  evaluation: Evaluation,
  expression: Expression,
  context: ElementContext | undefined,
  draft: Draft,
): readonly KeyPart[] {
  const wanted = context?.keyType ?? evaluation.expected.type;
  const key = evaluateExpression(evaluation, expression);
  if (key.kind === 'set_reference')
    return fail('misplaced-expression', 'a set cannot be an element of another set', expression.span);
  if (!isConstant(key) || key.kind === 'map')
    return fail('not-constant', 'an element must be constant', expression.span);
  if (context !== undefined) checkKey(context, key);
  else if (wanted !== undefined && 'parts' in wanted && key.kind !== 'concat')
    fail('type-mismatch', `expected ${describeType(wanted)}, this is ${describeType(key.type)}`, key.span);
  const interval = isInterval(key);
  if (interval && context !== undefined && !context.ranges) missingFlag(context, key);
  draft.interval ||= interval;
  draft.last = key;
  if (wanted !== undefined && isString(wanted) && !isString(key.type)) return reversedParts(key);
  return keyParts(key);
}

/** A number among strings: nft writes it big-endian, while the first character of a string is the lowest byte. */
function reversedParts(key: TypedExpression): readonly KeyPart[] {
  const reverse = (value: bigint): bigint => swapBytes(value, Math.ceil(key.bits / 8));
  return keyParts(key).map(({ from, to }) => ({ from: reverse(from), to: reverse(to) }));
}

function missingFlag({ isMap }: ElementContext, key: TypedExpression): never {
  const kind = isMap ? 'map' : 'set';
  const what = key.kind === 'concat' ? 'a range' : describeKind(key);
  return fail(
    'missing-interval-flag',
    `${what} needs \`flags interval\` in the declaration of the ${kind}`,
    key.span,
  );
}

function checkKey(context: ElementContext, key: TypedExpression): void {
  if (isCompatible(context.keyType, key.type)) return;
  const kind = context.isMap ? 'map' : 'set';
  fail(
    'type-mismatch',
    `the ${kind} has keys of type ${context.keyType.description}, the element is of type ${key.type.description}`,
    key.span,
  );
}

function elementData(
  evaluation: Evaluation,
  element: Element,
  data: Expression | undefined,
  context: ElementContext | undefined,
): ElementData | undefined {
  const wanted = context?.data;
  if (data === undefined) {
    if (wanted !== undefined && context?.removed !== true)
      fail('missing-data', 'an element of a map needs a value: `key : value`', element.span);
    return undefined;
  }
  if (wanted === undefined) return fail('unexpected-data', 'a set has no values for its elements', data.span);
  if (wanted.kind !== 'object') return mapData(evaluation, data, wanted);
  const reference = objectName(data);
  if (context?.removed !== true)
    requireObject(evaluation.table, objectKind(wanted.objectType), reference.name, data.span);
  return reference;
}

function objectName(data: Expression): Extract<ElementData, { readonly kind: 'object' }> {
  const name = unwrap(data);
  if (name.kind !== 'symbol') return fail('not-an-object', 'expected the name of an object', data.span);
  return { kind: 'object', name: name.text };
}

function mapData(
  evaluation: Evaluation,
  data: Expression,
  wanted: Exclude<TypedMapData, { readonly kind: 'object' }>,
): ElementData {
  expectData(evaluation, wanted);
  const typed = evaluateExpression(evaluation, data);
  if (wanted.kind === 'verdict') {
    if (typed.kind !== 'verdict') return fail('type-mismatch', 'the map gives verdicts', data.span);
    return verdictData(typed);
  }
  if (!isConstant(typed) || typed.kind === 'map')
    return fail('not-constant', 'a map gives constants', data.span);
  if (!isCompatible(wanted.type, typed.type))
    fail(
      'type-mismatch',
      `the map gives values of type ${wanted.type.description}, this is of type ${typed.type.description}`,
      data.span,
    );
  const interval = isInterval(typed);
  if (interval && !wanted.interval) fail('not-a-value', 'the map gives single values', data.span);
  return { kind: 'value', parts: keyParts(typed), interval };
}

/** The chain's name may still change. */
function verdictData(typed: TypedVerdict): ElementData {
  const { verdict, chain } = typed;
  if (chain === undefined) return { kind: 'verdict', verdict };
  return {
    kind: 'verdict',
    verdict,
    get chain() {
      return typed.chain ?? chain;
    },
  };
}

/** From here on literals are what the map gives. */
export function expectData(
  evaluation: Evaluation,
  data: Exclude<TypedMapData, { readonly kind: 'object' }>,
): void {
  if (data.kind === 'verdict') evaluation.expect(data.type, 0);
  else evaluation.expect(data.type, data.bits, data.order);
}

function elementExtras(
  { table }: Evaluation,
  element: Element,
  context: ElementContext | undefined,
): TypedElement['extras'] {
  const { timeout, expires, comment, statements } = element;
  if (timeout === undefined && expires === undefined && comment === undefined && statements.length === 0)
    return undefined;
  const typed = statements.map(each => evaluateElementState(table, each));
  if (context !== undefined) checkStatements(context, element, typed);
  const isChecked = context?.removed !== true && context?.merges !== true;
  if (isChecked) checkTimes(element, context?.timeouts);
  const expiry = expires?.milliseconds;
  return {
    ...(timeout !== undefined && { timeout: timeout.milliseconds }),
    ...(typeof expiry === 'bigint' && { expires: expiry }),
    ...(comment !== undefined && { comment: comment.text }),
    ...(typed.length > 0 && { statements: typed }),
  };
}
