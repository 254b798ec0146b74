// Register IR back to declarations, as `nft list ruleset` shows what the kernel was given: what nft put in is taken out
// again (tests for protocols that a later match implies, masks and shifts of bit fields, byte order), what it took apart
// is put together (ranges, sets and chains without a name, fields that were loaded as one).
//
// What the lifted nodes look like:
// - One `TableDeclaration` a table, with its members in nft's order: objects, sets and maps, flowtables, chains. Every
//   node has the span of the rule, set or object it was lifted from.
// - Literals say how nft lists them. A `number` where it lists a number: `text` is as listed (`22`, `0x00000001`), `value`
//   what it is. A `symbol` where it lists anything else: form `plain` for names of types (`established`, `tcp`, `ip6`),
//   addresses and durations; form `quoted` for what stands in quotes (names of interfaces, users, marks and services,
//   days, dates, hours, texts); form `wildcard` for a text that ends in `*`, which is part of `text`. `\*` in a quoted
//   text is a star of its own. Ends of ranges are always numbers.
// - Flags: one is a `symbol`, several are `binary |` (the lowest first); of which any counts, a `list` behind `implicit`
//   or (none of them) `!`.
// - Anonymous sets and maps are `set` expressions in their place, sorted as listed; chains without a name are
//   `anonymous_chain` statements. Verdict maps are `vmap` statements, all other maps `map` expressions.
// - Matches are `implicit` where nft lists no operator, else as listed.
// - Counters, quotas and `last` have their state; limits have their burst. What an option such as `stateless` leaves out is
//   left out when the nodes are printed.
// - `qualified` of meta is whether nft lists the word; keys of ct have a `family` where it lists one.

import type { TableDeclaration, TableMember } from '../../ast/nodes/index.ts';
import { SetFlag } from '../../model/set-flags.ts';
import type { IrRuleset, IrTable } from '../linear/ir.ts';
import { liftChain } from './chain.ts';
import { handleOf, nameNode, textNode } from './make.ts';
import { liftFlowtable, liftObject } from './object.ts';
import type { LiftOptions } from './options.ts';
import { liftSet } from './set.ts';
import { tableContext } from './table-context.ts';

/** The tables of `ir` as nft lists them. `options` say which literals are names and which are numbers. */
export function lift(ir: IrRuleset, options: LiftOptions = {}): readonly TableDeclaration[] {
  return ir.tables.map(table => liftTable(table, options));
}

function liftTable(table: IrTable, options: LiftOptions): TableDeclaration {
  const context = tableContext(table, options);
  const { span, dormant, flags = [], comment, objects, sets, flowtables = [], chains } = table;
  const names = dormant ? ['dormant', ...flags] : flags;
  const members: readonly TableMember[] = [
    ...objects.map(object => liftObject(context, object)),
    ...sets.filter(set => (set.flags & SetFlag.anonymous) === 0).map(set => liftSet(context, set)),
    ...flowtables.map(flowtable => liftFlowtable(context, flowtable)),
    ...chains.filter(chain => !chain.anonymous).map(chain => liftChain(context, chain)),
  ];
  return {
    kind: 'table',
    table: context.reference,
    flags: names.map(name => nameNode(name, span)),
    ...(comment !== undefined && { comment: textNode(comment, span) }),
    block: true,
    members,
    ...handleOf(table),
    span,
  };
}
