// libnftables JSON as input: the same bytecode as text, and errors that name their place.

import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/ast/evaluate.ts';
import { linearize } from '../../../src/lower/linear/linearize.ts';
import { printIr } from '../../../src/lower/linear/print.ts';
import type { SourceInput } from '../../../src/nft-grammar/options.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';
import { type Diagnostic, hasFailure } from '../../../src/source/diagnostic.ts';
import { jsonPath } from '../../../src/source/json-path.ts';
import { translate } from '../../../src/translate.ts';

function bytecode(source: SourceInput): string {
  const parsed = parse(source);
  const evaluated = evaluate(parsed);
  const linear = linearize(evaluated.ruleset);
  const diagnostics = [...parsed.diagnostics, ...evaluated.diagnostics, ...linear.diagnostics];
  return hasFailure(diagnostics) ? JSON.stringify(diagnostics) : printIr(linear.ir);
}

const table = { table: { family: 'inet', name: 't' } };
const chain = { chain: { family: 'inet', table: 't', name: 'c', type: 'filter', hook: 'input', prio: 0 } };
const rule = (...expr: readonly unknown[]): object => ({
  rule: { family: 'inet', table: 't', chain: 'c', expr },
});
const text = 'table inet t { chain c { type filter hook input priority 0; };\n}\n';
const match = (op: string, left: object, right: unknown): object => ({ match: { op, left, right } });
const dport = { payload: { protocol: 'tcp', field: 'dport' } };

/** Code, severity and path of each diagnostic. */
function findings(nftables: readonly unknown[]): readonly string[] {
  const { diagnostics, files } = parse({ nftables });
  const where = ({ span }: Diagnostic): string => (span ? jsonPath(files[0]!.text, span.from) : '');
  return diagnostics.map(each => `${each.severity} ${each.code} ${where(each)}`);
}

describe('libnftables JSON', () => {
  it('is told from nft text by its first character, or said', () => {
    const json = `\n ${JSON.stringify({ nftables: [table, chain] })}`;
    expect(bytecode(json)).toBe(bytecode(text));
    expect(parse(json, { format: 'nft' }).diagnostics[0]?.code).toBe('syntax-error');
    expect(parse(text, { format: 'json' }).diagnostics[0]?.code).toBe('json-syntax');
  });

  it('is taken as the object that it was parsed to, and by translate', () => {
    const source = { nftables: [table, chain, rule(match('==', dport, 22), { drop: null })] };
    expect(translate(source).ok).toBe(true);
    expect(translate(source, { before: text, format: 'json' }).diagnostics).toEqual([]);
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    for (const nftables of [cyclic, [1n]])
      expect(parse({ nftables }).diagnostics.map(({ code }) => code)).toEqual(['json-syntax']);
  });

  it('has commands', () => {
    const command = (verb: string, object: object): object => ({ [verb]: object });
    const source = {
      nftables: [
        command('add', table),
        command('create', chain),
        command('add', rule({ accept: null })),
        command('insert', rule({ drop: null })),
        command('add', { rule: { ...(rule({ continue: null }) as { rule: object }).rule, index: 0 } }),
        command('add', { set: { family: 'inet', table: 't', name: 's', type: 'inet_service', elem: [1] } }),
        command('add', { element: { family: 'inet', table: 't', name: 's', elem: [2, 3] } }),
        command('delete', { element: { family: 'inet', table: 't', name: 's', elem: [1] } }),
        command('destroy', { chain: { family: 'inet', table: 't', name: 'none' } }),
        command('list', { ruleset: null }),
      ],
    };
    expect(bytecode(source)).toBe(
      bytecode(`table inet t {
        set s { type inet_service; elements = { 2, 3 }; }
        chain c { type filter hook input priority 0; drop; continue; accept; }
      }\n`),
    );
    expect(bytecode({ nftables: [...source.nftables, command('flush', { ruleset: null })] })).toBe('');
  });

  it('has commands about what is there before', () => {
    const named = { family: 'inet', table: 't', name: 'c' };
    const renamed = parse(
      { nftables: [{ rename: { chain: { ...named, newname: 'd' } } }] },
      { before: text },
    );
    const { ruleset, diagnostics } = evaluate(renamed);
    expect(diagnostics).toEqual([]);
    expect(ruleset.tables[0]?.chains.map(({ name }) => name)).toEqual(['d']);
  });

  it('keeps what nft loses in its own JSON: comments of sets, state of elements', () => {
    const elements = [{ elem: { val: 80, comment: 'web', counter: { packets: 5, bytes: 7 } } }];
    const stmt = [{ counter: null }];
    const set = {
      family: 'inet',
      table: 't',
      name: 's',
      type: 'inet_service',
      comment: 'x',
      elem: elements,
      stmt,
    };
    const { ruleset, diagnostics } = evaluate(parse({ nftables: [table, { set }] }));
    expect(diagnostics).toEqual([]);
    const extras = { comment: 'web', statements: [{ kind: 'counter', packets: 5n, bytes: 7n }] };
    expect(ruleset.tables[0]?.sets[0]?.elements).toMatchObject([{ extras }]);
  });

  it('names the place of what is wrong', () => {
    expect(findings([table, { rule: { family: 'inet', table: 't', chain: 'c' } }])).toEqual([
      'error missing-property nftables[1].rule',
    ]);
    expect(findings([rule(match('==', { payload: { protocol: 'tcp', field: 'dprt' } }, 1))])).toEqual([
      'error unknown-field nftables[0].rule.expr[0].match.left.payload.field',
    ]);
    expect(findings([rule({ acept: null })])).toEqual(['error unknown-word nftables[0].rule.expr[0].acept']);
    expect(findings([{ metainfo: { json_schema_version: 2 } }])).toEqual([
      'error unsupported-schema nftables[0].metainfo.json_schema_version',
    ]);
    expect(findings([rule(match('==', dport, { concat: [1, { accept: null }] }))])).toEqual([
      'error misplaced-expression nftables[0].rule.expr[0].match.right.concat[1].accept',
    ]);
  });

  it('goes on behind an error, and says what has no effect', () => {
    expect(findings([rule({ acept: null }), rule({ accept: 1 }), { ...table, chain: {} }])).toEqual([
      'error unknown-word nftables[0].rule.expr[0].acept',
      'error wrong-json-type nftables[1].rule.expr[0].accept',
      'error malformed-object nftables[2]',
    ]);
    expect(findings([{ table: { family: 'inet', name: 't', use: 3 } }])).toEqual([
      'warning unknown-property nftables[0].table.use',
    ]);
  });

  it('ends, whatever is deep, wide or named like what every object has', () => {
    const mark = { meta: { key: 'mark' } };
    const nested = (times: number, wrap: (inner: unknown) => unknown, inner: unknown): unknown =>
      times === 0 ? inner : wrap(nested(times - 1, wrap, inner));
    const ones = Array.from({ length: 50_000 }, () => 1);
    const lefts: readonly unknown[] = [
      { '|': [mark, ...ones] },
      nested(100, inner => ({ '|': [inner, ...ones.slice(0, 200)] }), mark),
      nested(110, inner => ({ '&': [inner, 1] }), mark),
      nested(80, inner => ({ jhash: { expr: inner, mod: 2 } }), mark),
      { concat: ones },
    ];
    for (const left of lefts)
      expect(translate({ nftables: [table, chain, rule(match('==', left as object, 1))] }).ok).toBe(false);
    const sets = nested(100, inner => ({ set: [inner] }), 1);
    expect(translate({ nftables: [table, chain, rule(match('==', mark, sets))] }).ok).toBe(true);
    for (const name of ['constructor', 'toString', 'hasOwnProperty'])
      for (const item of [
        { [name]: {} },
        { add: { [name]: {} } },
        rule({ [name]: null }),
        rule(match('==', { [name]: {} }, 1)),
      ])
        expect(findings([item])[0]).toContain('error unknown-word');
  });

  it('refuses a chain that is a base chain in part, where nft would make a plain one', () => {
    const half = {
      chain: { family: 'inet', table: 't', name: 'c', type: 'filter', hook: 'input', prio: 'filter' },
    };
    expect(findings([half])).toEqual(['error wrong-json-type nftables[0].chain.prio']);
  });
});
