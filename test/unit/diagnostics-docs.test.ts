// docs/diagnostics.md names every code that the library can give, and no other; each example there gives its code.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { translate } from '../../src/translate.ts';
import { findCodes } from '../support/diagnostic-codes.ts';

const text = readFileSync(new URL('../../docs/diagnostics.md', import.meta.url), 'utf8');

/** The first column of the tables. */
const documented = new Set(
  [...text.matchAll(/^\|([^|]+)\|/gm)].flatMap(row =>
    [...row[1]!.matchAll(/`([^`]+)`/g)].map(code => code[1]!),
  ),
);

describe('codes of diagnostics', () => {
  const { codes, unreadable } = findCodes();

  it('are found in the sources', () => {
    // One of each way to give a code: a constructor's argument, a property, a choice, a union type, a local function.
    for (const code of [
      'unknown-symbol',
      'unknown-instruction',
      'no-device',
      'jump-loop',
      'needs-newer-cpu',
      'conflicting-intervals',
    ])
      expect(codes.has(code), code).toBe(true);
    expect(unreadable).toEqual([]);
  });

  it('are documented', () => {
    expect([...codes].filter(([code]) => !documented.has(code)).map(pair => pair.join(' '))).toEqual([]);
  });

  it('are used, if they are documented', () => {
    expect([...documented].filter(code => !codes.has(code))).toEqual([]);
  });
});

/** A rule stands in a base chain; what begins with a command is a whole ruleset. */
function rulesetOf(example: string): string {
  if (/^(?:table|add|define) /.test(example)) return `${example}\n`;
  return `table inet t { chain c { type filter hook input priority 0; ${example}; }; }\n`;
}

describe('examples give the code and severity of their row', () => {
  const rows = [...text.matchAll(/^\| `([^`]+)` \| ([a-z, ]+) \|.*\| `([^`]+)` \|$/gm)];

  it('are found', () => expect(rows.length).toBeGreaterThan(100));

  for (const [, code, severities, example] of rows)
    it(`${code}: ${example}`, () => {
      const { diagnostics } = translate(rulesetOf(example!));
      const found = diagnostics.filter(diagnostic => diagnostic.code === code);
      expect(diagnostics.map(diagnostic => `${diagnostic.code}: ${diagnostic.message}`)).toHaveLength(1);
      expect(found).toHaveLength(1);
      expect(severities!.split(', ')).toContain(found[0]!.severity);
    });
});
