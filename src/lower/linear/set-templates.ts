// Anonymous sets of rules that fit a template: all but the elements is the template's, and those are made when somebody
// asks for them.

import { SetLikeOthers, type SetTemplate } from '../../ast/type/set-templates.ts';
import type { TypedElement, TypedSet } from '../../ast/type/typed.ts';
import { listOf } from '../../ast/type/typed-columns.ts';
import { SetFlag } from '../../model/set-flags.ts';
import type { Span } from '../../source/span.ts';
import type { Elements, IrSet, SetId } from './ir.ts';
import { elementsOf, linearizeSet } from './set.ts';

/** The sets of one table. */
export class IrSetTemplates {
  readonly #known = new Map<SetTemplate, IrSet>();

  /** Undefined if the set is like no other, or if its elements must be looked at for conflicts. */
  setOf(set: TypedSet): IrSet | undefined {
    if (!(set instanceof SetLikeOthers) || mayConflict(set)) return undefined;
    const { template } = set;
    let facts = this.#known.get(template);
    if (facts === undefined) {
      facts = linearizeSet({ ...template.set, elements: [] }, []);
      this.#known.set(template, facts);
    }
    return new TemplateSet(set, facts);
  }
}

/** Elements of maps may contradict each other, and ranges in concatenations may overlap. Others merge, or stand twice. */
function mayConflict(set: TypedSet): boolean {
  const { data, keyParts } = set;
  const hasRanges = (set.flags & SetFlag.interval) !== 0;
  if (data === undefined) return hasRanges && keyParts.length > 1;
  const isPlain = !hasRanges && !(data.kind === 'value' && data.interval);
  return !isPlain || !areDistinct(listOf(set.elements));
}

/** Of single keys: no two are the same. */
function areDistinct(elements: readonly TypedElement[]): boolean {
  const keys = new Set<bigint>();
  for (const { parts } of elements) {
    const [only] = parts;
    if (parts.length !== 1 || typeof only !== 'object') return false;
    keys.add(only.from);
  }
  return keys.size === elements.length;
}

/** What it is declared with is that of `facts`. */
export class TemplateSet implements IrSet {
  readonly #set: SetLikeOthers;
  readonly facts: IrSet;
  declare readonly data?: NonNullable<IrSet['data']>;
  declare readonly fieldLengths?: NonNullable<IrSet['fieldLengths']>;
  #elements: Elements | undefined;

  constructor(set: SetLikeOthers, facts: IrSet) {
    this.#set = set;
    this.facts = facts;
    if (facts.data !== undefined) this.data = facts.data;
    if (facts.fieldLengths !== undefined) this.fieldLengths = facts.fieldLengths;
  }

  get id(): SetId {
    return this.#set.id as SetId;
  }

  get name(): string {
    return this.facts.name;
  }

  get span(): Span {
    return this.#set.span;
  }

  get flags(): number {
    return this.facts.flags;
  }

  get keyLength(): number {
    return this.facts.keyLength;
  }

  get keyParts(): IrSet['keyParts'] {
    return this.facts.keyParts;
  }

  get userData(): NonNullable<IrSet['userData']> {
    return this.facts.userData!;
  }

  get elements(): Elements {
    this.#elements ??= this.makeElements();
    return this.#elements;
  }

  /** For those who look at each set once. */
  makeElements(): Elements {
    return elementsOf(this.#set);
  }
}
