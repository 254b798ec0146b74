// The property that whatever is emitted for a drawn ruleset is taken by the kernel's verifier: with the optimiser on and
// off, for every target that is exact. What fails is shrunk.

import fc from 'fast-check';
import type { Target } from '../../src/lower/program.ts';
import type { Family, Hook } from '../../src/model/family.ts';
import { type Translation, translate } from '../../src/translate.ts';
import type { Verifier } from '../support/verifier.ts';
import { ruleset } from './arbitraries/ruleset.ts';

export interface Setting {
  readonly family: Family;
  readonly hook: Hook;
  /** Another family, for a second table on the same hook. */
  readonly neighbour?: Family;
  readonly targets: readonly Target[];
  /** ct keys. */
  readonly conntrack?: boolean;
  /** Marks are written, which not every target can. */
  readonly writes?: boolean;
}

/** Counts by target. */
export interface Tally {
  /** Translations that the kernel took. */
  readonly accepted: Map<Target, number>;
  /** Rules that were left out because they are not exact on the target. */
  readonly left: Map<Target, number>;
}

const names = { interfaces: { lo: 1, in0: 2, out0: 3, in1: 4 } };
const deviceOf: Partial<Record<Hook, string>> = { ingress: 'in0', egress: 'out0' };

function count(counts: Map<Target, number>, target: Target, more: number): void {
  counts.set(target, (counts.get(target) ?? 0) + more);
}

function texts({
  family,
  hook,
  neighbour,
  conntrack = false,
  writes = false,
}: Setting): fc.Arbitrary<string> {
  const device = deviceOf[hook];
  const place = { family, hook, ...(device && { device }) };
  return ruleset({ place, ...(neighbour && { neighbour }), writes, conntrack });
}

/** Numbers, from 0, of the lines that failures point at. */
function failedLines(text: string, { diagnostics }: Translation): ReadonlySet<number> {
  const failures = diagnostics.filter(({ severity }) => severity === 'error' || severity === 'refusal');
  return new Set(failures.map(({ span }) => text.slice(0, span?.from).split('\n').length - 1));
}

/** A rule stands on one line, indented twice; of sets and chains nothing is left out. */
function isRule(line: string | undefined): boolean {
  return line?.startsWith('    ') === true && !line.includes(' hook ');
}

/** The ruleset without the rules that are refused; undefined if something else is. */
function exactPart(text: string, target: Target): { text: string; left: number } | undefined {
  const lines = text.split('\n');
  const result = translate(text, { target, names });
  if (result.ok) return { text, left: 0 };
  const failed = failedLines(text, result);
  if ([...failed].some(index => !isRule(lines[index]))) return undefined;
  const rest = exactPart(lines.filter((_, index) => !failed.has(index)).join('\n'), target);
  return rest && { text: rest.text, left: rest.left + failed.size };
}

/** Throws with the verifier's reasons. */
function examine(drawn: string, target: Target, verifier: Verifier, tally: Tally): void {
  const part = exactPart(drawn, target);
  if (part === undefined) return;
  count(tally.left, target, part.left);
  for (const optimize of [true, false]) {
    const result = translate(part.text, { target, optimize, names });
    const rejection = result.ok ? verifier.refusal(result) : JSON.stringify(result.diagnostics);
    if (rejection !== undefined) {
      throw new Error(`${target}, optimize ${optimize}, is not taken:\n${part.text}\n${rejection}`);
    }
    count(tally.accepted, target, 1);
  }
}

export interface Effort {
  readonly seed: number;
  readonly rulesets: number;
}

/** Runs the property; throws with the shrunk ruleset and the seed if the kernel does not take a program. */
export function checkLowering(setting: Setting, verifier: Verifier, { seed, rulesets }: Effort): Tally {
  const tally: Tally = { accepted: new Map(), left: new Map() };
  const property = fc.property(texts(setting), text => {
    for (const target of setting.targets) examine(text, target, verifier, tally);
  });
  const outcome = fc.check(property, { numRuns: rulesets, seed });
  if (outcome.failed) {
    const { errorInstance, counterexamplePath } = outcome;
    const cause = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
    throw new Error(`seed ${seed}, path ${counterexamplePath}\n${cause}`);
  }
  return tally;
}
