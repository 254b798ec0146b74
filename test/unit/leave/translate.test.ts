// `translate` with `leave: 'refused'`: programs, what stays as text, what is said about it, and the manifest.

import { describe, expect, it } from 'vitest';
import { toManifest } from '../../../src/lower/output/manifest.ts';
import { diff } from '../../../src/runtime/diff.ts';
import { createSimulation } from '../../../src/simulate.ts';
import { type Translation, translate, translateStages } from '../../../src/translate.ts';
import { loadWithNft } from '../../support/nft.ts';
import { isMissing } from '../../support/requirements.ts';

const names = { interfaces: { eth0: 2 } };

function part(text: string): Translation {
  return translate(text, { names, leave: 'refused' });
}

const router = `table inet filter {
	comment "what comes in"
	set blocked { type ipv4_addr; flags interval; elements = { 192.0.2.0/24 }; }
	set unused { type ipv4_addr; }
	counter forwarded { packets 5 bytes 500 }
	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		ip saddr @blocked drop
		jump services
	}
	chain services { tcp dport { 22, 443 } accept; }
	chain forward {
		type filter hook forward priority filter; policy accept;
		tcp dport 25 counter name "forwarded" reject with tcp reset comment "no mail"
	}
}
table ip nat {
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		oifname "eth0" masquerade
	}
}
`;

describe('what stays', () => {
  it('is a ruleset of its own, without what only programs use', () => {
    const { ok, programs, remainder } = part(router);
    expect(ok).toBe(true);
    expect(programs.map(({ name }) => name)).toEqual(['input_0']);
    expect(remainder).toBe(`table inet filter {
	comment "what comes in"
	counter forwarded {
		packets 5 bytes 500
	}

	set unused {
		type ipv4_addr
	}

	chain forward {
		type filter hook forward priority filter; policy accept;
		tcp dport 25 counter name "forwarded" reject with tcp reset comment "no mail"
	}
}
table ip nat {
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		oifname "eth0" masquerade
	}
}
table ip6 nft2bpf {
	chain conntrack {
		comment "keeps connection tracking on for programs"
		ct state new continue
	}
}
`);
  });

  it('is nothing if everything moves', () => {
    const { ok, programs, remainder, diagnostics } = part(
      'table ip t { chain c { type filter hook input priority 0; drop; }; }',
    );
    expect({ ok, programs: programs.length, remainder, diagnostics }).toEqual({
      ok: true,
      programs: 1,
      remainder: '',
      diagnostics: [],
    });
  });

  it('is everything if nothing can move', () => {
    const { ok, programs, remainder, diagnostics } = part(
      'table ip t { chain c { type filter hook input priority 0; reject; }; }',
    );
    expect([ok, programs, diagnostics.map(({ severity }) => severity)]).toEqual([true, [], ['note']]);
    expect(remainder).toContain('reject');
  });

  it('is what commands left', () => {
    const { remainder } = part(`
      add table ip t
      add chain ip t c { type nat hook postrouting priority 100; }
      add rule ip t c ip saddr 192.0.2.1 masquerade
      add rule ip t c ip saddr 192.0.2.2 masquerade
      flush chain ip t c
      add rule ip t c ip saddr 192.0.2.3 masquerade
    `);
    expect(remainder).not.toMatch(/192\.0\.2\.[12]/);
    expect(remainder).toContain('ip saddr 192.0.2.3 masquerade');
  });

  it('lists matches that nft would take for others: the next header is not always the transport protocol', () => {
    const { remainder } = part(`table ip6 t { chain c {
      type filter hook input priority 0;
      ip6 nexthdr tcp tcp dport 22 reject
      meta l4proto tcp tcp dport 23 reject
    }; }`);
    expect(remainder).toContain('ip6 nexthdr tcp tcp dport 22 reject');
    expect(remainder).toContain('\ttcp dport 23 reject');
  });

  it('registers base chains of one priority in their order', () => {
    const chain = (name: string): string =>
      `chain ${name} { type filter hook input priority 0; ip saddr 192.0.2.1 reject; }`;
    const { remainder } = part(`
      table ip a { ${chain('first')}; }
      table ip b { ${chain('second')}; }
      table ip a { ${chain('third')}; }
    `);
    const order = [...remainder!.matchAll(/chain (\w+) \{/g)].map(match => match[1]);
    expect(order).toEqual(['first', 'second', 'third', 'first', 'third', 'second']);
  });

  it('is nft text of JSON, too', () => {
    const table = { family: 'ip', table: 't' };
    const base = { type: 'filter', hook: 'input', prio: 0, policy: 'accept' };
    const json = JSON.stringify({
      nftables: [
        { table: { family: 'ip', name: 't' } },
        { chain: { ...table, name: 'c', ...base } },
        { rule: { ...table, chain: 'c', expr: [{ counter: null }, { reject: null }] } },
      ],
    });
    expect(part(json).remainder).toContain('\t\tcounter packets 0 bytes 0 reject');
  });

  it('stays dormant', () => {
    const { remainder } = part(`
      table ip t { flags dormant; chain c { type filter hook input priority 0; drop; }; }
      table ip u { chain c { type filter hook input priority 0; drop; }; }
    `);
    expect(remainder).toMatch(/^table ip t \{\n\tflags dormant/);
    expect(remainder).not.toContain('table ip u');
  });
});

describe('what nft cannot read back from its own listing', () => {
  // A synproxy without window scaling is listed with \`wscale 0\`, which switches it on.
  const text = `define blocked = { 192.0.2.1, 192.0.2.2 }
table ip t {
  set own { type ipv4_addr; elements = $blocked; }
  counter seen { }
  chain input { type filter hook input priority 0; ip saddr @own counter name "seen" drop; jump more; }
  chain more { tcp dport 22 accept; }
  chain forward { type filter hook forward priority 0; tcp dport 80 synproxy mss 1460 timestamp; }
}
table ip other { chain c { type filter hook output priority 0; drop; }; }
`;

  it('stays as it was written, and commands take away what moves', () => {
    const { ok, programs, remainder } = part(text);
    expect([ok, programs.length]).toEqual([true, 2]);
    expect(remainder).toBe(`${text}flush chain ip t input
flush chain ip t more
delete set ip t own
delete chain ip t input
delete chain ip t more
delete counter ip t seen
delete table ip other
`);
  });

  it.skipIf(isMissing('root', 'nft'))('and nft makes of it what it says', () => {
    const { stdout, ok } = loadWithNft(part(text).remainder!);
    expect(ok).toBe(true);
    const left = (JSON.parse(stdout).nftables as Record<string, { name?: string }>[]).flatMap(each =>
      Object.entries(each).flatMap(([kind, { name }]) => (name === undefined ? [] : [`${kind} ${name}`])),
    );
    expect(left).toEqual(['table t', 'chain forward']);
  });

  it('is refused where there is no such text', () => {
    const table = { family: 'ip', table: 't' };
    const json = JSON.stringify({
      nftables: [
        { table: { family: 'ip', name: 't' } },
        { chain: { ...table, name: 'c', type: 'filter', hook: 'input', prio: 0, policy: 'accept' } },
        { rule: { ...table, chain: 'c', expr: [{ synproxy: { mss: 1460, flags: ['timestamp'] } }] } },
      ],
    });
    const { ok, programs, diagnostics } = part(json);
    expect([ok, programs]).toEqual([false, []]);
    expect(diagnostics.map(({ code }) => code)).toEqual(['stays', 'inexact-remainder']);
  });
});

describe('connection tracking', () => {
  const moving = (family: string, rule: string): string =>
    `table ${family} t { chain c { type filter hook input priority 0; ${rule}; }; }\n`;
  const staying = (family: string, rule: string): string =>
    `table ${family} s { chain c { type filter hook forward priority 0; ${rule}; }; }\n`;

  it.each([
    ['inet', 'ct state new', 'ip', 'reject', 'inet'],
    ['ip', 'ct state new', 'ip', 'reject', 'ip'],
    ['ip6', 'ct state new', 'inet', 'reject', 'ip6'],
    ['inet', 'ct state new', 'ip', 'ct state new reject', 'ip6'],
    ['inet', 'ct state new', 'inet', 'ct mark set 1', undefined],
    ['ip', 'drop', 'ip', 'reject', undefined],
  ])('%s %s, beside %s %s: switched on for %s', (family, rule, other, stays, on) => {
    const { remainder } = part(moving(family, rule) + staying(other, stays));
    expect(/^table (\w+) nft2bpf/m.exec(remainder!)?.[1]).toBe(on);
  });

  it('is switched on even by what decides nothing', () => {
    const { remainder } = part(
      `table ip t { chain idle { ct state new; }; chain c { type filter hook input priority 0; ct state new drop; }; }`,
    );
    expect(remainder).toContain('chain idle');
    expect(remainder).not.toContain('nft2bpf');
  });

  it('goes into a table whose name is free', () => {
    const { remainder } = part(
      moving('ip', 'ct state new') + staying('ip', 'reject').replace(' s ', ' nft2bpf '),
    );
    expect(remainder).toContain('table ip nft2bpf_2 {');
  });
});

describe('what is said', () => {
  it('is one note a chain, with its reasons and their places', () => {
    const { diagnostics } = part(router);
    expect(diagnostics.map(({ severity, message, notes }) => [severity, message, notes?.length])).toEqual([
      ['note', 'base chain `inet filter forward` stays in nf_tables: no target decides it exactly', 1],
      ['note', 'base chain `ip nat postrouting` stays in nf_tables: no target decides it exactly', 1],
    ]);
    const { span } = diagnostics[0]!.notes![0]!;
    expect(router.slice(span!.from, span!.to)).toContain('reject with tcp reset');
  });

  it('is not longer than can be read', () => {
    const rules = Array.from(
      { length: 30 },
      (_, index) => `counter name "c${index}" ip saddr vmap @m${index}`,
    );
    const declared = rules.map(
      (_, index) => `counter c${index} { }\nmap m${index} { type ipv4_addr : verdict; flags dynamic; }`,
    );
    const { diagnostics } = part(
      `table ip t {\n${declared.join('\n')}\nchain c { type filter hook input priority 0; reject; ${rules.join('; ')}; }\n}`,
    );
    for (const { notes = [] } of diagnostics) expect(notes.length).toBeLessThanOrEqual(8);
  });

  it('is an error where the ruleset has one', () => {
    const { ok, remainder } = part('table ip t { chain c { tcp dport nonsense drop; }; }');
    expect([ok, remainder]).toEqual([false, undefined]);
  });
});

describe('a program that turns out to be too much', () => {
  it('leaves its chain, and no other, in nf_tables', () => {
    const { ok, programs, diagnostics } = translate(
      `table inet t {
        chain old { type filter hook input priority 0; ip6 saddr ::1 drop; limit rate 5/second drop; }
        chain plain { type filter hook forward priority 0; ip saddr 192.0.2.1 drop; }
      }`,
      { leave: 'refused', kernel: [6, 6] },
    );
    expect(ok).toBe(true);
    expect(programs.map(({ name }) => name)).toEqual(['forward_0']);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      expect.stringContaining('`inet t old` stays'),
    ]);
  });
});

describe('the manifest', () => {
  it('has the remainder, and of each program the chains beside it', () => {
    const manifest = toManifest(
      part(`${router}table ip more { chain c { type filter hook input priority 10; reject; }; }`),
    );
    expect(manifest.remainder).toContain('masquerade');
    expect(manifest.programs.map(({ name, beside }) => [name, beside])).toEqual([
      ['input_0', [{ family: 'ip', table: 'more', chain: 'c' }]],
    ]);
  });

  it('says nothing of it where the whole ruleset was translated, or without code', () => {
    const text = 'table ip t { chain c { type filter hook input priority 0; drop; }; }';
    const whole = toManifest(translate(text));
    expect('remainder' in whole || 'beside' in whole.programs[0]!).toBe(false);
    expect('remainder' in toManifest(part(router), { code: false })).toBe(false);
  });
});

describe('a difference', () => {
  it('has the remainder where it is another one', () => {
    const before = part(router);
    expect(diff(before, part(router))).not.toHaveProperty('remainder');
    const changed = part(router.replace('oifname "eth0" masquerade', 'masquerade'));
    expect(diff(before, changed)).toMatchObject({ programs: [], updates: [], remainder: changed.remainder });
  });
});

describe('a simulation', () => {
  it('is of whole rulesets only', () => {
    const { ir, translation } = translateStages(router, { names, leave: 'refused' });
    expect(createSimulation(ir!, translation)).toEqual({
      failed: expect.stringContaining('stays in nf_tables'),
    });
  });
});
