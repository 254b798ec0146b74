// Inputs that nobody would write: damaged files and rules, deep nesting, huge literals, unbalanced braces, any
// characters. Whatever it is, the way of a text ends in a result or in diagnostics.

import { evaluate } from '../../../src/ast/evaluate.ts';
import { linearize } from '../../../src/lower/linear/linearize.ts';
import { printIr } from '../../../src/lower/linear/print.ts';
import { lower } from '../../../src/lower/lower.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';
import { hasFailure } from '../../../src/source/diagnostic.ts';
import { machine } from '../../unit/reference/translate.ts';
import { Draw } from './draw.ts';
import { mutate, tokensOf } from './mutate.ts';
import { drawnRule, drawnRuleset } from './rulesets.ts';

export interface FuzzOutcome {
  readonly kind: 'result' | 'diagnostics' | 'thrown';
  /** The stack of what was thrown. */
  readonly thrown?: string;
  readonly milliseconds: number;
}

/** Most of a text from the corpus is left away, so that many can be tried. */
const longestExcerpt = 3000;

function excerpt(draw: Draw, text: string): string {
  if (text.length <= longestExcerpt) return text;
  const lines = text.split('\n');
  const from = draw.oneIn(2) ? 0 : draw.below(lines.length);
  return lines
    .slice(from, from + 60)
    .join('\n')
    .slice(0, longestExcerpt);
}

const huge = (draw: Draw): string =>
  draw.one(
    d => '9'.repeat(1 + d.below(5000)),
    d => `0x${d.hex(1 + d.below(2000))}`,
    d => `"${'a'.repeat(d.below(5000))}"`,
    d => `${'1.'.repeat(d.below(2000))}1`,
    d => `${'a:'.repeat(d.below(2000))}:`,
    d => 'x'.repeat(1 + d.below(5000)),
    d => `${d.below(1e9)}d${d.below(1e9)}h${'5m'.repeat(d.below(300))}`,
  );

function nested(draw: Draw): string {
  const depth = 1 + draw.below(3000);
  return draw.one(
    () => `add rule ip t c ${'('.repeat(depth)}ip saddr${draw.oneIn(2) ? ')'.repeat(depth) : ''} 1.2.3.4`,
    () => `add rule ip t c ip saddr ${'{ '.repeat(depth)}1.2.3.4${draw.oneIn(2) ? ' }'.repeat(depth) : ''}`,
    () => `add rule ip t c ${'jump { '.repeat(depth)}accept;${draw.oneIn(2) ? ' };'.repeat(depth) : ''}`,
    () => `table ip t {${'chain c { '.repeat(depth)}${'}'.repeat(draw.below(depth))}`,
    () => `add rule ip t c meta mark set ${'1 | '.repeat(depth)}1`,
    () => `add rule ip t c ip saddr ${'. tcp dport '.repeat(depth)} 1`,
    () => `add rule ip t c tcp dport ${'1,'.repeat(depth)}2`,
    () =>
      `define a = 1\n${Array.from({ length: Math.min(depth, 500) }, (_, index) => `define a${index} = { $a${index === 0 ? '' : index - 1}, $a${index === 0 ? '' : index - 1} }`).join('\n')}\nadd table ip t\nadd set ip t s { type mark; elements = $a${draw.oneIn(200) ? 60 : Math.min(depth, 4 + draw.below(9))}; }`,
  );
}

const characters = (draw: Draw): string =>
  Array.from({ length: draw.below(200) }, () =>
    draw.one(
      d => String.fromCodePoint(d.below(0xd800)),
      d => String.fromCharCode(0xd800 + d.below(0x800)),
      d => String.fromCharCode(d.below(128)),
      d => d.pick([...'{}();,.:"\\#\n\t$@*-/!=<>&|^[] ']),
    ),
  ).join('');

function intoText(draw: Draw, text: string, more: string): string {
  const at = draw.below(text.length + 1);
  return text.slice(0, at) + more + text.slice(at + draw.below(10));
}

/** An input for a seed; `corpus` are texts to damage. */
export function fuzzInput(seed: number, corpus: readonly string[]): string {
  const draw = new Draw(seed);
  const drawn = (): string => (draw.oneIn(3) ? drawnRuleset(seed) : drawnRule(seed)).text;
  const base = draw.oneIn(3) && corpus.length > 0 ? excerpt(draw, draw.pick(corpus)) : drawn();
  return draw.one(
    d => mutate(d, base, 1 + d.below(8)),
    d => mutate(d, base, 1 + d.below(30)),
    () => base.slice(0, draw.below(base.length)),
    () => intoText(draw, base, huge(draw)),
    () => intoText(draw, base, characters(draw)),
    () =>
      intoText(
        draw,
        base,
        draw.pick(['{', '}', '(', ')', '"', '\\', '\r\n', '\0', '${', '{{{{', '}}}}', '#']),
      ),
    () =>
      tokensOf(base)
        .sort(() => draw.below(3) - 1)
        .join(' '),
    () => draw.one(characters, nested, nested, d => base + d.one(nested)),
  );
}

function run(text: string): FuzzOutcome['kind'] {
  const parsed = parse(text);
  const evaluated = evaluate(parsed, machine);
  const linear = linearize(evaluated.ruleset);
  printIr(linear.ir);
  const diagnostics = [...parsed.diagnostics, ...evaluated.diagnostics, ...linear.diagnostics];
  if (hasFailure(diagnostics)) return 'diagnostics';
  return hasFailure(lower(linear.ir).diagnostics) ? 'diagnostics' : 'result';
}

export function fuzz(text: string): FuzzOutcome {
  const start = performance.now();
  try {
    return { kind: run(text), milliseconds: performance.now() - start };
  } catch (error) {
    const thrown = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: 'thrown', thrown, milliseconds: performance.now() - start };
  }
}
