// The register IR as text, as `nft --debug=netlink -c -f` prints a ruleset whose tables are single blocks: named sets
// with their elements, then each rule after the anonymous sets it looks up in. What is not part of the IR (use counts,
// user data) and named objects, whose line names neither table nor object, are not printed.

import type { Elements, Expression, IrChain, IrRule, IrRuleset, IrSet, IrTable, SetId, Value } from './ir.ts';
import { SetFlag } from './ir.ts';
import { expressionText, type SetName } from './print-expression.ts';
import { setPieces } from './print-set.ts';
import { valueText } from './print-value.ts';
import { TemplateSet } from './set-templates.ts';
import { type IrTemplate, type Patch, patchedValue, TemplateRule } from './templates.ts';
import { writtenAs } from './value.ts';

type Sets = ReadonlyMap<SetId, IrSet>;

function setNames(sets: Sets): SetName {
  return id => sets.get(id)?.name ?? '?';
}

function isAnonymous(set: IrSet): boolean {
  return (set.flags & SetFlag.anonymous) !== 0;
}

/** What a rule makes for itself: sets that it looks up in and chains that it jumps to, in order of use. */
function madeBy(
  rule: IrRule,
  sets: Sets,
  chains: ReadonlyMap<string, IrChain>,
): ReadonlySet<IrSet | IrChain> {
  const made = rule.expressions.map(expression => {
    if (expression.op === 'verdict')
      return 'chain' in expression.verdict ? chains.get(expression.verdict.chain) : undefined;
    const set = 'set' in expression ? sets.get(expression.set) : undefined;
    return set !== undefined && isAnonymous(set) ? set : undefined;
  });
  return new Set(made.filter(each => each !== undefined));
}

/** The expression lines of a rule, indented as nft does. */
export function ruleLines(rule: IrRule, setName: SetName): readonly string[] {
  return rule.expressions.map(expression => `  [ ${expressionText(expression, setName)} ]`);
}

/** A line of a template around the one value in it that is another in each rule. */
interface LineFrame {
  readonly patch: Extract<Patch, { readonly kind: 'value' }>;
  readonly before: string;
  readonly behind: string;
}

/** Lines of rules; what rules of one template share is made once. */
class RulePrinter {
  readonly #shared = new Map<IrTemplate, readonly (string | LineFrame | undefined)[]>();
  readonly #setName: SetName;

  constructor(setName: SetName) {
    this.#setName = setName;
  }

  #line(expression: Expression): string {
    return `  [ ${expressionText(expression, this.#setName)} ]\n`;
  }

  #sharedLines(template: IrTemplate, rule: TemplateRule): readonly (string | LineFrame | undefined)[] {
    const known = this.#shared.get(template);
    if (known !== undefined) return known;
    const patched = new Set(template.patched);
    const made = template.expressions.map((expression, index) => {
      if (template.onlySets.has(index)) return this.#line(rule.expression(index));
      return patched.has(index) ? this.#frame(template, index) : this.#line(expression);
    });
    this.#shared.set(template, made);
    return made;
  }

  /** Two values that differ in all digits show where in the line the value stands. */
  #frame({ expressions, patches }: IrTemplate, index: number): LineFrame | undefined {
    const own = patches.filter(patch => patch.index === index);
    const [patch] = own;
    if (own.length !== 1 || patch?.kind !== 'value') return undefined;
    const [zeros, ones] = [0, 255].map(byte => {
      const value: Value = { ...patch.value, bytes: patch.value.bytes.slice().fill(byte) };
      return {
        text: valueText(value),
        line: this.#line({ ...expressions[index]!, [patch.property]: value }),
      };
    });
    const at = ones!.line.indexOf(ones!.text);
    const before = ones!.line.slice(0, at);
    const behind = ones!.line.slice(at + ones!.text.length);
    return at >= 0 && `${before}${zeros!.text}${behind}` === zeros!.line
      ? { patch, before, behind }
      : undefined;
  }

  text(rule: IrRule): string {
    if (!(rule instanceof TemplateRule)) return rule.expressions.map(each => this.#line(each)).join('');
    let text = '';
    const lines = this.#sharedLines(rule.template, rule);
    for (let index = 0; index < lines.length; index++) {
      const line = lines[index];
      if (typeof line === 'string') text += line;
      else if (line === undefined) text += this.#line(rule.expression(index));
      else
        text +=
          line.before + patchText(line.patch.value, rule.valueOf(line.patch.trace) as bigint) + line.behind;
    }
    return text;
  }
}

/** A number that is all of the value, in the order in which its digits are printed, needs no bytes. */
function patchText(value: Value, number: bigint): string {
  const { width, lowFirst } = writtenAs(value)!;
  const [part] = value.parts;
  const isWhole = value.parts.length === 1 && value.bytes.length === width && part!.length === width;
  if (!isWhole || width > 4 || lowFirst !== (part!.order === 'host'))
    return valueText(patchedValue(value, number));
  return `0x${Number(BigInt.asUintN(8 * width, number))
    .toString(16)
    .padStart(2 * width, '0')}`;
}

/** Not kept: each set is printed once. */
function elementsOnce(set: IrSet): Elements {
  return set instanceof TemplateSet ? set.makeElements() : set.elements;
}

function* tableTexts(table: IrTable): Generator<string> {
  const sets: Sets = new Map(table.sets.map(set => [set.id, set]));
  const setName = setNames(sets);
  const printer = new RulePrinter(setName);
  const piecesOf = (set: IrSet): Iterable<string> =>
    setPieces(table.family, table.name, set, elementsOnce(set));
  const setText = (set: IrSet): string => [...piecesOf(set)].join('');
  for (const set of table.sets) if (!isAnonymous(set)) yield* piecesOf(set);
  const anonymous = new Map(table.chains.filter(chain => chain.anonymous).map(chain => [chain.name, chain]));
  /** Behind what the rule makes for itself. */
  const ruleText = (rule: IrRule, header: string): string => {
    let text = '';
    if (rule instanceof TemplateRule) for (const id of rule.sets) text += setText(sets.get(id)!);
    else
      for (const made of madeBy(rule, sets, anonymous)) {
        if ('flags' in made) text += setText(made);
        else for (const each of made.rules) text += ruleText(each, `${table.family} ${table.name}\n`);
      }
    return text + header + printer.text(rule);
  };
  for (const chain of table.chains) {
    const header = `${table.family} ${table.name} ${chain.name}\n`;
    if (!chain.anonymous) for (const rule of chain.rules) yield ruleText(rule, header);
  }
}

/** The text of `printIr` in pieces of some ten thousand characters: a large ruleset has more than one wants to hold. */
export function* printIrPieces(ruleset: IrRuleset): Generator<string> {
  let piece: string[] = [];
  let length = 0;
  for (const table of ruleset.tables) {
    for (const text of tableTexts(table)) {
      piece.push(text);
      length += text.length;
      if (length < pieceLength) continue;
      yield piece.join('');
      piece = [];
      length = 0;
    }
  }
  yield piece.join('');
}

const pieceLength = 0x1_0000;

/**
 * Each line ends in a newline; an empty ruleset is the empty string.
 *
 * @example
 * ```ts
 * import { evaluate, linearize, parse, printIr } from 'nft2bpf';
 *
 * const { ruleset } = evaluate(parse('table ip t { chain c { ip saddr 192.0.2.1 drop; }; }'));
 * console.log(printIr(linearize(ruleset).ir));
 * // ip t c
 * //   [ payload load 4b @ network header + 12 => reg 1 ]
 * //   [ cmp eq reg 1 0xc0000201 ]
 * //   [ immediate reg 0 drop ]
 * ```
 */
export function printIr(ruleset: IrRuleset): string {
  return [...printIrPieces(ruleset)].join('');
}

/** A rule's expressions as one text per line, for those who have no ruleset at hand. */
export function printRule(rule: IrRule, sets: Iterable<IrSet>): string {
  const byId = new Map([...sets].map(set => [set.id, set]));
  return ruleLines(rule, setNames(byId)).join('\n');
}
