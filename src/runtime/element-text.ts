// Elements as text: `10.0.0.0/8 . 22-25`, `22 : jump ssh`, several of them with commas between, with or without braces.
// The scanner and the literals are those of rulesets; the grammar of an element is small enough to be read by hand.

import { fitInteger, fitString, isString } from '../ast/type/constants.ts';
import { describeType } from '../ast/type/describe.ts';
import { fail } from '../ast/type/failure.ts';
import { isInterval, keyPart, prefixOf, rangeOf, requireRanges } from '../ast/type/key-part.ts';
import { readLiteral } from '../ast/type/literal/literal.ts';
import { suggest } from '../ast/type/literal/suggest.ts';
import type { EvaluateOptions } from '../ast/type/options.ts';
import type {
  ElementData,
  KeyPart,
  TypedElement,
  TypedPart,
  TypedPrefix,
  TypedRange,
  TypedValue,
} from '../ast/type/typed.ts';
import { isCompatible, isFlags } from '../ast/type/types.ts';
import type { Verdict } from '../lower/linear/ir.ts';
import { booleanType, type Datatype, icmpTypeType, inetProtocolType } from '../model/datatype.ts';
import { ipProtocolNumbers } from '../model/protocol.ts';
import { numberValue } from '../nft-grammar/literals.ts';
import { TokenKind } from '../nft-grammar/token.ts';
import type { SourceFile } from '../source/span.ts';
import { checkedState } from './carried.ts';
import type { SetForm } from './set-form.ts';
import { numberOf, readState } from './state-text.ts';
import { type Token, TokenCursor } from './tokens.ts';

/** A literal as the front half hands it to the datatype: quotes and brackets are gone, a number is its decimal digits. */
function literalText({ kind, text }: Token): string {
  if (kind === TokenKind.number) return String(numberValue(text));
  if (kind === TokenKind.quoted || text.startsWith('[')) return text.slice(1, -1);
  return text;
}

/** Fails (ast/type/failure.ts) where the text is none. */
class ElementReader {
  private readonly tokens: TokenCursor;
  private readonly set: SetForm;
  private readonly options: EvaluateOptions;
  private readonly removed: boolean;

  constructor(file: SourceFile, set: SetForm, options: EvaluateOptions, removed: boolean) {
    this.tokens = new TokenCursor(file);
    this.set = set;
    this.options = options;
    this.removed = removed;
  }

  read(): TypedElement[] {
    const hasBrace = this.tokens.take('{');
    const elements = [this.element()];
    while (this.tokens.take(',')) if (!this.tokens.isAtEnd()) elements.push(this.element());
    if (hasBrace && !this.tokens.take('}')) this.tokens.unexpected("',' or '}'");
    if (this.tokens.token.kind !== TokenKind.fileEnd) this.tokens.unexpected("',' or the end");
    return elements;
  }

  private element(): TypedElement {
    const start = this.tokens.token.span;
    const parts = this.tokens.take('*') ? 'catchall' : this.key();
    const carried = readState(this.tokens);
    const data = this.tokens.take(':') ? this.data() : undefined;
    const span = this.tokens.spanFrom(start);
    if (data === undefined && this.set.role.data !== undefined && !this.removed)
      fail('missing-data', 'an element of a map needs a value: `key : value`', span);
    const extras = checkedState(this.set, carried, this.removed, span);
    return { span, parts, ...(data && { data }), ...(extras && { extras }) };
  }

  private key(): readonly KeyPart[] {
    const ranges = this.set.shape.interval;
    return this.concatenation(this.set.keyParts, 'the key', value => {
      if (isInterval(value) && !ranges)
        fail('missing-interval-flag', `\`${this.set.name}\` has no \`flags interval\``, value.span);
    });
  }

  private data(): ElementData {
    const { role, dataParts } = this.set;
    if (role.data?.kind === 'verdict') return this.verdict(role.data.verdicts);
    if (role.data?.kind === 'object') return this.object(role.data.objects);
    if (dataParts === undefined || role.data?.kind !== 'value')
      return fail('unexpected-data', 'a set has no values for its elements', this.tokens.token.span);
    const interval = role.data.interval === true;
    const parts = this.concatenation(dataParts, 'the value', value => {
      if (isInterval(value) && !interval) fail('not-a-value', 'the map gives single values', value.span);
    });
    return { kind: 'value', parts, interval };
  }

  private concatenation(
    wanted: readonly TypedPart[],
    what: string,
    check: (value: TypedValue | TypedPrefix | TypedRange) => void,
  ): readonly KeyPart[] {
    const start = this.tokens.token.span;
    const parts: KeyPart[] = [];
    do {
      const part = wanted[parts.length];
      if (part === undefined)
        fail(
          'type-mismatch',
          `${what} has ${count(wanted.length, 'part')}, this is one more`,
          this.tokens.token.span,
        );
      const value = this.part(part);
      check(value);
      parts.push(keyPart(value));
    } while (this.tokens.take('.'));
    const span = this.tokens.spanFrom(start);
    if (parts.length < wanted.length)
      fail('type-mismatch', `${what} has ${count(wanted.length, 'part')}, this is ${parts.length}`, span);
    return parts;
  }

  private part(wanted: TypedPart): TypedValue | TypedPrefix | TypedRange {
    const from = this.flags(wanted);
    if (from.kind !== 'value') return from;
    if (this.tokens.take('/')) {
      const length = numberOf(this.tokens, 'the bits of a prefix');
      return prefixOf(from, length, this.tokens.spanFrom(from.span));
    }
    if (!this.tokens.take('-')) return from;
    const to = this.value(wanted);
    const span = this.tokens.spanFrom(from.span);
    requireRanges(from, span);
    if (to.kind !== 'value') return fail('not-constant', 'both ends of a range must be values', to.span);
    const { type, bits, order } = from;
    return rangeOf({ kind: 'range', from, to, type, bits, order, span });
  }

  /** `a | b`, of flags. */
  private flags(wanted: TypedPart): TypedValue | TypedPrefix {
    let value = this.value(wanted);
    while (value.kind === 'value' && isFlags(value.type) && this.tokens.take('|')) {
      const more = this.value(wanted);
      if (more.kind !== 'value') return more;
      value = { ...value, value: value.value | more.value, span: this.tokens.spanFrom(value.span) };
    }
    return value;
  }

  private value({ type, bits, order }: TypedPart): TypedValue | TypedPrefix {
    if (!isLiteral(this.tokens.token)) this.tokens.unexpected('a value');
    const token = this.tokens.next();
    const place = { expected: { type, bits, order }, statementBits: 0 };
    const literal = { text: literalText(token), span: token.span };
    const own = token.kind === TokenKind.quoted ? undefined : typedWord(literal.text);
    if (own !== undefined && !isCompatible(type, own.type))
      fail('type-mismatch', `expected ${describeType(type)}, not ${describeType(own.type)}`, literal.span);
    if (own === undefined && isString(type)) return fitString(place, literal.text, literal.span);
    return fitInteger(place, own?.value ?? readLiteral(literal, type, this.options), type, literal.span);
  }

  /** One of those that the program has a place to go for. */
  private verdict(known: readonly Verdict[]): ElementData {
    const { text: kind, span } = this.tokens.token;
    if (!isLiteral(this.tokens.token)) this.tokens.unexpected('a verdict');
    this.tokens.next();
    const jumps = kind === 'jump' || kind === 'goto';
    const chain = jumps ? this.name('a chain') : undefined;
    const wanted = known.find(
      each => each.kind === kind && ('chain' in each ? each.chain : undefined) === chain,
    );
    if (wanted !== undefined) return { kind: 'verdict', verdict: wanted.kind, ...(chain && { chain }) };
    const whole = this.tokens.spanFrom(span);
    if (chain === undefined)
      fail('unknown-symbol', `\`${kind}\` is not a verdict`, whole, suggest(kind, whole, verdictWords));
    return fail(
      'unknown-chain',
      `the programs that use \`${this.set.name}\` have no way to ${kind} to chain \`${chain}\``,
      whole,
    );
  }

  /** One that the program has a place for. */
  private object(known: readonly string[]): ElementData {
    const { span } = this.tokens.token;
    const name = this.name('an object');
    const { set, table } = this.set.role;
    if (!known.includes(name) && !this.removed)
      fail('unknown-object', `the programs that use \`${set}\` know no such object of table ${table}`, span);
    return { kind: 'object', name };
  }

  private name(what: string): string {
    if (!isLiteral(this.tokens.token)) this.tokens.unexpected(`the name of ${what}`);
    const { kind, text } = this.tokens.next();
    return kind === TokenKind.quoted ? text.slice(1, -1) : text;
  }
}

/** Words that bring their own type (ast/type/expression.ts). */
function typedWord(text: string): { readonly type: Datatype; readonly value: bigint } | undefined {
  if (text === 'exists' || text === 'missing')
    return { type: booleanType, value: text === 'exists' ? 1n : 0n };
  if (text === 'redirect') return { type: icmpTypeType, value: 5n };
  const protocol = new Map(Object.entries(ipProtocolNumbers)).get(text);
  return protocol === undefined ? undefined : { type: inetProtocolType, value: BigInt(protocol) };
}

const verdictWords = ['accept', 'drop', 'continue', 'return', 'jump', 'goto'];

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** A word of any kind (many are keywords in rules), an address, a number, a text in quotes. */
function isLiteral({ kind, text }: Token): boolean {
  if (kind === TokenKind.quoted || kind === TokenKind.wildcard || kind === TokenKind.number) return true;
  return kind !== TokenKind.junk && /^[\w.:[]/.test(text) && text !== '.' && text !== ':';
}

/** `removed`: elements that are to go; what a map gives for them need not be said. */
export function readElements(
  file: SourceFile,
  set: SetForm,
  options: EvaluateOptions,
  removed: boolean,
): TypedElement[] {
  return new ElementReader(file, set, options, removed).read();
}
