// What rules use, found once for all rules of one template: they name the same things, in other places.

import type { Rule, RuleForm } from '../nodes/index.ts';
import { type Place, Places, spanAt } from '../type/places.ts';
import type { TypedRule } from '../type/typed.ts';
import type { Used } from './features.ts';
import { type Reference, usesOf } from './references.ts';

export interface RuleUses {
  readonly references: readonly Reference[];
  readonly features: readonly Used[];
}

const nothing: readonly never[] = [];
const noUses: RuleUses = { references: nothing, features: nothing };

interface Placed<T> {
  readonly use: T;
  readonly place: Place;
}

interface SharedUses {
  readonly references: readonly Placed<Reference>[];
  readonly features: readonly Placed<Used>[];
}

/** The uses of the first rule, in the places that they have in another: made when somebody asks for them. */
class UsesLikeFirst implements RuleUses {
  readonly #shared: SharedUses;
  readonly #form: RuleForm;

  constructor(shared: SharedUses, form: RuleForm) {
    this.#shared = shared;
    this.#form = form;
  }

  get references(): readonly Reference[] {
    return inRule(this.#shared.references, this.#form);
  }

  get features(): readonly Used[] {
    return inRule(this.#shared.features, this.#form);
  }
}

function inRule<T extends Reference | Used>(uses: readonly Placed<T>[], form: RuleForm): readonly T[] {
  if (uses.length === 0) return nothing;
  return uses.map(({ use, place }) => ({ ...use, span: spanAt(form, place) }));
}

/** Of one table. */
export class KnownUses {
  readonly #shared = new Map<object, SharedUses | undefined>();

  usesOf(rule: Rule, typed: TypedRule | undefined): RuleUses {
    const use = typed?.use;
    if (use === undefined) return usesOf(rule);
    const { template, form } = use;
    if (!this.#shared.has(template)) this.#shared.set(template, shared(rule, form));
    const known = this.#shared.get(template);
    if (known === undefined) return usesOf(rule);
    if (known.references.length + known.features.length === 0) return noUses;
    return new UsesLikeFirst(known, form);
  }
}

/** `undefined` if a use stands in no place that can be told. */
function shared(rule: Rule, form: RuleForm): SharedUses | undefined {
  const { references, features } = usesOf(rule);
  const places = new Places(form);
  const placed = <T extends Reference | Used>(uses: readonly T[]): readonly Placed<T>[] =>
    uses.flatMap(use => {
      const place = places.of(use.span);
      return place === undefined ? [] : [{ use, place }];
    });
  const found = { references: placed(references), features: placed(features) };
  const isWhole = found.references.length === references.length && found.features.length === features.length;
  return isWhole ? found : undefined;
}
