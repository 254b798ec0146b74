// Anonymous sets of rules that fit a template: what the rules of a template have in common of each set that they make, and
// a set that is one of them, with the elements that its rule's literals give.

import type { Span } from '../../source/span.ts';
import type { RuleForm } from '../nodes/index.ts';
import { type ElementTemplate, elementLike, elementTemplate } from './element-templates.ts';
import { type Place, Places, spanAt } from './places.ts';
import type { OpenSet } from './scope.ts';
import type { TemplateUse } from './templates.ts';
import type { TypedElement, TypedMapData, TypedSet } from './typed.ts';
import { listOf } from './typed-columns.ts';

export interface SetTemplate {
  /** The first rule's. */
  readonly set: OpenSet;
  readonly place: Place;
  readonly elements: readonly ElementTemplate[];
}

export function setTemplate(set: OpenSet, form: RuleForm): SetTemplate {
  const places = new Places(form);
  const placeOf = (span: Span): Place => places.of(span) ?? span;
  const elements = listOf(set.elements).map(element => elementTemplate(element, placeOf(element.span)));
  return { set, place: placeOf(set.span), elements };
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
    const { values, form } = this.#use;
    return this.template.elements.map(template => elementLike(template, values, form));
  }
}
