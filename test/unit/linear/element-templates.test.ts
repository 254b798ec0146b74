// Elements of long lists by templates: a list gives what its elements give that are added one by one.

import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/ast/evaluate.ts';
import { linearize } from '../../../src/lower/linear/linearize.ts';
import { printIr } from '../../../src/lower/linear/print.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';

/** A set's declaration and what may stand in it: many of a shape, and some that fit no template or are wrong. */
const sets: readonly (readonly [declaration: string, elements: readonly string[]])[] = [
  ['set s { type ipv4_addr; }', ['10.0.0.1', '10.0.0.2', '10.0.0.1', 'localhost', '1.2.3.4']],
  ['set s { type inet_service; }', ['22', '080', '0x50', 'ssh', 'http', '65535', '65536', '1']],
  [
    'set s { type inet_service; flags interval; }',
    ['1-5', '22', '7-9', '12-12', '40-30', '100-200', '50-60'],
  ],
  [
    'set s { type ipv4_addr; flags interval; }',
    ['10.0.0.0/24', '10.1.0.7/16', '10.2.0.1', '10.3.0.1-10.3.0.9'],
  ],
  [
    'set s { type ipv6_addr; flags interval; auto-merge; }',
    ['fd00::/64', 'fd00::1/64', '::1', 'fe80::1-fe80::9'],
  ],
  ['set s { type ifname; }', ['"eth0"', '"eth1"', 'lo', 'eth*', '"averylongnameofadevice"', '""']],
  [
    'set s { type ipv4_addr . inet_service; }',
    ['1.2.3.4 . 22', '1.2.3.5 . ssh', '1.2.3.6 . 70000', '1.2.3.7 . 1'],
  ],
  [
    'set s { type ipv4_addr . inet_service; flags interval; }',
    ['1.2.3.0/24 . 22', '1.2.4.0/24 . 5-9', '1.2.5.1 . 1-1', '1.2.6.0/24 . 9-5'],
  ],
  [
    'set s { type mark; flags timeout; }',
    ['1 timeout 5s', '2 timeout 6s', '3', '4 timeout 5s', '0x10 timeout 1m'],
  ],
  ['set s { type mark; counter; }', ['1 counter packets 5 bytes 6', '2 counter packets 7 bytes 8', '3']],
  ['set s { type mark; }', ['1 comment "a"', '2 comment "b"', '3 comment "a"', '5']],
  [
    'map s { type ipv4_addr : mark; }',
    ['1.2.3.4 : 1', '1.2.3.5 : 0x2', '1.2.3.6 : 3', '1.2.3.7 : 4294967296'],
  ],
  [
    'map s { type inet_service : verdict; }',
    ['1 : accept', '2 : jump c', '3 : jump d', '4 : goto c', '5 : drop'],
  ],
  [
    'map s { type inet_service : ipv4_addr; flags interval; }',
    ['1-5 : 1.2.3.4', '8-9 : 1.2.3.5', '12 : 1.2.3.6'],
  ],
  ['set s { type ct_state; }', ['new', 'established', 'established,related', 'invalid']],
  ['set s { type icmp_type; }', ['echo-request', '8', 'echo-reply', '300', 'redirect']],
];

/** More elements than a short list has. */
const long = 40;

function printed(text: string): { readonly ir: string; readonly errors: number } {
  const parsed = parse(text);
  const evaluated = evaluate(parsed);
  const linear = linearize(evaluated.ruleset);
  const errors = [...parsed.diagnostics, ...evaluated.diagnostics, ...linear.diagnostics].length;
  return { ir: printIr(linear.ir), errors };
}

const base = (declaration: string): string => `table ip t { chain c { }; ${declaration}; }\n`;
const add = (elements: readonly string[]): string => `add element ip t s { ${elements.join(', ')} }\n`;

const alone = (declaration: string, element: string): { readonly ir: string; readonly errors: number } =>
  printed(base(declaration) + add([element]));

describe('elements of long lists', () => {
  it.each(sets)('%s', (declaration, elements) => {
    const right = elements.filter(element => alone(declaration, element).errors === 0);
    expect(right.length).toBeGreaterThan(1);
    // All right ones, over and over, in one list and one by one.
    const many = Array.from({ length: long }, (_, index) => right[index % right.length]!);
    const together = printed(base(declaration) + add(many));
    expect(together).toEqual(printed(base(declaration) + many.map(element => add([element])).join('')));
    // What is wrong alone is wrong behind many of its shape.
    for (const wrong of elements.filter(element => !right.includes(element)))
      expect([wrong, printed(base(declaration) + add([...many, wrong])).errors]).toEqual([
        wrong,
        together.errors + 1,
      ]);
  });
});
