// What the formatter makes of small texts.

import { describe, expect, it } from 'vitest';
import { format } from '../../../src/nft-grammar/format/format.ts';

function formatted(text: string): string {
  const result = format(text, { indent: '  ' });
  expect(result.diagnostics).toEqual([]);
  return result.text;
}

describe('format', () => {
  it('puts blanks around braces, operators and colons, and behind commas of lists', () => {
    const rules: Readonly<Record<string, string>> = {
      'add rule t c tcp   dport{22,80 ,443}accept': 'add rule t c tcp dport { 22, 80, 443 } accept',
      'add rule t c ip saddr vmap{1.1.1.1:drop,*:accept}':
        'add rule t c ip saddr vmap { 1.1.1.1 : drop, * : accept }',
      'add rule t c tcp flags&(syn|ack)==syn drop': 'add rule t c tcp flags & (syn | ack) == syn drop',
      'add rule t c ct state established , related accept':
        'add rule t c ct state established,related accept',
      'add rule t c dnat to 1.2.3.4:80': 'add rule t c dnat to 1.2.3.4:80',
      'add rule t c @th , 16,16 53': 'add rule t c @th,16,16 53',
      'add rule t c add @ s{@th,16,16 . ip saddr}': 'add rule t c add @s { @th,16,16 . ip saddr }',
      'add set t s{type ipv4_addr . inet_service;flags interval,timeout;}':
        'add set t s { type ipv4_addr . inet_service; flags interval,timeout; }',
      'add map t m{type ipv4_addr:verdict;}': 'add map t m { type ipv4_addr : verdict; }',
      'define  a={1,2}': 'define a = { 1, 2 }',
      'add rule t c limit rate 5/second burst 7 packets': 'add rule t c limit rate 5/second burst 7 packets',
      'add rule t c iifname "a  b" accept': 'add rule t c iifname "a  b" accept',
    };
    for (const [before, after] of Object.entries(rules)) expect(formatted(`${before}\n`)).toBe(`${after}\n`);
  });

  it('indents blocks, and keeps comments and single blank lines', () => {
    const text = `#!/usr/sbin/nft -f

# first


table ip t{ # of t
chain c{

type filter hook input priority 0;policy drop;

   # alone
tcp dport 22 accept   # behind


}
}`;
    expect(formatted(text)).toBe(`#!/usr/sbin/nft -f

# first

table ip t { # of t
  chain c {
    type filter hook input priority 0; policy drop;

    # alone
    tcp dport 22 accept # behind
  }
}
`);
  });

  it('keeps the lines of element lists, and lines that go on', () => {
    const text = `table ip t {
set s { type ipv4_addr
elements = { 1.1.1.1,# one
# two and three
2.2.2.2 , 3.3.3.3
}
}
chain c { tcp dport 22 \\
counter accept
}
}
`;
    expect(formatted(text)).toBe(`table ip t {
  set s {
    type ipv4_addr
    elements = { 1.1.1.1, # one
      # two and three
      2.2.2.2, 3.3.3.3
    }
  }
  chain c {
    tcp dport 22 \\
      counter accept
  }
}
`);
  });

  it('leaves short blocks in one line, and opens up tables and long ones', () => {
    const long = 'tcp dport 22 accept; udp dport 53 accept; icmp type echo-request accept; counter';
    const text = `table ip t { chain a { accept; }; chain b { type filter hook input priority 0; policy drop; ${long}; }; }`;
    expect(formatted(text)).toBe(`table ip t {
  chain a { accept; }
  chain b {
    type filter hook input priority 0; policy drop;
    ${long.replaceAll('; ', '\n    ')}
  }
}
`);
  });

  it('asks nothing of names and included files', () => {
    expect(formatted('include "x.nft"\nadd rule t c ip saddr $unknown drop')).toBe(
      'include "x.nft"\nadd rule t c ip saddr $unknown drop\n',
    );
  });

  it('gives back what it cannot read, and says where', () => {
    const text = 'table ip t {\n  chain c {  foo bar baz\n }\n';
    const { ok, text: same, diagnostics } = format(text);
    expect({ ok, same }).toEqual({ ok: false, same: text });
    expect(diagnostics.map(({ code }) => code)).toContain('unclosed-brace');
  });

  it('makes nothing of nothing', () => {
    expect(formatted('')).toBe('');
    expect(formatted('\n\n')).toBe('');
  });
});
