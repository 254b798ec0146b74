// Commands on a ruleset that is there already. The reference loads the one, then the other, and lists what the kernel
// then has: read by the front half, the list must give what the front half makes of both.

import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/ast/evaluate.ts';
import { linearize } from '../../../src/lower/linear/linearize.ts';
import { printIr } from '../../../src/lower/linear/print.ts';
import { parse } from '../../../src/nft-grammar/parse.ts';
import { hasFailure } from '../../../src/source/diagnostic.ts';
import { isMissing, nftPath } from '../../support/requirements.ts';
import { comparePrinted } from '../reference/corpus.ts';
import { readPrinted } from '../reference/printed.ts';

const before = `table ip t {
  set plain { type ipv4_addr; elements = { 1.1.1.1, 2.2.2.2 }; }
  set timed { type ipv4_addr; flags timeout; elements = { 1.1.1.1, 2.2.2.2 }; }
  map marks { type ipv4_addr : mark; elements = { 1.1.1.1 : 5, 2.2.2.2 : 6 }; }
  set ranges { type ipv4_addr; flags interval; elements = { 1.1.1.0/24, 2.2.2.2 }; }
  set merged { type ipv4_addr; flags interval; auto-merge; elements = { 1.1.1.0/24, 2.2.2.2 }; }
  set pairs { type ipv4_addr . inet_service; flags interval; elements = { 1.1.1.0/24 . 5, 2.2.2.2 . 6-7 }; }
  map chosen { type ipv4_addr : verdict; flags interval; elements = { 1.1.1.0/24 : goto helper }; }
  counter hits { }
  chain helper { tcp dport 22 accept; }
  chain input { type filter hook input priority 0; ip saddr @plain drop; jump helper; counter name "hits"; }
}
`;

const commands: readonly string[] = [
  ...['delete element ip t plain { 1.1.1.1 }', 'delete element ip t plain { 1.1.1.9 }'],
  ...['delete element ip t plain { 1.1.1.1, 1.1.1.1 }', 'destroy element ip t plain { 1.1.1.1, 1.1.1.9 }'],
  ...[
    'create element ip t plain { 1.1.1.1 }',
    'create element ip t plain { 3.3.3.3 }',
    'create element ip t plain { 3.3.3.3, 3.3.3.3 }',
  ],
  ...[
    'add element ip t plain { 1.1.1.1, 3.3.3.3 }',
    'delete element ip t timed { 1.1.1.1 timeout 6s }',
    'flush set ip t plain',
  ],
  ...[
    'delete element ip t marks { 1.1.1.1 }',
    'delete element ip t marks { 1.1.1.1 : 9 }',
    'add element ip t marks { 1.1.1.1 : 5 }',
  ],
  ...['add element ip t marks { 1.1.1.1 : 6 }', 'create element ip t marks { 1.1.1.1 : 5 }'],
  ...[
    'delete element ip t ranges { 1.1.1.0/24 }',
    'delete element ip t ranges { 1.1.1.5 }',
    'delete element ip t ranges { 9.9.9.9 }',
  ],
  ...[
    'destroy element ip t ranges { 9.9.9.9 }',
    'create element ip t ranges { 3.3.3.3 }',
    'create element ip t ranges { 1.1.1.0/24 }',
  ],
  ...[
    'add element ip t ranges { 1.1.1.5 }',
    'add element ip t ranges { 1.1.2.0/24 }',
    'delete element ip t ranges { 1.1.1.0/24, 2.2.2.2 }',
  ],
  ...[
    'delete element ip t merged { 1.1.1.0/24 }',
    'delete element ip t merged { 1.1.1.5 }',
    'delete element ip t merged { 1.1.0.0/16 }',
  ],
  ...[
    'delete element ip t merged { 1.1.1.0-1.1.1.9 }',
    'add element ip t merged { 1.1.2.0/24 }',
    'create element ip t merged { 1.1.2.0/24 }',
  ],
  ...[
    'delete element ip t pairs { 1.1.1.0/24 . 5 }',
    'delete element ip t pairs { 1.1.1.7 . 5 }',
    'delete element ip t pairs { 9.9.9.9 . 5 }',
  ],
  ...['create element ip t pairs { 1.1.1.7 . 5 }', 'create element ip t pairs { 3.3.3.3 . 5 }'],
  ...['rename chain ip t helper other', 'rename chain ip t helper input', 'rename chain ip t nowhere other'],
  'rename chain ip t helper other\nadd rule ip t input jump helper',
  'rename chain ip t helper other\nadd rule ip t input jump other',
  ...[
    'add rule ip t helper tcp dport 23 accept',
    'insert rule ip t input tcp dport 24 accept',
    'delete chain ip t helper',
  ],
  ...[
    'flush chain ip t input\ndelete map ip t chosen\ndelete chain ip t helper',
    'flush chain ip t input',
    'delete table ip t',
  ],
  ...[
    'delete set ip t plain',
    'delete set ip t ranges',
    'delete counter ip t hits',
    'add counter ip t other',
    'flush ruleset',
  ],
  ...[
    'create chain ip t helper',
    'create table ip t',
    'add table ip u',
    'add set ip t ranges { type ipv4_addr; flags interval; }',
  ],
];

interface Loaded {
  readonly ok: boolean;
  readonly list: string;
}

/** What the kernel has after both. */
function load(text: string): Loaded {
  const script = `printf '%s' "$1" | "$0" -f - && printf '%s\\n' "$2" | "$0" -f - && exec "$0" -s list ruleset`;
  const result = spawnSync('unshare', ['-n', 'sh', '-c', script, nftPath, before, text], {
    encoding: 'utf8',
  });
  return { ok: result.status === 0, list: result.stdout };
}

function printed(parsed: ReturnType<typeof parse>): string | undefined {
  const evaluated = evaluate(parsed);
  const { ir, diagnostics } = linearize(evaluated.ruleset);
  return hasFailure([...parsed.diagnostics, ...evaluated.diagnostics, ...diagnostics])
    ? undefined
    : printIr(ir);
}

describe.skipIf(isMissing('root', 'nft'))('commands on a ruleset that is there', () => {
  for (const text of commands) {
    it(text.replaceAll('\n', '; '), () => {
      const { ok, list } = load(text);
      const ours = printed(parse(`${text}\n`, { before }));
      expect(ours !== undefined).toBe(ok);
      if (ours === undefined) return;
      expect(comparePrinted(readPrinted(printed(parse(list)) ?? ''), readPrinted(ours))).toEqual([]);
    });
  }
});

describe('places of a ruleset that is there', () => {
  it('are in a file of their own', () => {
    const parsed = parse('add rule ip t input ip saddr 300.1.1.1\n', {
      before: `${before}table ip u { chain c { iif nope } }\n`,
    });
    const { diagnostics } = evaluate(parsed);
    const [first] = diagnostics;
    expect(parsed.files.map(({ name }) => name)).toEqual(['<input>', '<before>']);
    expect(first?.span === undefined ? '' : parsed.files[first.span.file]!.name).toBe('<input>');
  });
});

it('a chain may be renamed and taken away in one run, of which nft itself dies', () => {
  const before = 'table ip t { chain c { accept; }; }\n';
  const parsed = parse('rename chain ip t c d\ndelete chain ip t c\n', { before });
  const { ruleset, diagnostics } = evaluate(parsed);
  expect(diagnostics).toEqual([]);
  expect(ruleset.tables.map(({ chains }) => chains)).toEqual([[]]);
});
