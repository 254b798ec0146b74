// What reading shares, and how the properties of an object are asked for. Each reader names the properties that it
// knows: another one is not passed over in silence but gives a warning (nft, too, goes on without it).

import type { Diagnostic } from '../../../source/diagnostic.ts';
import type { Span } from '../../../source/span.ts';
import type { Name, NumberLiteral, TextLiteral, TimeLiteral } from '../../nodes/index.ts';
import { fail } from '../../type/failure.ts';
import { suggest } from '../../type/literal/suggest.ts';
import type { JsonInteger, JsonObject, JsonString, JsonValue } from '../value.ts';

/** Operators of one command. Operands of one operator stand in an array, however many, and become as deep a tree. */
const mostOperations = 1000;

export class Reading {
  readonly diagnostics: Diagnostic[] = [];
  #operations = 0;

  /** Another command begins. */
  begin(): void {
    this.#operations = 0;
  }

  /** Counts what one array of operands holds. */
  countOperations(count: number, span: Span): void {
    this.#operations += count;
    if (this.#operations > mostOperations)
      fail('limit-exceeded', `a command has at most ${mostOperations} operations`, span);
  }

  warn(code: string, message: string, span: Span): void {
    this.diagnostics.push({ code, severity: 'warning', message, span });
  }
}

const kindNames: Readonly<Record<JsonValue['kind'], string>> = {
  object: 'an object',
  array: 'an array',
  string: 'a string',
  integer: 'an integer',
  real: 'a real number',
  boolean: 'a boolean',
  null: 'null',
};

export const describeValue = ({ kind }: JsonValue): string => kindNames[kind];

export function wrongType(value: JsonValue, wanted: string): never {
  return fail('wrong-json-type', `expected ${wanted}, not ${describeValue(value)}`, value.span);
}

export function requireObject(value: JsonValue): JsonObject {
  return value.kind === 'object' ? value : wrongType(value, 'an object');
}

export function requireString(value: JsonValue): JsonString {
  return value.kind === 'string' ? value : wrongType(value, 'a string');
}

export function requireItems(value: JsonValue): readonly JsonValue[] {
  return value.kind === 'array' ? value.items : wrongType(value, 'an array');
}

/** The only member of an object such as `{ "counter": … }`. */
export function onlyMember(value: JsonValue): {
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: JsonValue;
} {
  const object = requireObject(value);
  const [first, second] = object.members;
  if (first === undefined || second !== undefined)
    return fail('malformed-object', 'expected an object with exactly one property', object.span);
  const [name, inner] = first;
  return { name, nameSpan: object.names.get(name)!, value: inner };
}

/** The object that a command is about: its kind is the name of a property. */
export type Subject = ReturnType<typeof onlyMember>;

export function requireKind({ name, nameSpan }: Subject, names: readonly string[], what: string): void {
  if (!names.includes(name))
    fail('unknown-word', `\`${name}\` is not ${what}`, nameSpan, quoted(name, nameSpan, names));
}

/** A member of `table` by what the string says. */
export function choiceOf<const T extends string>(string: JsonString, choices: readonly T[], what: string): T {
  const { text, span } = string;
  const found = choices.find(choice => choice === text);
  if (found !== undefined) return found;
  return fail(
    'unknown-word',
    `\`${text}\` is not ${what}: ${choices.join(', ')}`,
    span,
    quoted(text, span, choices),
  );
}

/** The fix keeps the quotes. */
export function quoted(text: string, span: Span, names: Iterable<string>): ReturnType<typeof suggest> {
  const { fixes } = suggest(text, span, names);
  return fixes === undefined ? {} : { fixes: fixes.map(fix => ({ ...fix, text: JSON.stringify(fix.text) })) };
}

/** An entry that a table has under the name that a string gives. */
export function known(string: JsonString, names: Iterable<string>, code: string, what: string): string {
  const all = [...names];
  if (all.includes(string.text)) return string.text;
  return fail(
    code,
    `there is no ${what} \`${string.text}\``,
    string.span,
    quoted(string.text, string.span, all),
  );
}

/** Strings: one, or an array of them. */
export function stringsOf(value: JsonValue): readonly JsonString[] {
  return value.kind === 'string' ? [value] : requireItems(value).map(requireString);
}

export function numberOf({ value, span }: JsonInteger): NumberLiteral {
  if (value < 0n) return fail('value-out-of-range', 'this number cannot be negative', span);
  return { kind: 'number', text: String(value), value, span };
}

export const textOf = ({ text, span }: JsonString): TextLiteral => ({ kind: 'text', text, span });

export function secondsOf(integer: JsonInteger): TimeLiteral {
  const { value, span } = numberOf(integer);
  return { kind: 'time', text: `${value}s`, milliseconds: value * 1000n, span };
}

/** What nft's text can write as a name. JSON could say more, but no listing of the ruleset could be read again. */
const nameForm = /^[A-Za-z_.][A-Za-z0-9/\\_.-]*$/;

export function nameOf({ text, span }: JsonString): Name {
  if (!nameForm.test(text))
    fail(
      'bad-name',
      `\`${text}\` cannot be a name: letters, digits, and . _ / - behind the first letter`,
      span,
    );
  return { kind: 'name', text, span };
}

const longestComment = 128;

function commentOf({ text, span }: JsonString): TextLiteral {
  const { length } = new TextEncoder().encode(text);
  if (length > longestComment)
    fail('comment-too-long', `a comment may have ${longestComment} bytes; this one has ${length}`, span);
  return { kind: 'text', text, span };
}

/** The properties of one object. */
export class Fields {
  readonly span: Span;
  readonly #object: JsonObject;

  constructor(reading: Reading, value: JsonValue, known: readonly string[]) {
    this.#object = requireObject(value);
    this.span = value.span;
    for (const [name, span] of this.#object.names)
      if (!known.includes(name))
        reading.warn('unknown-property', `\`${name}\` means nothing here; it has no effect, as in nft`, span);
  }

  has(name: string): boolean {
    return this.#object.members.has(name);
  }

  /** It is there, and not null. */
  isGiven(name: string): boolean {
    return this.#given(name) !== undefined;
  }

  value(name: string): JsonValue | undefined {
    return this.#object.members.get(name);
  }

  require(name: string): JsonValue {
    return this.value(name) ?? fail('missing-property', `the property \`${name}\` is missing`, this.span);
  }

  /** Null stands for nothing. */
  #given(name: string): JsonValue | undefined {
    const value = this.value(name);
    return value?.kind === 'null' ? undefined : value;
  }

  string(name: string): JsonString {
    return requireString(this.require(name));
  }

  optionalString(name: string): JsonString | undefined {
    const value = this.#given(name);
    return value && requireString(value);
  }

  name(name: string): Name {
    return nameOf(this.string(name));
  }

  #integer(name: string): JsonInteger | undefined {
    const value = this.#given(name);
    return value === undefined || value.kind === 'integer' ? value : wrongType(value, 'an integer');
  }

  integer(name: string): JsonInteger {
    return this.#integer(name) ?? wrongType(this.require(name), 'an integer');
  }

  number(name: string): NumberLiteral {
    return numberOf(this.integer(name));
  }

  optionalNumber(name: string): NumberLiteral | undefined {
    const value = this.#integer(name);
    return value && numberOf(value);
  }

  seconds(name: string): TimeLiteral | undefined {
    const value = this.#integer(name);
    return value && secondsOf(value);
  }

  /** False if it is not there. */
  isTrue(name: string): boolean {
    const value = this.#given(name);
    if (value === undefined) return false;
    return value.kind === 'boolean' ? value.value : wrongType(value, 'true or false');
  }

  choice<const T extends string>(name: string, choices: readonly T[], what: string): T {
    return choiceOf(this.string(name), choices, what);
  }

  optionalChoice<const T extends string>(name: string, choices: readonly T[], what: string): T | undefined {
    const value = this.optionalString(name);
    return value && choiceOf(value, choices, what);
  }

  /** One flag, or an array of them. */
  flags<const T extends string>(name: string, choices: readonly T[]): readonly T[] {
    const value = this.value(name);
    if (value === undefined) return [];
    const items = value.kind === 'string' ? [value] : requireItems(value);
    return items.map(item => choiceOf(requireString(item), choices, 'one of the flags'));
  }

  comment(): TextLiteral | undefined {
    const value = this.optionalString('comment');
    return value && commentOf(value);
  }
}

/** `{ [name]: value }`, or nothing if there is no value. */
export function given<N extends string, T>(name: N, value: T | undefined): { readonly [K in N]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [K in N]?: T };
}
