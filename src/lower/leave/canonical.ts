// A ruleset in a form that is equal where nf_tables would be given the same: without places, numbers and names that only
// tell things apart (of rules, of anonymous sets and chains), and with elements in order of their keys.

import { inOrderOfRegistration } from '../linear/eval/hook-order.ts';
import {
  type Expression,
  type IrChain,
  type IrRule,
  type IrRuleset,
  type IrSet,
  type IrTable,
  SetFlag,
  type Verdict,
} from '../linear/ir.ts';
import { elementTexts, textOf } from './canonical-data.ts';
import { membershipText } from './membership.ts';

/** A part of a ruleset, by its name. Rules are apart, since a ruleset may have the same rule many times. */
export interface CanonicalTable {
  readonly rules: ReadonlyMap<string, readonly CanonicalRule[]>;
  /** Everything else: the table, chains without rules, sets, objects and flowtables. */
  readonly things: ReadonlyMap<string, string>;
}

export interface CanonicalRule {
  readonly rule: IrRule;
  readonly text: string;
}

/** `warn`, which nft does not list. */
const defaultLogLevel = 4;

/** What the kernel makes of a dynamic set without a size, and nft lists. */
const defaultDynamicSize = 65535;

class TableText {
  private readonly table: IrTable;
  private readonly sets: ReadonlyMap<number, IrSet>;
  private readonly chains: ReadonlyMap<string, IrChain>;

  constructor(table: IrTable) {
    this.table = table;
    this.sets = new Map(table.sets.map(set => [set.id, set]));
    this.chains = new Map(table.chains.map(chain => [chain.name, chain]));
  }

  read(): CanonicalTable {
    const { chains, sets, objects, flowtables = [], ...table } = this.table;
    const named = chains.filter(chain => chain.anonymous !== true);
    const things = new Map<string, string>([['table', textOf(table)]]);
    for (const { rules: _, ...chain } of named) things.set(`chain \`${chain.name}\``, textOf(chain));
    for (const set of sets.filter(({ flags }) => (flags & SetFlag.anonymous) === 0))
      things.set(`set \`${set.name}\``, `${set.name} ${this.set(set)}`);
    for (const object of objects) things.set(`${object.kind} \`${object.name}\``, textOf(object));
    for (const flowtable of flowtables) things.set(`flowtable \`${flowtable.name}\``, textOf(flowtable));
    const rules = named.map(chain => {
      const texts = chain.rules.map(rule => ({ rule, text: this.rule(rule) }));
      return [chain.name, texts] as const;
    });
    return { rules: new Map(rules), things };
  }

  private rule({ expressions, comment }: IrRule): string {
    return `${expressions.map(each => this.expression(each)).join()} ${comment ?? ''}`;
  }

  private expression(expression: Expression): string {
    const set = 'set' in expression ? this.sets.get(expression.set) : undefined;
    const anonymous = set && (set.flags & SetFlag.anonymous) !== 0 ? set : undefined;
    const membership = membershipText(expression, anonymous);
    if (membership !== undefined) return membership;
    if (set && expression.op === 'dynset') return this.dynset(expression, set);
    if (set) return textOf({ ...expression, set: anonymous ? this.set(anonymous) : set.name });
    if (expression.op === 'log' && expression.group === undefined)
      return textOf({ ...expression, level: expression.level ?? defaultLogLevel });
    return expression.op === 'verdict' ? this.verdict(expression.verdict) : textOf(expression);
  }

  /** Elements get the set's own statements where the rule has none: saying them again changes nothing. */
  private dynset(expression: Extract<Expression, { readonly op: 'dynset' }>, set: IrSet): string {
    const isSame = textOf(expression.expressions) === textOf(set.expressions ?? []);
    return textOf({ ...expression, set: set.name, expressions: isSame ? [] : expression.expressions });
  }

  /** A chain without a name is what is in it. */
  private verdict(verdict: Verdict): string {
    const chain = 'chain' in verdict ? this.chains.get(verdict.chain) : undefined;
    if (chain?.anonymous !== true) return textOf(verdict);
    return `${verdict.kind} {${chain.rules.map(rule => this.rule(rule)).join(';')}}`;
  }

  private set({ name: _, elements, ...set }: IrSet): string {
    const isDynamic = (set.flags & SetFlag.eval) !== 0;
    const isConstant = (set.flags & SetFlag.constant) !== 0;
    const size = isConstant ? undefined : (set.size ?? (isDynamic ? defaultDynamicSize : undefined));
    return `${textOf({ ...set, size })} ${elementTexts(elements, set.expressions).join()}`;
  }
}

/** Each table of a ruleset, by `FAMILY NAME`. */
export function canonicalTables({ tables }: IrRuleset): ReadonlyMap<string, CanonicalTable> {
  return new Map(tables.map(table => [`${table.family} ${table.name}`, new TableText(table).read()]));
}

/** The base chains in the order in which they are registered. */
export function registrationOrder(ruleset: IrRuleset): string {
  return inOrderOfRegistration(ruleset)
    .map(({ table, chain }) => `${table.family} ${table.name} ${chain.name}`)
    .join();
}
