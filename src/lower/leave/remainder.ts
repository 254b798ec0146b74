// The remainder as text for `nft -f`, read again before it is given away. A listing is not always the ruleset that it lists:
// nft leaves out matches for which it would put in others when it reads the text. Rules that come back otherwise are printed
// with all their matches. If that does not help either, the remainder is the text as it was written, and what has no such
// text is refused.

import type { Diagnostic } from '../../source/diagnostic.ts';
import { refusal } from '../flow/refusal.ts';
import { printRuleset } from '../lift/print.ts';
import { inOrderOfRegistration } from '../linear/eval/hook-order.ts';
import type { IrChain, IrRuleset, IrTable, RuleId } from '../linear/ir.ts';
import { asWritten } from './as-written.ts';
import type { Cut } from './cut.ts';
import { type Differences, differencesOf } from './differences.ts';
import { stayingPart } from './parts.ts';
import { trackingTable } from './tracking.ts';

export type PrintOptions = NonNullable<Parameters<typeof printRuleset>[1]>;

/** Text to register IR; undefined if it is no ruleset. */
export type ReadAgain = (text: string) => IrRuleset | undefined;

export interface Remainder {
  /** Empty if nothing stays. */
  readonly text: string;
  /** What cannot be written as text. */
  readonly refusals: readonly Diagnostic[];
}

export interface RemainderOptions {
  readonly printing: PrintOptions;
  readonly readAgain: ReadAgain;
  /** The ruleset as it was written, if that is one text for nft. */
  readonly ownText: string | undefined;
}

/** What stays of a ruleset, and what keeps connection tracking on for the programs. */
export function remainderOf(ruleset: IrRuleset, cut: Cut, options: RemainderOptions): Remainder {
  const staying = stayingPart(ruleset, cut);
  const printed = checkedText(ruleset, staying, options);
  const tracking = trackingTable(ruleset, staying);
  return { ...printed, text: `${printed.text}${tracking === undefined ? '' : `${tracking}\n`}` };
}

/** The first way to write it that is read as what it was. */
function checkedText(
  ruleset: IrRuleset,
  staying: IrRuleset,
  { printing, readAgain, ownText }: RemainderOptions,
): Remainder {
  const compare = (text: string): Differences => differencesOf(staying, readAgain(text));
  const plain = print(staying, printing);
  const first = compare(plain);
  if (isSame(first)) return { text: plain, refusals: [] };
  const explicit = print(staying, { ...printing, explicit: first.rules });
  const second = compare(explicit);
  if (isSame(second)) return { text: explicit, refusals: [] };
  const own = ownText === undefined ? undefined : asWritten(ownText, ruleset, staying);
  if (own !== undefined && isSame(compare(own))) return { text: own, refusals: [] };
  return { text: explicit, refusals: refusalsOf(staying, second) };
}

function isSame({ rules, things }: Differences): boolean {
  return rules.size === 0 && things.length === 0;
}

function print(staying: IrRuleset, options: PrintOptions): string {
  return printRuleset({ tables: [...registration(staying), ...staying.tables] }, options);
}

/**
 * Base chains of equal priority run in an order that depends on when each was registered. Where that is not the order in
 * which they are listed, they are declared once more in front of everything, one after the other.
 */
function registration(staying: IrRuleset): readonly IrTable[] {
  const ordered = inOrderOfRegistration(staying);
  const listed = staying.tables.flatMap(({ chains }) => chains.filter(({ base }) => base !== undefined));
  if (ordered.every(({ chain }, index) => chain === listed[index])) return [];
  return ordered.map(({ table, chain }) => ({
    ...table,
    chains: [withoutRules(chain)],
    sets: [],
    objects: [],
    flowtables: [],
  }));
}

function withoutRules(chain: IrChain): IrChain {
  return { ...chain, rules: [] };
}

function refusalsOf({ tables }: IrRuleset, { rules, things }: Differences): readonly Diagnostic[] {
  const spans = tables.flatMap(({ chains }) => chains.flatMap(chain => chain.rules)).filter(inSet(rules));
  const ofRules = spans.map(({ span }) =>
    refusal(
      'inexact-remainder',
      'the rule stays in nf_tables, and cannot be written as text that nft reads alike',
      span,
    ),
  );
  const ofThings = things.map((thing): Diagnostic => {
    const message = `${thing} stays in nf_tables, and cannot be written as text that nft reads alike`;
    return { code: 'inexact-remainder', severity: 'refusal', message };
  });
  return [...ofRules, ...ofThings];
}

function inSet(rules: ReadonlySet<RuleId>): (rule: { readonly id: RuleId }) => boolean {
  return ({ id }) => rules.has(id);
}
