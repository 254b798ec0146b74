// Real rulesets through the whole way: each base chain of type filter alone, and each file whole.

import { applyCommands } from '../../src/ast/apply/apply.ts';
import type { EvaluateOptions } from '../../src/ast/type/options.ts';
import type { TypedChain, TypedRuleset } from '../../src/ast/type/typed.ts';
import { linearize } from '../../src/lower/linear/linearize.ts';
import { parse } from '../../src/nft-grammar/parse.ts';
import { type Diagnostic, hasFailure } from '../../src/source/diagnostic.ts';
import { translate, translateIr } from '../../src/translate.ts';
import type { Emitted, Verifier } from '../support/verifier.ts';
import { corpusFiles, corpusOptions, corpusText } from '../unit/reference/corpus.ts';

/** What became of one base chain, or of one file. */
export interface Outcome {
  /** `file` or `file: family table chain`. */
  readonly name: string;
  /** The file has a nat chain, too. */
  readonly besideNat: boolean;
  /** Why it is not translated, without names; undefined if it is. */
  readonly refused: string | undefined;
  /** What the kernel says against what was emitted, per variant. */
  readonly rejections: readonly string[];
}

export interface Outcomes {
  readonly chains: readonly Outcome[];
  readonly files: readonly Outcome[];
}

/** The machine of the corpus has no files to include: a pattern finds none. */
const include = { read: (): undefined => undefined, list: (): readonly string[] => [] };

/** A diagnostic's code and message without what belongs to one file. */
function generic({ code, message }: Diagnostic): string {
  const text = message
    .replace(/(set|map|chain|table|interface|object|counter|user|group) `[^`]*`/g, '$1 `…`')
    .replace(/'[^']*'/g, "'…'")
    .replace(/\d+/g, '#');
  return `${code}: ${text}`;
}

function firstReason(diagnostics: readonly Diagnostic[]): string | undefined {
  const first = diagnostics.find(({ severity }) => severity === 'error' || severity === 'refusal');
  return first && generic(first);
}

/** A result, or diagnostics that say why there is none. */
type Translated = Emitted & { readonly diagnostics: readonly Diagnostic[] };
type Translate = (optimize: boolean) => Translated;

function outcome(name: string, besideNat: boolean, verifier: Verifier, translateWith: Translate): Outcome {
  const rejections: string[] = [];
  let refused: string | undefined;
  for (const optimize of [true, false]) {
    try {
      const result = translateWith(optimize);
      refused ??= firstReason(result.diagnostics);
      const rejection = refused === undefined ? verifier.refusal(result) : undefined;
      if (rejection !== undefined) rejections.push(`${name}, optimize ${optimize}:\n${rejection}`);
    } catch (thrown) {
      rejections.push(`${name}, optimize ${optimize}: thrown: ${(thrown as Error).stack}`);
    }
  }
  return { name, besideNat, refused, rejections };
}

function hasNat({ tables }: TypedRuleset): boolean {
  return tables.some(({ chains }) => chains.some(({ base }) => base?.type === 'nat'));
}

/** The ruleset with one base chain; all that is no base chain stays. */
function keepOnly({ tables }: TypedRuleset, chain: TypedChain): TypedRuleset {
  const isKept = (one: TypedChain): boolean => one.base === undefined || one === chain;
  return { tables: tables.map(table => ({ ...table, chains: table.chains.filter(isKept) })) };
}

function translateRuleset(
  ruleset: TypedRuleset,
  before: readonly Diagnostic[],
  options: EvaluateOptions,
): Translate {
  const linear = linearize(ruleset);
  const diagnostics = [...before, ...linear.diagnostics];
  return optimize =>
    hasFailure(diagnostics)
      ? { programs: [], maps: [], diagnostics }
      : translateIr(linear.ir, { ...options, optimize });
}

function chainOutcomes(file: string, verifier: Verifier): readonly Outcome[] {
  const options = corpusOptions(file);
  const parsed = parse(corpusText(file), { include });
  const { ruleset, diagnostics } = applyCommands(parsed.commands, options);
  const before = [...parsed.diagnostics, ...diagnostics];
  const besideNat = hasNat(ruleset);
  return ruleset.tables.flatMap(table =>
    table.chains
      .filter(({ base }) => base?.type === 'filter')
      .map(chain =>
        outcome(
          `${file}: ${table.family} ${table.name} ${chain.name}`,
          besideNat,
          verifier,
          translateRuleset(keepOnly(ruleset, chain), before, options),
        ),
      ),
  );
}

function fileOutcome(file: string, verifier: Verifier): Outcome {
  const text = corpusText(file);
  const options = { ...corpusOptions(file), include };
  const besideNat = hasNat(applyCommands(parse(text, { include }).commands, options).ruleset);
  return outcome(file, besideNat, verifier, optimize => translate(text, { ...options, optimize }));
}

export function corpusOutcomes(verifier: Verifier): Outcomes {
  const files = corpusFiles();
  return {
    chains: files.flatMap(file => chainOutcomes(file, verifier)),
    files: files.map(file => fileOutcome(file, verifier)),
  };
}

/** `12  reason` lines, the most frequent first. */
export function reasonTable(outcomes: readonly Outcome[]): string {
  const counts = new Map<string, number>();
  for (const { refused } of outcomes) {
    if (refused !== undefined) counts.set(refused, (counts.get(refused) ?? 0) + 1);
  }
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  return sorted.map(([reason, count]) => `${String(count).padStart(6)}  ${reason}`).join('\n');
}
