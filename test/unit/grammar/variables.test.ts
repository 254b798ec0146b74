// Names and files: scopes of `define`, and `include`.

import { describe, expect, test } from 'vitest';
import type { IncludeReader } from '../../../src/nft-grammar/options.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';
import { places, plain } from './support.ts';

const errorsOf = (text: string, include?: IncludeReader): readonly string[] =>
  places(text, parse(text, include === undefined ? {} : { include }).diagnostics);

describe('define', () => {
  test('a name is seen in the blocks below it and nowhere else', () => {
    expect(
      errorsOf(
        'table ip t {\n define x = 1\n chain c { mark $x; }\n}\ntable ip u { chain c { mark $x; }\n}\n',
      ),
    ).toEqual(['5:30 unknown-variable']);
  });
  test('a use has the value of its place', () => {
    const { commands } = parse('define x = 1\nadd rule t c mark $x\nredefine x = 2\nadd rule t c mark $x\n');
    const values = (plain(commands) as { rule: { statements: unknown[] } }[]).map(
      each => each.rule.statements[0],
    );
    expect(values).toMatchObject([
      { right: { value: { value: '1' } } },
      { right: { value: { value: '2' } } },
    ]);
  });
  test('a name is defined once, also against outer scopes', () => {
    const text = 'define x = 1\ntable ip t {\n define x = 2\n redefine x = 3\n}\n';
    expect(errorsOf(text)).toEqual(['3:9 redefinition']);
  });
  test('undefine forgets a name', () => {
    expect(errorsOf('define x = 1\nundefine x\nadd rule t c mark $x\n')).toEqual(['3:20 unknown-variable']);
  });
  test('a near name is offered', () => {
    const [diagnostic] = parse('define lan_net = 1\nadd rule t c mark $lan_ent\n').diagnostics;
    expect(diagnostic).toMatchObject({ message: 'unknown variable $lan_ent; did you mean $lan_net?' });
  });
  test('a definition with an error in it is not reported at its uses', () => {
    expect(errorsOf('define x = accept\nadd rule t c mark $x\n')).toEqual(['1:12 syntax-error']);
  });
});

/** Files in memory; patterns match by their part before the star. */
const memory = (files: Readonly<Record<string, string>>): IncludeReader => ({
  read: path => files[path],
  list: pattern =>
    Object.keys(files)
      .filter(name => name.startsWith(pattern.split('*')[0]!))
      .sort(),
});

describe('include', () => {
  test('a file stands where it is included, with its own places', () => {
    const include = memory({ 'a.nft': 'chain c {\n mark $x\n oops\n}\n' });
    const result = parse('define x = 1\ntable ip t {\n include "a.nft"\n}\n', { include });
    expect(result.files.map(file => file.name)).toEqual(['<input>', 'a.nft']);
    expect(result.diagnostics).toMatchObject([{ code: 'syntax-error', span: { file: 1, from: 20, to: 24 } }]);
  });
  test('what it defines stays', () => {
    expect(errorsOf('include "a"\nadd rule t c mark $x\n', memory({ a: 'define x = 1\n' }))).toEqual([]);
  });
  test('a pattern takes all files in order, and none is no error', () => {
    const include = memory({ 'd/1': 'define x = 1\n', 'd/2': 'define y = $x\n' });
    expect(errorsOf('include "d/*"\nadd rule t c mark $y\n', include)).toEqual([]);
    expect(errorsOf('include "e/*"\n', include)).toEqual([]);
  });
  test('blocks of a file are its own', () => {
    const include = memory({ a: 'chain c {\n accept\n', b: '}\n' });
    expect(errorsOf('table ip t {\n include "a"\n include "b"\n}\n', include)).toHaveLength(2);
  });
  test.each([
    ['include "none"\n', 'file-not-found'],
    ['include "loop"\n', 'include-cycle'],
    ['include "deep1"\n', 'include-depth'],
  ])('%s', (text, code) => {
    const deep = Object.fromEntries(
      Array.from({ length: 30 }, (_, at) => [`deep${at}`, `include "deep${at + 1}"\n`]),
    );
    const include = memory({ loop: 'include "loop2"\n', loop2: 'include "loop"\n', ...deep });
    expect(parse(text, { include }).diagnostics).toMatchObject([{ code }]);
  });
  test('without a reader it is an error', () => {
    expect(errorsOf('include "a"\n')).toEqual(['1:9 include-unavailable']);
  });
});
