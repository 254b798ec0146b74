// Work grows with the text and not faster: counted in steps (statements, elements, rules), not in seconds. What one step
// costs is bounded by the limits on tokens and depth, and by that of an expanded expression.

import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/ast/evaluate.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';

const chain = (rules: string): string => `table inet t { chain c {\n${rules}\n} }\n`;
const repeat = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');

/** Steps that reading and evaluating take: how often the caller is asked whether to go on. */
function questions(text: string): number {
  let asked = 0;
  const isOverdue = (): boolean => {
    asked++;
    return false;
  };
  evaluate(parse(text, { isOverdue }), { isOverdue });
  return asked;
}

const hostile: Readonly<Record<string, (size: number) => string>> = {
  'rules of one shape': size => chain(repeat(size, index => `tcp dport ${index % 65536} drop`)),
  'rules of as many shapes': size =>
    chain(
      repeat(size, index =>
        [...index.toString(2)].map(bit => (bit === '1' ? 'counter' : 'notrack')).join(' '),
      ),
    ),
  'definitions of definitions': size =>
    `define v0 = 1\n${repeat(size, index => `define v${index + 1} = { $v${index}, $v${index} }`)}\n`,
  'elements that overlap': size =>
    `table ip t { set s { type inet_service; flags interval; auto-merge; elements = {\n${Array.from(
      { length: size },
      (_, index) => `${index % 1000}-${2000 + (index % 1000)}`,
    ).join(',\n')}\n}; }; }\n`,
  errors: size => chain(repeat(size, () => 'tcp dport shh drop')),
  'rules that refer to one long map': size =>
    `table ip t { chain d { }; map m { type inet_service : verdict; elements = { ${Array.from(
      { length: size },
      (_, index) => `${index % 65536} : jump d`,
    ).join(
      ', ',
    )} }; }; chain c {\n type filter hook input priority 0;\n${repeat(size, () => 'tcp dport vmap @m')}\n } }\n`,
};

describe('work', () => {
  it.each(Object.entries(hostile))('of %s grows as the text does', (_, make) => {
    const [small, large] = [questions(make(1000)), questions(make(4000))];
    expect(small).toBeGreaterThan(0);
    expect(large).toBeLessThanOrEqual(4 * small + 4);
  });

  it('ends when the caller waits no longer', () => {
    const text = chain(repeat(1000, index => `tcp dport ${index} drop`));
    const parsed = parse(text, { isOverdue: () => true });
    expect(parsed.diagnostics.map(({ code }) => code)).toContain('limit-exceeded');
    const evaluated = evaluate(parse(text), { isOverdue: () => true });
    expect(evaluated.diagnostics.map(({ code }) => code)).toEqual(['limit-exceeded']);
    expect(evaluated.ruleset.tables.flatMap(table => table.chains).flatMap(({ rules }) => rules)).toEqual([]);
  });
});

describe('variables in variables', () => {
  const doubled = `define v0 = { 10.0.0.1, 10.0.0.2 }\n${repeat(40, index => `define v${index + 1} = { $v${index}, $v${index} }`)}\n`;
  const limits = { expansions: 10_000 };
  const codes = (text: string): readonly string[] =>
    evaluate(parse(text, { limits }), { limits }).diagnostics.map(({ code }) => code);

  it('stand for a limited number of values, all uses together', () => {
    const rules = repeat(3, () => 'ip saddr $v40 drop');
    expect(codes(`${doubled}table ip t { set s { type ipv4_addr; elements = $v40; }; }\n`)).toEqual([
      'expression-too-large',
    ]);
    expect(codes(doubled + chain(rules))).toEqual(Array(3).fill('expression-too-large'));
  });

  it('may stand for long lists, as long as these are in the text', () => {
    const list = Array.from({ length: 9000 }, (_, index) => index).join(', ');
    const text = `table ip t { set s { type mark; elements = { ${list} }; }; set s2 { type mark; elements = { ${list} }; }; }\n`;
    expect(codes(text)).toEqual([]);
    const shared = `define l = { ${list} }\ntable ip t { set s { type mark; elements = $l; }; set s2 { type mark; elements = $l; }; }\n`;
    expect(codes(shared)).toEqual([]);
    expect(codes(shared.replace('}; }\n', '}; set s3 { type mark; elements = $l; }; }\n'))).toEqual([
      'expression-too-large',
    ]);
  });
});
