// One request, one answer: what each operation gives, and what is said of requests that are none.

import { describe, expect, it } from 'vitest';
import { tcp } from '../../../examples/packets.ts';
import { type Answer, answer } from '../../../src/batch/answer.ts';
import { readElf } from '../../../src/bpf-asm/elf/index.ts';
import { explain } from '../../../src/lower/explain.ts';
import { printRuleset, printRulesetJson } from '../../../src/lower/lift/print.ts';
import { printIr } from '../../../src/lower/linear/print.ts';
import { fromBase64, toBase64 } from '../../../src/lower/output/base64.ts';
import { toJson } from '../../../src/lower/output/manifest.ts';
import { translate, translateStages } from '../../../src/translate.ts';

const ruleset = `table netdev t {
  set blocked { type ipv4_addr; elements = { 192.0.2.1, 192.0.2.7 }; }
  chain c {
    type filter hook ingress device "eth0" priority 0; policy accept;
    ip saddr @blocked tcp dport 22 counter drop
    meta mark 7 counter accept
  }
}
`;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const dropped = hex(tcp({ from: '192.0.2.1', to: '192.0.2.2', dport: 22 }));
const passed = hex(tcp({ from: '192.0.2.3', to: '192.0.2.2', dport: 22 }));

/** The answer as the other side sees it: a round trip through JSON changes nothing. */
function asked(request: unknown): Answer {
  const given = answer(request);
  expect(JSON.parse(JSON.stringify(given))).toEqual(given);
  return given;
}

function output(op: string, options: object = {}, text: unknown = ruleset): unknown {
  const { ok, diagnostics, output: result } = asked({ id: 1, op, ruleset: text, options });
  expect([ok, diagnostics]).toEqual([true, []]);
  return result;
}

describe('operations', () => {
  it('ir: the register bytecode as text', () => {
    const { ir } = translateStages(ruleset);
    expect(output('ir')).toBe(printIr(ir!));
  });

  it('compile: the manifest as an object', () => {
    const options = { target: 'xdp', kernel: [6, 12], cpu: 4, optimize: false } as const;
    const text = ruleset.replace(/^.*mark.*\n/m, '');
    expect(output('compile', options, text)).toEqual(JSON.parse(toJson(translate(text, options))));
  });

  it('compile: objects beside the manifest', () => {
    const result = output('compile', { objects: true }) as { objects: { name: string; bytes: string }[] };
    const [object] = result.objects;
    const elf = readElf(fromBase64(object!.bytes)!);
    expect([object!.name, elf.ok]).toEqual(['ingress', true]);
  });

  it('check: what is exact where', () => {
    const { ir } = translateStages(ruleset);
    const exact = explain(ir!).map(chain => chain.exact);
    expect(output('check')).toMatchObject({
      exact: true,
      chains: exact.map(targets => ({ exact: targets })),
    });
    const refused = 'table ip t { chain c { type filter hook input priority 0; queue num 1; }; }\n';
    expect(output('check', {}, refused)).toMatchObject({ exact: false, chains: [{ exact: [] }] });
  });

  it('run: verdicts, rules and counters', () => {
    expect(output('run', { packets: [dropped, passed, dropped] })).toMatchObject({
      packets: [
        { packet: 1, kind: 'decided', verdict: 'drop', matched: [{ chain: 'c', verdict: 'drop' }] },
        { packet: 2, kind: 'decided', verdict: 'accept', matched: [] },
        { packet: 3, kind: 'decided', verdict: 'drop' },
      ],
      counters: [
        { packets: '2', bytes: '80', place: expect.stringMatching(/^<input>:5: /) },
        { packets: '0' },
      ],
    });
  });

  it('run: what belongs to packets, as on the command line', () => {
    const marked = output('run', { packets: [passed], meta: { mark: 7 } });
    expect(marked).toMatchObject({ counters: [{ packets: '0' }, { packets: '1' }] });
    const stateful = 'table ip t { chain c { type filter hook input priority 0; ct state new drop; }; }\n';
    const options = { packets: [passed.slice(28)], hook: 'ip/input', from: 'l3', ct: { state: 'new' } };
    expect(output('run', options, stateful)).toMatchObject({ packets: [{ verdict: 'drop' }] });
  });

  it('print: what nft list ruleset shows', () => {
    const { ir } = translateStages(ruleset);
    expect(output('print')).toBe(printRuleset(ir!));
    expect(output('print')).toContain('\t\tip saddr @blocked tcp dport 22 counter packets 0 bytes 0 drop\n');
    expect(output('print', { stateless: true })).toBe(printRuleset(ir!, { stateless: true }));
    expect(output('print', { stateless: true })).not.toContain('packets 0');
    expect(output('print', { json: true })).toBe(printRulesetJson(ir!));
  });

  it('takes libnftables JSON as text and as an object', () => {
    const json = {
      nftables: [
        { add: { table: { family: 'ip', name: 't' } } },
        { add: { chain: { family: 'ip', table: 't', name: 'c' } } },
        { add: { rule: { family: 'ip', table: 't', chain: 'c', expr: [{ drop: null }] } } },
      ],
    };
    const listing = 'ip t c\n  [ immediate reg 0 drop ]\n';
    expect(output('ir', {}, json)).toBe(listing);
    expect(output('ir', {}, JSON.stringify(json))).toBe(listing);
    expect(output('ir', { before: json }, 'add rule ip t c drop\n')).toContain(listing.slice(7));
  });

  it('names, time zone and the ruleset before are those of the request', () => {
    const text = 'add rule ip t c iif "wan0" meta skuid root meta hour "12:00" accept\n';
    const options = {
      before: 'table ip t { chain c { }; }',
      names: { interfaces: { wan0: 3 }, users: { root: 0 } },
      timeZoneOffset: 60,
    };
    const listing = output('ir', options, text);
    expect(listing).toContain('0x00000003');
    expect(listing).toBe(printIr(translateStages(text, options).ir!));
  });

  it('include: files by their paths, and by patterns in order', () => {
    const include = {
      '/etc/nftables.d/20.nft': 'add rule ip t c tcp dport 20 accept\n',
      '/etc/nftables.d/10.nft': 'add rule ip t c tcp dport 10 accept\n',
      '/etc/nftables.d/.hidden.nft': 'add rule ip t c tcp dport 9 accept\n',
      '/etc/nftables.d/more/30.nft': 'add rule ip t c tcp dport 30 accept\n',
      'table.nft': 'table ip t { chain c { }; }\n',
    };
    const text = 'include "table.nft"\ninclude "/etc/nftables.d/*.nft"\n';
    const listing = output('ir', { include }, text) as string;
    expect(listing.match(/0x00\w\w/g)).toEqual(['0x000a', '0x0014']);
    const missing = asked({ op: 'ir', ruleset: 'include "x.nft"\n', options: { include } });
    expect(missing.diagnostics).toMatchObject([{ code: 'file-not-found', file: '<input>', line: 1 }]);
    const wrong = { ...include, 'table.nft': 'table ip t { chain c { drp; }; }\n' };
    expect(asked({ op: 'ir', ruleset: text, options: { include: wrong } }).diagnostics[0]).toMatchObject({
      ...{ file: 'table.nft', line: 1 },
    });
  });

  it('names are only names', () => {
    const request = JSON.parse(
      '{"op":"ir","ruleset":"table ip t { chain c { iif \\"constructor\\" accept; }; }","options":{"names":{"interfaces":{"__proto__":7}}}}',
    );
    expect(asked(request)).toMatchObject({ ok: false, diagnostics: [{ code: 'unknown-symbol' }] });
  });
});

describe('leave', () => {
  const text = `table ip t {
  chain nat { type nat hook postrouting priority srcnat; masquerade; }
  chain in { type filter hook input priority 0; tcp dport 23 drop; }
}
`;

  it('what stays in nf_tables is in the manifest', () => {
    const { remainder } = translate(text, { leave: 'refused' });
    expect(remainder).toContain('masquerade');
    const given = asked({ op: 'compile', ruleset: text, options: { leave: 'refused' } });
    expect(given).toMatchObject({
      ok: true,
      diagnostics: [{ severity: 'note', line: 2 }],
      output: { programs: [{}], remainder },
    });
    expect(asked({ op: 'compile', ruleset: text }).ok).toBe(false);
  });
});

describe('diagnostics', () => {
  it('have places, notes, fixes and text', () => {
    const text = ruleset.replace('dport 22', 'dprot 22');
    const {
      id,
      ok,
      diagnostics,
      output: none,
    } = asked({
      ...{ id: 'x', op: 'compile', ruleset: text },
      options: { name: 'edge.nft' },
    });
    expect([id, ok, none]).toEqual(['x', false, null]);
    const place = { file: 'edge.nft', line: 5, column: 27, endLine: 5, endColumn: 32 };
    expect(diagnostics).toEqual([
      {
        ...{ code: 'syntax-error', severity: 'error', ...place },
        message: expect.stringContaining('dprot'),
        notes: [{ message: expect.stringContaining("'sport'") }],
        fixes: [{ text: 'dport', ...place }],
        rendered: expect.stringContaining('--> edge.nft:5:27'),
      },
    ]);
  });

  it('notes have places of their own', () => {
    const text = 'define a = 1\ndefine a = 2\n';
    const [diagnostic] = asked({ op: 'ir', ruleset: text }).diagnostics;
    expect(diagnostic).toMatchObject({ code: 'redefinition', line: 2, notes: [{ line: 1 }, {}] });
  });

  it('refusals are no output, with places', () => {
    const { ok, diagnostics } = asked({
      ...{ op: 'compile', ruleset: ruleset.replace('tcp dport 22', 'queue num 1 #') },
    });
    expect(ok).toBe(false);
    expect(diagnostics).toMatchObject([{ severity: 'refusal', line: 5 }]);
  });
});

describe('what is no request', () => {
  const bad: readonly (readonly [name: string, request: unknown, code: string, words: RegExp])[] = [
    ['an array', [], 'invalid-request', /object/],
    ['null', null, 'invalid-request', /object/],
    ['no op', { id: 3, ruleset: '' }, 'invalid-request', /op is one of ir/],
    ['an op that an object has', { id: 3, op: 'toString', ruleset: '' }, 'invalid-request', /op is one of/],
    ['no ruleset', { id: 3, op: 'ir' }, 'invalid-request', /ruleset/],
    ['a ruleset that is an array', { id: 3, op: 'ir', ruleset: [] }, 'invalid-request', /ruleset/],
    ['a member too many', { id: 3, op: 'ir', ruleset: '', file: 'x' }, 'invalid-request', /'file'/],
    ['options that are a list', { id: 3, op: 'ir', ruleset: '', options: [] }, 'invalid-request', /options/],
    [
      'a number that is rounded',
      { id: 3, op: 'ir', ruleset: { nftables: [{ counter: { bytes: 2 ** 53 } }] } },
      'invalid-request',
      /2\^53/,
    ],
    [
      'a number that is rounded, in the ruleset before',
      { id: 3, op: 'ir', ruleset: '', options: { before: { nftables: [2 ** 60] } } },
      'invalid-request',
      /options\.before .* 2\^53/,
    ],
  ];
  it.each(bad)('%s', (_, request, code, words) => {
    const { ok, diagnostics, id } = asked(request);
    expect([ok, diagnostics.length, diagnostics[0]!.code]).toEqual([false, 1, code]);
    expect(diagnostics[0]!.message).toMatch(words);
    expect(id).toBe((request as { id?: number } | null)?.id ?? null);
  });

  it.each([[{}], [1.5], [2 ** 53], [true]])('an id that cannot be given back: %j', id => {
    expect(asked({ id, op: 'ir', ruleset: '' })).toMatchObject({ id: null, ok: false });
  });

  const wrong: readonly (readonly [op: string, options: object, message: string])[] = [
    ['ir', { frob: 1 }, 'options.frob is not an option of ir'],
    ['ir', { constructor: 1 }, 'options.constructor is not an option of ir'],
    ['ir', { packets: [] }, 'options.packets is not an option of ir'],
    ['run', { objects: true }, 'options.objects is not an option of run'],
    ['run', {}, 'options.packets is missing'],
    ['run', { packets: ['xyz'] }, 'options.packets[0] wants hex digits, two a byte, not "xyz"'],
    ['run', { packets: [], hook: 'inet' }, "options.hook wants FAMILY/HOOK, e.g. inet/input, not 'inet'"],
    ['run', { packets: [], from: 'l4' }, "options.from is one of l2, l3, not 'l4'"],
    [
      'run',
      { packets: [], meta: { mark: -1 } },
      "options.meta mark wants a number up to 4294967295, not '-1'",
    ],
    ['run', { packets: [], ct: { zone: '1' } }, "options.ct knows state, not 'zone'"],
    [
      'compile',
      { target: 'ebpf' },
      'options.target wants one of auto, xdp, tc, netfilter, cgroup_skb, not "ebpf"',
    ],
    ['compile', { kernel: '6.12' }, 'options.kernel wants an array, not "6.12"'],
    ['compile', { kernel: [6] }, 'options.kernel wants two numbers, e.g. [6, 12]'],
    ['compile', { cpu: 5 }, 'options.cpu wants a whole number from 1 to 4, not 5'],
    ['compile', { vmlinux: '/sys/kernel' }, 'options.vmlinux wants base64, not "/sys/kernel"'],
    ['compile', { optimize: 'no' }, 'options.optimize wants true or false, not "no"'],
    [
      'compile',
      { names: { users: { root: '0' } } },
      'options.names.users.root wants a whole number from 0 to 4294967295, not "0"',
    ],
    [
      'compile',
      { names: { cgroups: { a: '-1' } } },
      'options.names.cgroups.a wants a number or a decimal string, not "-1"',
    ],
    ['compile', { names: { hostnames: {} } }, 'options.names.hostnames is not known'],
    [
      'compile',
      { before: {} },
      'options.before wants a string, libnftables JSON, or an object with name and text',
    ],
  ];
  it.each(wrong)('%s with %j', (op, options, message) => {
    expect(asked({ id: 4, op, ruleset, options })).toMatchObject({
      ...{ id: 4, ok: false, output: null },
      diagnostics: [{ code: 'invalid-option', severity: 'error', message }],
    });
  });
});

describe('base64', () => {
  it('goes both ways', () => {
    for (let length = 0; length < 50; length++) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 89 + length * 7) & 0xff);
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    }
  });

  it.each(['A', 'AB', 'ABC', 'AB=C', '====', 'AB*=', 'AA==AA=='])('%s is none', text => {
    expect(fromBase64(text)).toBeUndefined();
  });
});
