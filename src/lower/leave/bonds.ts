// What holds base chains together: things that change and that two of them use. Where one stays in nf_tables, so must the
// other, since a thing cannot be in a BPF map and in nf_tables at once. What never changes (anonymous and constant sets,
// rules that only test and decide) may exist twice.
//
// Marks and the packet itself bind nothing: programs and nf_tables read and write the same fields of the same packet, in
// the same order (priorities.ts and devices.ts see to that).

import type { Span } from '../../source/span.ts';
import { type IrChain, type IrRuleset, type IrSet, type IrTable, SetFlag } from '../linear/ir.ts';
import { isFixedSet, keepsState, TableUses, type Uses, unreached } from './uses.ts';

/** One thing that cannot be copied, and the base chains that use it. */
export interface Bond {
  /** As a message names it: "set `blocked`". */
  readonly what: string;
  /** Why two of it would not do. */
  readonly why: string;
  /** Each with the place where it names the thing. */
  readonly users: ReadonlyMap<IrChain, Span>;
  /** Where something that no base chain reaches, and that therefore stays, names it. */
  readonly unreached?: Span;
}

type Thing = Pick<Bond, 'what' | 'why'>;

const why = {
  set: 'what is put into it at run time would reach one of them only',
  object: 'its state would be in two places',
  chain: 'its counters, limits or generators would be in two places',
} as const;

/** Every thing that two users share and that cannot be copied. */
export function findBonds(ruleset: IrRuleset): readonly Bond[] {
  return ruleset.tables.filter(({ dormant }) => !dormant).flatMap(bondsOf);
}

function bondsOf(table: IrTable): readonly Bond[] {
  const names = new TableUses(table);
  const found = new Map<object, Thing & { readonly users: Map<IrChain, Span> }>();
  for (const base of table.chains.filter(chain => chain.base !== undefined)) {
    for (const [key, thing, span] of heldBy(names.of([base]))) {
      const known = found.get(key) ?? { ...thing, users: new Map<IrChain, Span>() };
      found.set(key, known);
      known.users.set(base, span);
    }
  }
  const idle = unreached(table, names);
  const idlePlaces = new Map<object, Span>([...idle.sets, ...idle.objects]);
  const bonds = [...found].map(([key, bond]): Bond => {
    const span = idlePlaces.get(key);
    return { ...bond, ...(span && { unreached: span }) };
  });
  return bonds.filter(bond => bond.users.size > 1 || bond.unreached !== undefined);
}

/** What a base chain uses and nothing else may have as well. */
function* heldBy({ chains, sets, objects }: Uses): Generator<[object, Thing, Span]> {
  for (const [set, span] of sets) {
    if (!isFixedSet(set)) yield [set, { what: nameOf(set), why: why.set }, span];
  }
  for (const [object, span] of objects) {
    yield [object, { what: `${object.kind} \`${object.name}\``, why: why.object }, span];
  }
  for (const [chain, span] of chains) {
    if (chain.base === undefined && hasState(chain))
      yield [chain, { what: `chain \`${chain.name}\``, why: why.chain }, span];
  }
}

function nameOf({ flags, name }: IrSet): string {
  return (flags & SetFlag.anonymous) === 0 ? `set \`${name}\`` : 'a set without a name';
}

function hasState({ rules }: IrChain): boolean {
  return rules.some(({ expressions }) => expressions.some(keepsState));
}
