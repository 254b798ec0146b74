// JSON text (RFC 8259) to a tree with places. One pass; what the reference's library refuses is refused: a NUL in a
// string, half a surrogate pair, anything behind the value.

import type { Diagnostic } from '../../source/diagnostic.ts';
import type { SourceFile, Span } from '../../source/span.ts';
import { fail } from '../type/failure.ts';
import type { JsonValue } from './value.ts';

/** Objects and arrays inside each other. A ruleset has some twenty. */
const deepest = 250;

const blank = /[ \t\n\r]*/y;
const numberForm = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
/** Characters of a string that stand for themselves. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has none of them in a string
const plainText = /[^"\\\u0000-\u001f]*/y;
const escapeForm = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const words: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

/** The value that a text is; fails (failure.ts) if it is none. */
export function scanJson(file: SourceFile, diagnostics: Diagnostic[]): JsonValue {
  return new Scanner(file, diagnostics).document();
}

class Scanner {
  readonly #file: SourceFile;
  readonly #text: string;
  readonly #diagnostics: Diagnostic[];
  #at = 0;
  #depth = 0;

  constructor(file: SourceFile, diagnostics: Diagnostic[]) {
    this.#file = file;
    this.#text = file.text;
    this.#diagnostics = diagnostics;
  }

  document(): JsonValue {
    this.#skipBlank();
    const value = this.#value();
    if (this.#at < this.#text.length) this.#fail('nothing can follow the value');
    return value;
  }

  #span(from: number, to: number = this.#at): Span {
    return { file: this.#file.id, from, to };
  }

  #fail(message: string, from: number = this.#at, to: number = from + 1): never {
    return fail('json-syntax', message, this.#span(from, Math.min(to, this.#text.length)));
  }

  /** Takes what `form` matches here. */
  #take(form: RegExp): string {
    form.lastIndex = this.#at;
    const [found = ''] = form.exec(this.#text) ?? [];
    this.#at += found.length;
    return found;
  }

  #skipBlank(): void {
    this.#take(blank);
  }

  #takeIf(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    this.#skipBlank();
    return true;
  }

  #value(): JsonValue {
    const value = this.#bareValue();
    this.#skipBlank();
    return value;
  }

  #bareValue(): JsonValue {
    switch (this.#text[this.#at]) {
      case '{':
        return this.#nested(() => this.#object());
      case '[':
        return this.#nested(() => this.#array());
      case '"':
        return this.#string();
      case undefined:
        return this.#fail('the text ends where a value is expected');
      default:
        return this.#word() ?? this.#number();
    }
  }

  #nested(read: () => JsonValue): JsonValue {
    if (this.#depth === deepest)
      return fail(
        'limit-exceeded',
        `objects and arrays are nested deeper than ${deepest}`,
        this.#span(this.#at, this.#at + 1),
      );
    this.#depth++;
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): JsonValue {
    const from = this.#at;
    const members = new Map<string, JsonValue>();
    const names = new Map<string, Span>();
    this.#takeIf('{');
    if (this.#text[this.#at] !== '}')
      do this.#member(members, names);
      while (this.#takeIf(','));
    this.#close('}', from, 'object');
    return { kind: 'object', members, names, span: this.#span(from) };
  }

  #member(members: Map<string, JsonValue>, names: Map<string, Span>): void {
    if (this.#text[this.#at] !== '"') this.#fail('expected a name in quotes');
    const { text, span } = this.#string();
    this.#skipBlank();
    if (!this.#takeIf(':')) this.#fail("expected ':' behind the name");
    const before = names.get(text);
    if (before !== undefined)
      this.#diagnostics.push({
        code: 'duplicate-property',
        severity: 'warning',
        message: `\`${text}\` is given twice; the last one counts, as in nft`,
        span,
        notes: [{ message: 'given here first', span: before }],
      });
    members.set(text, this.#value());
    names.set(text, span);
  }

  #array(): JsonValue {
    const from = this.#at;
    const items: JsonValue[] = [];
    this.#takeIf('[');
    if (this.#text[this.#at] !== ']')
      do items.push(this.#value());
      while (this.#takeIf(','));
    this.#close(']', from, 'array');
    return { kind: 'array', items, span: this.#span(from) };
  }

  /** Blanks behind the bracket are left, so that a span ends with it. */
  #close(bracket: string, from: number, what: string): void {
    if (this.#text[this.#at] === bracket) {
      this.#at++;
      return;
    }
    const notes = [{ message: `the ${what} begins here`, span: this.#span(from, from + 1) }];
    const span = this.#span(this.#at, Math.min(this.#at + 1, this.#text.length));
    fail('json-syntax', `expected ',' or '${bracket}'`, span, { notes });
  }

  #string(): Extract<JsonValue, { readonly kind: 'string' }> {
    const from = this.#at++;
    let text = this.#take(plainText);
    while (this.#text[this.#at] !== '"') text += this.#escaped(from) + this.#take(plainText);
    this.#at++;
    if (/[\ud800-\udfff]/.test(text) && hasLoneSurrogate(text))
      this.#fail('half of a surrogate pair is no character', from, this.#at);
    return { kind: 'string', text, span: this.#span(from) };
  }

  #escaped(start: number): string {
    const from = this.#at;
    if (from >= this.#text.length) this.#fail('a string is not closed', start);
    const sequence = this.#take(escapeForm);
    if (sequence === '')
      this.#fail(
        this.#text[from] === '\\' ? 'JSON has no such escape' : 'a control character must be escaped',
        from,
        from + 2,
      );
    if (sequence === '\\u0000') this.#fail('a string cannot hold the character 0', from, this.#at);
    return JSON.parse(`"${sequence}"`) as string;
  }

  #word(): JsonValue | undefined {
    const from = this.#at;
    const word = this.#take(/[a-z]+/y);
    if (word === '') return undefined;
    if (!Object.hasOwn(words, word)) this.#fail(`\`${word}\` is no value of JSON`, from, this.#at);
    const value = words[word]!;
    const span = this.#span(from);
    return value === null ? { kind: 'null', span } : { kind: 'boolean', value, span };
  }

  #number(): JsonValue {
    const from = this.#at;
    const text = this.#take(numberForm);
    if (text === '') this.#fail('expected a value');
    const span = this.#span(from);
    return /^-?\d+$/.test(text) ? this.#integer(text, span) : { kind: 'real', span };
  }

  /** As long as it may be; the reference's library has 64 bits with a sign. */
  #integer(text: string, span: Span): JsonValue {
    const value = text.length > 20 ? undefined : BigInt(text);
    if (value === undefined || BigInt.asIntN(64, value) !== value)
      return fail('value-out-of-range', `${text.slice(0, 40)} does not fit into 64 bits with a sign`, span);
    return { kind: 'integer', value, span };
  }
}

function hasLoneSurrogate(text: string): boolean {
  for (const character of text) if (/^[\ud800-\udfff]$/.test(character)) return true;
  return false;
}
