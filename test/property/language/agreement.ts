// Many drawn inputs, judged by the reference and by the front half: counts, and disagreements grouped by cause.

import { comparable, compare, type Verdict } from './compare.ts';
import { drawnCorner } from './corners.ts';
import type { Drawn } from './drawn.ts';
import { drawnGrid } from './grid.ts';
import { drawnIncludes } from './includes.ts';
import { askAll, type Question } from './oracle.ts';
import { drawnRule, drawnRuleset } from './rulesets.ts';
import { drawnSet } from './set-rulesets.ts';
import { drawnTwoRuns } from './two-runs.ts';

export interface Disagreement {
  readonly seed: number;
  readonly subject: string;
  readonly detail: string;
}

export interface Agreement {
  /** Inputs whose subject no other had. */
  distinct: number;
  /** Both accept, and the bytecode is the same. */
  accepted: number;
  refused: number;
  /** This kernel lacks what the input asks for, so that only the bytecode counts; or the reference crashed. */
  unknown: number;
  /** Disagreements that are not the front half's (aside.ts), by cause. */
  readonly aside: Map<string, number>;
  readonly disagreements: Map<string, Disagreement[]>;
}

/** What is drawn in turn; in all other places stand single rules. */
const round: readonly ((seed: number) => Drawn)[] = [
  drawnRuleset,
  drawnSet,
  drawnTwoRuns,
  drawnIncludes,
  drawnCorner,
  drawnPlace,
  drawnPlace,
];
const inputsOfOneRound = 10;

/** The grid is walked by rounds. */
function drawnPlace(seed: number): Drawn {
  return drawnGrid(Math.floor(seed / inputsOfOneRound) * 2 + (seed % 2));
}

interface Asked extends Drawn, Question {
  readonly seed: number;
}

export function drawn(seed: number): Drawn {
  return (round[seed % inputsOfOneRound] ?? drawnRule)(seed);
}

function* distinctInputs(first: number, count: number, deadline: number): Generator<Asked> {
  const seen = new Set<string>();
  for (let seed = first; seen.size < count && Date.now() < deadline; seed++) {
    const input = drawn(seed);
    if (seen.has(input.subject)) continue;
    seen.add(input.subject);
    yield comparable({ ...input, seed });
  }
}

const disagreeing: ReadonlySet<Verdict> = new Set(['too strict', 'too lax', 'bytecode', 'thrown']);

/** At most `count` distinct inputs, from the seed `first` on, until `deadline` (milliseconds of the clock). */
export async function agree(
  first: number,
  count: number,
  deadline: number = Number.POSITIVE_INFINITY,
  progress: (agreement: Agreement) => void = () => undefined,
): Promise<Agreement> {
  const agreement: Agreement = {
    distinct: 0,
    accepted: 0,
    refused: 0,
    unknown: 0,
    aside: new Map(),
    disagreements: new Map(),
  };
  for await (const [input, answer] of askAll(distinctInputs(first, count, deadline))) {
    const { verdict, accepted, cause, detail } = compare(input, answer);
    agreement.distinct++;
    if (disagreeing.has(verdict)) {
      const key = `${verdict}: ${cause}`;
      const known = agreement.disagreements.get(key) ?? [];
      agreement.disagreements.set(key, known);
      known.push({ seed: input.seed, subject: input.subject, detail });
    } else if (verdict === 'aside') agreement.aside.set(cause, (agreement.aside.get(cause) ?? 0) + 1);
    else if (verdict === 'unknown') agreement.unknown++;
    else if (accepted) agreement.accepted++;
    else agreement.refused++;
    progress(agreement);
  }
  return agreement;
}

/** The most frequent cause first, with its shortest examples. */
export function report({ aside, disagreements }: Agreement, examples = 3): string {
  const groups = [...disagreements].sort(([, a], [, b]) => b.length - a.length);
  return [
    ...groups.map(([cause, list]) => `${list.length} ${cause}\n${shortest(list, examples)}`),
    ...[...aside].map(([cause, count]) => `${count} aside: ${cause}`),
  ].join('\n');
}

function shortest(list: readonly Disagreement[], count: number): string {
  const sorted = [...list].sort((a, b) => a.subject.length - b.subject.length);
  const indented = (text: string): string => text.replaceAll('\n', '\n      ');
  return sorted
    .slice(0, count)
    .map(({ seed, subject, detail }) => `  seed ${seed}\n      ${indented(subject)}\n    ${indented(detail)}`)
    .join('\n');
}

export function summary({ distinct, accepted, refused, unknown, aside, disagreements }: Agreement): string {
  const setAside = [...aside.values()].reduce((sum, count) => sum + count, 0);
  const failed = [...disagreements.values()].reduce((sum, list) => sum + list.length, 0);
  return `${distinct} distinct inputs: ${accepted} accepted with the same bytecode, ${refused} refused by both, ${unknown} unknown, ${setAside} set aside, ${failed} disagreements`;
}
