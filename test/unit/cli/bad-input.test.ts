// What goes wrong is said with its place, ends with the right status, and leaves no output file.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cli, Workspace } from './harness.ts';

let workspace: Workspace;
beforeEach(() => {
  workspace = new Workspace();
});
afterEach(() => workspace.close());

function rule(text: string, declarations = ''): string {
  return `table inet t {\n${declarations}  chain c {\n    type filter hook input priority 0; policy accept;\n    ${text}\n  }\n}\n`;
}

/** Each ruleset, the place of the message (line:column), and what it must speak of. */
const wrong: readonly (readonly [name: string, text: string, place: string, words: RegExp])[] = [
  ['a syntax error', rule('tcp dport = 22 accept'), '4:15', /=/],
  ['an unknown symbol', rule('tcp dport htpp accept'), '4:15', /htpp/],
  ['a missing set', rule('ip saddr @absent drop'), '4:14', /absent/],
  ['a missing chain', rule('jump nowhere'), '4:10', /nowhere/],
  ['a value out of range', rule('tcp dport 65536 accept'), '4:15', /65536|65535/],
  ['a wrong address', rule('ip saddr 10.0.0.256 drop'), '4:14', /10\.0\.0\.256/],
  ['an undefined variable', rule('ip saddr $lan drop'), '4:15', /lan/],
  [
    'types in conflict',
    rule('ip saddr @ports drop', '  set ports { type inet_service; }\n'),
    '5:14',
    /port|service/,
  ],
  ['a file that is not there', 'include "nowhere.nft"\n', '1:9', /nowhere\.nft/],
  ['a byte order mark', '\uFEFFtable ip t {\n}\n', '1:1', /byte order mark/],
  ['an unclosed quote', rule('log prefix "abc accept'), '4:16', /unexpected quote that is not closed/],
  ['an unclosed block', 'table inet t {\n  chain c {\n', '1:1', /not closed/],
  [
    'a jump loop',
    'table inet t {\n  chain a {\n    jump b\n  }\n  chain b {\n    jump a\n  }\n  chain c {\n    type filter hook input priority 0;\n    jump a\n  }\n}\n',
    '6:10',
    /loop|itself/,
  ],
];

describe('errors in a ruleset', () => {
  for (const [name, text, place, words] of wrong) {
    it(`${name}: a located message, status 1, no output`, () => {
      const file = workspace.write('bad.nft', text);
      const { status, error, out } = cli('compile', file, '-o', workspace.path('out.o'));
      expect(status).toBe(1);
      expect(out).toBe('');
      expect(error).toContain(`${file}:${place}`);
      expect(error).toMatch(words);
      expect(error).toContain('^');
      expect(error).not.toMatch(/\bat .*\.ts:\d+/);
      expect(workspace.files()).toEqual(['bad.nft']);
    });
  }

  it('all errors of a file are told in one run', () => {
    const file = workspace.write(
      'bad.nft',
      rule('tcp dport htpp accept\n    ip saddr 1.2.3.400 drop\n    udp dport 99999 drop'),
    );
    const { error } = cli('compile', file, '-o', workspace.path('out.o'));
    for (const line of [4, 5, 6]) expect(error).toContain(`${file}:${line}:`);
  });

  it('a file that includes itself ends with a message', () => {
    const file = workspace.path('loop.nft');
    workspace.write('loop.nft', `include "${file}"\n`);
    const { status, error } = cli('compile', file, '-o', workspace.path('out.o'));
    expect(status).toBe(1);
    expect(error).toMatch(/include/);
    expect(workspace.files()).toEqual(['loop.nft']);
  });

  it('includes that multiply end with a message', () => {
    const file = workspace.path('bomb.nft');
    workspace.write('bomb.nft', `include "${file}"\n`.repeat(20));
    expect(cli('check', file).status).toBe(1);
  });

  it('one refused rule refuses the whole, with its place and a reason', () => {
    const file = workspace.write('refused.nft', rule('tcp dport 22 accept\n    tcp dport 23 queue num 1'));
    const { status, error } = cli('compile', file, '-o', workspace.path('out.o'));
    expect(status).toBe(1);
    expect(error).toContain(`${file}:5:`);
    expect(error).toMatch(/queue/);
    expect(workspace.files()).toEqual(['refused.nft']);
  });
});

describe('a ruleset that takes too long', () => {
  it('ends with an error, and no output', () => {
    const file = workspace.write('long.nft', rule('tcp dport 22 accept\n'.repeat(20_000)));
    const { status, error, out } = cli('compile', file, '--time-limit', '0', '-o', workspace.path('out.o'));
    expect(error).toMatch(/longer than the caller wants to wait/);
    expect([status, out, workspace.files()]).toEqual([1, '', ['long.nft']]);
  });
});

describe('wrong usage', () => {
  const usages: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /command/],
    [['frobnicate'], /frobnicate.*compile/],
    [['compile'], /file/],
    [['compile', 'a.nft', 'b.nft'], /b\.nft/],
    [['compile', 'a.nft', '--target', 'ebpf'], /ebpf/],
    [['compile', 'a.nft', '--frmat', 'raw'], /frmat/],
    [['ir', 'a.nft', '--interface', 'eth0'], /NAME=VALUE/],
    [['ir', 'a.nft', '--user', 'me=-1'], /-1/],
    [['run', 'a.nft'], /--packet/],
    [['run', 'a.nft', '--packet', 'xyz'], /hex/],
    [['compile', 'a.nft', '--kernel', 'new'], /--kernel/],
    [['ir', 'a.nft', '--time-limit', 'soon'], /--time-limit/],
  ];
  for (const [argv, words] of usages) {
    it(`nft2bpf ${argv.join(' ')}`, () => {
      const { status, error, out } = cli(...argv);
      expect(error).toMatch(words);
      expect(error).toContain("try 'nft2bpf --help'");
      expect(status).toBe(2);
      expect(out).toBe('');
    });
  }

  it('a file that cannot be read is named', () => {
    const { status, error } = cli('ir', workspace.path('nowhere.nft'));
    expect(status).toBe(1);
    expect(error).toContain('nowhere.nft: no such file or directory');
  });
});
