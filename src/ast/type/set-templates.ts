// Anonymous sets of rules that fit a template: what the rules of a template have in common of each set that they make, and
// a set that is one of them, with the elements that its rule's literals give.

import type { Span } from '../../source/span.ts';
import type { RuleForm } from '../nodes/index.ts';
import { constantTrace, type Trace, traceOf, unseen, valueOfTrace } from './literal-slot.ts';
import type { OpenSet } from './scope.ts';
import type { TemplateUse } from './templates.ts';
import type { ElementData, KeyPart, TypedElement, TypedMapData, TypedSet } from './typed.ts';

/** First and last token, or a place outside of the rule, which is the same for all of them. */
export type Place = readonly [first: number, last: number] | Span;

export function spanAt(form: RuleForm, place: Place): Span {
  return 'file' in place ? place : form.spanOf(place[0], place[1]);
}

/** Finds the tokens of spans. */
export class Places {
  readonly #file: Span['file'];
  readonly #first = new Map<number, number>();
  readonly #last = new Map<number, number>();
  readonly #whole: Span;

  constructor(form: RuleForm) {
    this.#whole = form.spanOf(form.first, form.last);
    this.#file = this.#whole.file;
    for (let token = form.first; token <= form.last; token++) {
      const { from, to } = form.spanOf(token, token);
      this.#first.set(from, token);
      this.#last.set(to, token);
    }
  }

  /** `undefined` if the span is in the rule, but not from a token's start to a token's end. */
  of(span: Span): Place | undefined {
    const { file, from, to } = span;
    const first = this.#first.get(from);
    const last = this.#last.get(to);
    if (file !== this.#file) return span;
    if (first !== undefined && last !== undefined) return [first, last];
    return to <= this.#whole.from || from >= this.#whole.to ? span : undefined;
  }
}

interface PartTemplate {
  readonly from: Trace;
  readonly to: Trace;
}

interface ElementTemplate {
  /** Of the first rule. */
  readonly element: TypedElement;
  readonly place: Place;
  readonly parts: readonly PartTemplate[] | 'catchall';
  readonly data?: readonly PartTemplate[];
}

export interface SetTemplate {
  /** The first rule's. */
  readonly set: OpenSet;
  readonly place: Place;
  readonly elements: readonly ElementTemplate[];
}

export function setTemplate(set: OpenSet, form: RuleForm): SetTemplate {
  const places = new Places(form);
  const placeOf = (span: Span): Place => places.of(span) ?? span;
  const elements = set.elements.map(element => elementTemplate(element, placeOf(element.span)));
  return { set, place: placeOf(set.span), elements };
}

function elementTemplate(element: TypedElement, place: Place): ElementTemplate {
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

/** A set of a rule that fits a template: its elements are made when somebody asks for them. */
export class SetLikeOthers implements TypedSet {
  id: number;
  readonly template: SetTemplate;
  readonly data?: TypedMapData;
  readonly #use: TemplateUse;

  constructor(id: number, template: SetTemplate, use: TemplateUse) {
    const { data } = template.set;
    if (data !== undefined) this.data = data;
    this.id = id;
    this.template = template;
    this.#use = use;
  }

  get name(): string {
    return this.template.set.name;
  }

  get span(): Span {
    return spanAt(this.#use.form, this.template.place);
  }

  get keyType(): TypedSet['keyType'] {
    return this.template.set.keyType;
  }

  get keyParts(): TypedSet['keyParts'] {
    return this.template.set.keyParts;
  }

  get flags(): number {
    return this.template.set.flags;
  }

  get autoMerge(): boolean {
    return this.template.set.autoMerge;
  }

  get statements(): TypedSet['statements'] {
    return this.template.set.statements;
  }

  get elements(): readonly TypedElement[] {
    return this.template.elements.map(element => this.#element(element));
  }

  #element({ element, place, parts, data }: ElementTemplate): TypedElement {
    const { extras } = element;
    const given = data === undefined ? element.data : this.#data(element, data);
    return {
      span: spanAt(this.#use.form, place),
      parts: parts === 'catchall' ? parts : this.#parts(parts),
      ...(given !== undefined && { data: given }),
      ...(extras !== undefined && { extras }),
    };
  }

  #data({ data }: TypedElement, parts: readonly PartTemplate[]): ElementData {
    const interval = data?.kind === 'value' && data.interval;
    return { kind: 'value', parts: this.#parts(parts), interval };
  }

  #parts(parts: readonly PartTemplate[]): readonly KeyPart[] {
    return parts.map(({ from, to }) => {
      const first = this.#value(from);
      return { from: first, to: to === from ? first : this.#value(to) };
    });
  }

  #value(trace: Trace): bigint {
    const { values } = this.#use;
    return valueOfTrace(trace, slot => values[slot.index] ?? slot.value!) as bigint;
  }
}
