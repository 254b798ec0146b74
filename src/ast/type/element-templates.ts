// Elements of sets that differ only in literals which decide nothing: what they have in common, and one of them.

import type { Element, ElementForm, TokenForm } from '../nodes/index.ts';
import type { FoundTemplate } from './column-reader.ts';
import { KeyedTemplates, SlotFinder, slotValue, type Template } from './keyed-templates.ts';
import { constantTrace, type SlotValue, type Trace, traceOf, unseen, valueOfTrace } from './literal-slot.ts';
import type { EvaluateOptions } from './options.ts';
import { type Place, Places, spanAt } from './places.ts';
import type { ElementData, KeyPart, TypedElement } from './typed.ts';

export interface PartTemplate {
  readonly from: Trace;
  readonly to: Trace;
}

export interface ElementTemplate {
  /** Of the first rule. */
  readonly element: TypedElement;
  readonly place: Place;
  readonly parts: readonly PartTemplate[] | 'catchall';
  readonly data?: readonly PartTemplate[];
}

export function elementTemplate(element: TypedElement, place: Place): ElementTemplate {
  const { parts, data, extras } = element;
  // Numbers in the state of elements are the same in all rules of the template.
  for (const statement of extras?.statements ?? []) Object.values(statement);
  return {
    element,
    place,
    parts: parts === 'catchall' ? parts : parts.map(partTemplate),
    ...(data?.kind === 'value' && { data: data.parts.map(partTemplate) }),
  };
}

function partTemplate(part: KeyPart): PartTemplate {
  return {
    from: traceOf(part, 'from') ?? constantTrace(unseen(part, 'from')),
    to: traceOf(part, 'to') ?? constantTrace(unseen(part, 'to')),
  };
}

/** The element with the values that slots have in another rule or element. */
export function elementLike(
  { element, place, parts, data }: ElementTemplate,
  values: readonly SlotValue[],
  form: TokenForm,
): TypedElement {
  const given = data === undefined ? element.data : dataLike(element, data, values);
  const key = parts === 'catchall' ? parts : partsLike(parts, values);
  const { extras } = element;
  return {
    span: spanAt(form, place),
    parts: key,
    ...(given !== undefined && { data: given }),
    ...(extras !== undefined && { extras }),
  };
}

function dataLike(
  { data }: TypedElement,
  parts: readonly PartTemplate[],
  values: readonly SlotValue[],
): ElementData {
  const interval = data?.kind === 'value' && data.interval;
  return { kind: 'value', parts: partsLike(parts, values), interval };
}

function partsLike(parts: readonly PartTemplate[], values: readonly SlotValue[]): readonly KeyPart[] {
  return parts.map(({ from, to }) => {
    const first = numberOf(from, values);
    return { from: first, to: to === from ? first : numberOf(to, values) };
  });
}

function numberOf(trace: Trace, values: readonly SlotValue[]): bigint {
  return valueOfTrace(trace, slot => slotValue(slot, values)) as bigint;
}

interface KnownElement extends Template {
  readonly template: ElementTemplate;
  readonly interval: boolean;
}

/** Those of one list: all of them are evaluated in the same circumstances. */
export class ElementTemplates {
  readonly #known = new KeyedTemplates<KnownElement>();

  find(
    form: ElementForm,
    options: EvaluateOptions,
  ): { readonly element: TypedElement; readonly interval: boolean } | undefined {
    const found = this.#known.find(form, options);
    if (found === undefined) return undefined;
    const { template, interval } = found.template;
    return { element: elementLike(template, found.values, form), interval };
  }

  /** The template that the form fits. */
  found(form: ElementForm, options: EvaluateOptions): FoundTemplate | undefined {
    const found = this.#known.find(form, options);
    return found && { known: found.template, pinned: found.pinned };
  }

  /** Keeps what `evaluate` makes of the element, where that is possible. */
  evaluate(
    form: ElementForm,
    evaluate: (element: Element) => { readonly element: TypedElement; readonly interval: boolean },
  ): void {
    const { element, reads } = form.trace();
    if (!this.#known.isWorthwhile(form)) {
      evaluate(element);
      return;
    }
    const finder = new SlotFinder(form, reads);
    finder.visit(element);
    const typed = evaluate(element);
    const template = elementTemplate(
      typed.element,
      new Places(form).of(typed.element.span) ?? typed.element.span,
    );
    const { trail } = finder;
    this.#known.keep(form, finder, slots => ({ template, interval: typed.interval, slots, trail }));
    trail.isOpen = false;
  }
}
