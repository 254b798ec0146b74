// What is exact where, as JSON: `nft2bpf check --json`, and the output of a request `check`.

import type { ChainReport, RuleReport, StayReason } from '../lower/explain.ts';
import { placeText } from '../lower/output/listing.ts';
import { Places } from '../lower/output/places.ts';
import type { Target } from '../lower/program.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { SourceFile } from '../source/span.ts';

/** Reasons by target. */
export type RefusalMessages = Readonly<Record<string, readonly string[]>>;

export interface CheckedRule {
  /** Ordinal of the rule in the ruleset. */
  readonly rule: number;
  /** `file:line: text`. */
  readonly place: string;
  readonly exact: readonly Target[];
  readonly refusals: RefusalMessages;
}

/** Why a chain stays in nf_tables with `leave: 'refused'`, each note with its `file:line: text`. */
export interface CheckedStay {
  readonly message: string;
  readonly notes: readonly { readonly message: string; readonly place?: string }[];
}

export interface CheckedChain extends Omit<ChainReport, 'span' | 'refusals' | 'rules' | 'stays'> {
  readonly place: string;
  readonly refusals: RefusalMessages;
  readonly rules: readonly CheckedRule[];
  readonly stays?: CheckedStay;
}

export interface CheckReport {
  readonly version: 1;
  /** Whether each base chain is exact on some target. */
  readonly exact: boolean;
  readonly chains: readonly CheckedChain[];
}

function messages(refusals: ChainReport['refusals']): RefusalMessages {
  const entries = Object.entries(refusals) as [Target, readonly Diagnostic[]][];
  return Object.fromEntries(entries.map(([target, list]) => [target, list.map(({ message }) => message)]));
}

function checkedRule(
  { rule, span, refusals }: RuleReport,
  targets: readonly Target[],
  places: Places,
): CheckedRule {
  const exact = targets.filter(target => (refusals[target] ?? []).length === 0);
  return { rule, place: placeText(span, places), exact, refusals: messages(refusals) };
}

function checkedStay({ message, notes }: StayReason, places: Places): CheckedStay {
  const shown = notes.map(note => ({
    message: note.message,
    ...(note.span && { place: placeText(note.span, places) }),
  }));
  return { message, notes: shown };
}

function checkedChain({ span, rules, refusals, stays, ...rest }: ChainReport, places: Places): CheckedChain {
  return {
    ...rest,
    ...(stays && { stays: checkedStay(stays, places) }),
    place: placeText(span, places),
    refusals: messages(refusals),
    rules: rules.map(rule => checkedRule(rule, rest.targets, places)),
  };
}

export function checkReport(chains: readonly ChainReport[], sources: readonly SourceFile[]): CheckReport {
  const places = new Places(sources);
  return {
    version: 1,
    exact: chains.every(({ exact }) => exact.length > 0),
    chains: chains.map(chain => checkedChain(chain, places)),
  };
}
