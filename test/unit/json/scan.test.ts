// JSON text to a tree: what JSON.parse takes is taken and means the same, places are right, the rest is refused.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanJson } from '../../../src/ast/json/scan.ts';
import type { JsonValue } from '../../../src/ast/json/value.ts';
import { attempt } from '../../../src/ast/type/failure.ts';
import type { Diagnostic } from '../../../src/source/diagnostic.ts';
import { jsonPath } from '../../../src/source/json-path.ts';
import type { FileId } from '../../../src/source/span.ts';

function scan(text: string): {
  readonly value: JsonValue | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const file = { id: 0 as FileId, name: 'test', text };
  const value = attempt(diagnostics, () => scanJson(file, diagnostics));
  return { value, diagnostics };
}

function plain(value: JsonValue): unknown {
  switch (value.kind) {
    case 'object':
      return Object.fromEntries([...value.members].map(([name, member]) => [name, plain(member)]));
    case 'array':
      return value.items.map(plain);
    case 'string':
      return value.text;
    case 'integer':
      return Number(value.value);
    case 'boolean':
      return value.value;
    default:
      return null;
  }
}

const codeOf = (text: string): string | undefined => scan(text).diagnostics[0]?.code;

/** No fractions, no NUL, no `__proto__` (Object.fromEntries and JSON.parse differ there). */
const documents = fc
  .jsonValue({ noUnicodeString: false })
  .filter(value => !/\\u0000|__proto__|\d{16}|[.]\d|e[+-]?\d|\\ud[89a-f]/.test(JSON.stringify(value)));

describe('scanJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(documents, fc.boolean(), (value, indented) => {
        const text = JSON.stringify(value, null, indented ? 2 : 0);
        const { value: read } = scan(text);
        expect(read && plain(read)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('knows the place of each value', () => {
    fc.assert(
      fc.property(documents, value => {
        const text = JSON.stringify(value);
        const check = (node: JsonValue): void => {
          const { from, to } = node.span;
          expect(JSON.parse(text.slice(from, to))).toEqual(JSON.parse(JSON.stringify(plain(node))));
          if (node.kind === 'array') node.items.forEach(check);
          if (node.kind === 'object') for (const member of node.members.values()) check(member);
        };
        check(scan(text).value!);
      }),
    );
  });

  it('refuses what is damaged as JSON.parse does', () => {
    const damaged = fc
      .tuple(documents, fc.nat(), fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', '\\', 'x', '0'))
      .map(([value, at, piece]) => {
        const text = JSON.stringify(value);
        const place = at % text.length;
        return text.slice(0, place) + piece + text.slice(place + 1);
      });
    fc.assert(
      fc.property(damaged, text => {
        const { value, diagnostics } = scan(text);
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        if (!isJson) expect(value).toBeUndefined();
        else if (value === undefined)
          expect(diagnostics.at(-1)!.message).toMatch(/64 bits|character 0|surrogate/);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps integers exact and refuses those beyond 64 bits with a sign', () => {
    expect(scan('9223372036854775807').value).toMatchObject({ value: 9223372036854775807n });
    expect(scan('-9223372036854775808').value).toMatchObject({ value: -9223372036854775808n });
    expect(codeOf('9223372036854775808')).toBe('value-out-of-range');
    expect(codeOf('1'.repeat(1_000_000))).toBe('value-out-of-range');
  });

  it('refuses what the C library refuses', () => {
    for (const text of [
      '',
      ' ',
      '"\\u0000"',
      '"\\ud800"',
      '"\ud800"',
      '01',
      '[1,]',
      '{"a":1,}',
      '1 2',
      "'a'",
      'NaN',
    ])
      expect(codeOf(text), text).toBe('json-syntax');
  });

  it('warns of a name that is given twice; the last value counts', () => {
    const { value, diagnostics } = scan('{"a": 1, "a": 2}');
    expect(diagnostics.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
      'warning duplicate-property',
    ]);
    expect(plain(value!)).toEqual({ a: 2 });
  });

  it('ends at a limit of depth', () => {
    expect(codeOf('['.repeat(100_000))).toBe('limit-exceeded');
  });
});

describe('jsonPath', () => {
  const text = '{"nftables": [{"a": 1}, {"rule": {"expr": [{"x y": ["}", {"b": [1, 2]}]}]}}]}';
  const at = (piece: string): string => jsonPath(text, text.indexOf(piece));
  it('names values and names', () => {
    expect(at('{"nftables')).toBe('');
    expect(at('{"a"')).toBe('nftables[0]');
    expect(at('"a"')).toBe('nftables[0].a');
    expect(at('"}"')).toBe('nftables[1].rule.expr[0]["x y"][0]');
    expect(at('2]')).toBe('nftables[1].rule.expr[0]["x y"][1].b[1]');
  });
});
