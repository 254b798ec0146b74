// What each command gives for a ruleset that is right.

import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tcp } from '../../../examples/packets.ts';
import { readElf } from '../../../src/bpf-asm/elf/index.ts';
import { cli, Workspace } from './harness.ts';

const ingress = `table netdev t {
  chain c {
    type filter hook ingress device "eth0" priority 0; policy accept;
    ip saddr 192.0.2.1 tcp dport 22 counter drop
    counter
  }
}
`;
const several = `table inet t {
  chain input { type filter hook input priority 0; policy drop; ct state established accept; }
  chain output { type filter hook output priority 0; tcp dport 25 reject; }
  chain forward { type filter hook forward priority 0; oifname "wan0" drop; }
}
`;
const twoHooks = several.replace(/^.*reject.*\n/m, '');

let workspace: Workspace;
let file: string;
beforeEach(() => {
  workspace = new Workspace();
  file = workspace.write('edge.nft', ingress);
});
afterEach(() => workspace.close());

describe('compile', () => {
  it('writes one object to a file', () => {
    const out = workspace.path('edge.o');
    expect(cli('compile', file, '--target', 'xdp', '-o', out)).toEqual({ status: 0, out: '', error: '' });
    const object = readElf(readFileSync(out));
    expect(object.ok && object.value.functions.map(({ section }) => section)).toEqual(['xdp']);
    expect(workspace.files()).toEqual(['edge.nft', 'edge.o']);
  });

  it('writes several objects into a directory', () => {
    const two = workspace.write('two.nft', twoHooks);
    const { status } = cli('compile', two, '-o', workspace.path('objects'));
    expect(status).toBe(0);
    expect(readdirSync(workspace.path('objects')).sort()).toEqual(['forward_0.o', 'input_0.o']);
  });

  it('writes raw instructions, of one program only', () => {
    const out = workspace.path('edge.bin');
    expect(cli('compile', file, '--format', 'raw', '-o', out).status).toBe(0);
    expect(readFileSync(out).length % 8).toBe(0);
    const two = workspace.write('two.nft', twoHooks);
    const { status, error } = cli('compile', two, '--format', 'raw', '-o', workspace.path('two.bin'));
    expect(status).toBe(1);
    expect(error).toMatch(/2/);
    expect(workspace.files()).not.toContain('two.bin');
  });

  it('writes the manifest, to the standard output if asked', () => {
    const { status, out } = cli('compile', file, '--format', 'json', '-o', '-');
    expect(status).toBe(0);
    expect(JSON.parse(out).programs[0].attach).toEqual([
      { target: 'tc', device: 'eth0', direction: 'ingress' },
    ]);
  });

  it('refuses a target that is not exact', () => {
    const { status, error } = cli('compile', file, '--target', 'netfilter', '-o', workspace.path('x.o'));
    expect(status).toBe(1);
    expect(error).toMatch(/netfilter/);
  });

  it('refuses kernels that lack what a program needs', () => {
    const two = workspace.write('two.nft', twoHooks);
    const { status, error } = cli('compile', two, '--kernel', '6.3', '-o', workspace.path('x'));
    expect(status).toBe(1);
    expect(error).toMatch(/6\.4/);
  });
});

describe('ir', () => {
  it('prints register bytecode', () => {
    const { status, out } = cli('ir', file);
    expect(status).toBe(0);
    expect(out).toContain('netdev t c\n');
    expect(out).toContain('  [ cmp eq reg 1 0x0016 ]\n');
  });
});

describe('print', () => {
  it('lists the ruleset as text or as JSON, which every command reads', () => {
    const text = cli('print', file);
    const json = cli('print', '--json', file);
    expect([text.status, json.status]).toEqual([0, 0]);
    expect(text.out).toContain('\tchain c {');
    expect(JSON.parse(json.out)).toHaveProperty('nftables');
    const listed = workspace.write('listed.json', json.out);
    expect(cli('ir', listed).out).toBe(cli('ir', file).out);
    expect(cli('print', listed).out).toBe(text.out);
    expect(cli('fmt', listed).status).toBe(1);
  });
});

describe('disasm', () => {
  it('prints instructions under rules, and the same ones of an object', () => {
    const object = workspace.path('edge.o');
    // XDP programs have no subprograms, which an object file keeps in a section of their own.
    cli('compile', file, '--target', 'xdp', '-o', object);
    const ofRuleset = cli('disasm', file, '--target', 'xdp');
    const ofObject = cli('disasm', object);
    expect(ofRuleset.status).toBe(0);
    expect(ofRuleset.out).toMatch(/; .*edge\.nft:4: .*counter/);
    const instructions = (text: string): string[] =>
      text.split('\n').flatMap(line => /^ +\d+:\t([^;\t]+)/.exec(line)?.[1]?.trim() ?? []);
    expect(instructions(ofObject.out)).toEqual(instructions(ofRuleset.out));
  });
});

describe('compile --leave refused', () => {
  const router = `${several.trimEnd().slice(0, -1)}
  chain nat { type nat hook postrouting priority 100; masquerade; }
}
`;

  it('writes programs, and what stays for nft', () => {
    const all = workspace.write('router.nft', router);
    const remainder = workspace.path('rest.nft');
    const out = workspace.path('objects');
    const { status, error } = cli('compile', all, '-o', out, '--leave', 'refused', '--remainder', remainder);
    expect(status).toBe(0);
    expect(error).toContain('note[stays]: base chain `inet t output` stays in nf_tables');
    expect(readdirSync(out).sort()).toEqual(['forward_0.o', 'input_0.o']);
    const text = readFileSync(remainder, 'utf8');
    expect([...text.matchAll(/chain (\w+)/g)].map(match => match[1])).toEqual(['output', 'nat']);
  });

  it('writes what stays even if it is everything', () => {
    const all = workspace.write('reject.nft', several.replace(/^.*(input|forward).*\n/gm, ''));
    const remainder = workspace.path('rest.nft');
    const { status, error } = cli('compile', all, '--leave', 'refused', '--remainder', remainder);
    expect([status, error]).toEqual([0, expect.stringContaining('all base chains stay in nf_tables')]);
    expect(readFileSync(remainder, 'utf8')).toContain('reject');
    expect(workspace.files()).toEqual(['edge.nft', 'reject.nft', 'rest.nft']);
  });

  it('has the remainder in the manifest', () => {
    const all = workspace.write('router.nft', router);
    const { out } = cli('compile', all, '--leave', 'refused', '--format', 'json', '-o', '-');
    expect(JSON.parse(out).remainder).toContain('masquerade');
  });

  it('writes nothing if one of the files cannot be written', () => {
    const one = workspace.write('one.nft', several.replace(/^.*input.*\n/m, ''));
    const remainder = workspace.path('no/such/place.nft');
    const args = [
      'compile',
      one,
      '-o',
      workspace.path('one.o'),
      '--leave',
      'refused',
      '--remainder',
      remainder,
    ];
    expect(() => cli(...args)).not.toThrow();
    expect(workspace.files()).toEqual(['edge.nft', 'one.nft']);
  });

  it.each([
    [['--leave', 'refused'], '--remainder FILE'],
    [['--remainder', 'rest.nft'], '--leave refused'],
    [['--leave', 'refused', '--remainder', '-'], 'wants a file'],
    [['--leave', 'all', '--remainder', 'rest.nft'], '--leave is one of nothing, refused'],
  ])('%j is wrong usage', (options, message) => {
    const { status, error } = cli('compile', file, ...options);
    expect([status, error]).toEqual([2, expect.stringContaining(message)]);
  });

  it('check shows the cut, and what binds chains', () => {
    const bound = several
      .replace('chain input', 'set s { type ipv4_addr; }\n  chain input')
      .replace('ct state established accept;', 'ip saddr @s drop;')
      .replace('tcp dport 25 reject;', 'ip daddr @s reject;');
    const { out } = cli('check', workspace.write('bound.nft', bound));
    expect(out).toContain(
      'stays in nf_tables with --leave refused: set `s` binds it to chain `output` that stays',
    );
    expect(out).toMatch(/and here: .*bound\.nft:4: ip daddr @s/);
    expect(out).toMatch(/with --leave refused 1 of 3 base chains become programs:\n {4}inet t forward\n$/);
    const { chains } = JSON.parse(cli('check', workspace.path('bound.nft'), '--json').out);
    expect(chains.map(({ stays }: { stays?: { message: string } }) => stays?.message)).toEqual([
      'set `s` binds it to chain `output` that stays',
      'no target decides it exactly',
      undefined,
    ]);
  });
});

describe('check', () => {
  it('says what is exact where, and why not', () => {
    const all = workspace.write('all.nft', several);
    const { status, out } = cli('check', all);
    expect(status).toBe(1);
    expect(out).toContain('inet t input (filter hook input priority 0): exact on netfilter');
    expect(out).toContain('inet t output (filter hook output priority 0): refused on netfilter');
    expect(out).toMatch(/all\.nft:3: tcp dport 25 reject\n +not on netfilter: .*reject/);
    expect(cli('check', file).status).toBe(0);
  });

  it('says the same as JSON', () => {
    const all = workspace.write('all.nft', several);
    const report = JSON.parse(cli('check', all, '--json').out);
    expect(report.version).toBe(1);
    const exact = report.chains.map(({ chain, exact }: { chain: string; exact: string[] }) => [chain, exact]);
    expect(exact).toEqual([
      ['input', ['netfilter']],
      ['output', []],
      ['forward', ['netfilter']],
    ]);
  });
});

describe('run', () => {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  const dropped = tcp({ from: '192.0.2.1', to: '192.0.2.2', dport: 22 });
  const passed = tcp({ from: '192.0.2.3', to: '192.0.2.2', dport: 22 });

  it.each(['tc', 'xdp'])('shows verdicts, rules and counters on %s; state lasts', target => {
    const args = [
      '--target',
      target,
      '--packet',
      hex(dropped),
      '--packet',
      hex(passed),
      '--packet',
      hex(dropped),
    ];
    const { status, out } = cli('run', file, ...args);
    expect(status).toBe(0);
    expect(out.split('\n').filter(line => line.startsWith('packet '))).toEqual([
      'packet 1: drop',
      'packet 2: accept',
      'packet 3: drop',
    ]);
    expect(out).toMatch(/packets 2 bytes 80 {2}.*edge\.nft:4/);
    expect(out).toMatch(/packets 1 bytes 40 {2}.*edge\.nft:5/);
  });

  it('reads captures', () => {
    const header = Buffer.alloc(24);
    header.writeUInt32LE(0xa1b2c3d4, 0);
    header.writeUInt32LE(1, 20);
    const record = Buffer.alloc(16);
    record.writeUInt32LE(dropped.length, 8);
    record.writeUInt32LE(dropped.length, 12);
    const capture = workspace.write('one.pcap', Buffer.concat([header, record, dropped]));
    expect(cli('run', file, '--pcap', capture).out).toContain('packet 1: drop');
    const cut = workspace.write('cut.pcap', Buffer.concat([header, record, dropped.subarray(1)]));
    const { status, error } = cli('run', file, '--pcap', cut);
    expect(status).toBe(1);
    expect(error).toMatch(/cut off/);
  });

  it('takes connection tracking state and devices', () => {
    const two = workspace.write('two.nft', twoHooks);
    const packet = ['--packet', hex(passed.subarray(14)), '--from', 'l3'];
    const input = ['run', two, '--hook', 'inet/input', ...packet];
    expect(cli(...input, '--ct', 'state=established').out).toContain('packet 1: accept');
    expect(cli(...input, '--ct', 'state=new').out).toContain('packet 1: drop');
    const forward = ['run', two, '--hook', 'inet/forward', ...packet, '--meta', 'iifname=lan0'];
    expect(cli(...forward, '--meta', 'oifname=wan0').out).toContain('packet 1: drop');
    expect(cli(...forward, '--meta', 'oifname=wan1').out).toContain('packet 1: accept');
    expect(cli('run', two, ...packet).status).toBe(2);
  });

  it('gives JSON lines', () => {
    const { out } = cli('run', file, '--json', '--packet', hex(dropped));
    const [decision, counters] = out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(decision).toMatchObject({ packet: 1, verdict: 'drop' });
    expect(counters.counters[0]).toMatchObject({ packets: '1', bytes: '40' });
  });
});

describe('help', () => {
  it('is there for every command, and names the version', () => {
    for (const command of ['compile', 'ir', 'disasm', 'check', 'run'])
      expect(cli(command, '--help')).toMatchObject({
        status: 0,
        out: expect.stringContaining(`nft2bpf ${command}`),
      });
    expect(cli('--version').out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('fmt', () => {
  const untidy = 'table  ip t{\nchain c{ accept; }\n}\n';
  const tidy = 'table ip t {\n\tchain c { accept; }\n}\n';

  it('prints, or writes in place', () => {
    const path = workspace.write('untidy.nft', untidy);
    expect(cli('fmt', path)).toEqual({ status: 0, out: tidy, error: '' });
    expect(cli('fmt', path, '--indent', '2').out).toBe(tidy.replace('\t', '  '));
    expect(readFileSync(path, 'utf8')).toBe(untidy);
    expect(cli('fmt', path, '--write')).toEqual({ status: 0, out: '', error: '' });
    expect(readFileSync(path, 'utf8')).toBe(tidy);
  });

  it('tells whether a file is formatted', () => {
    expect(cli('fmt', workspace.write('a.nft', untidy), '--check').status).toBe(1);
    expect(cli('fmt', workspace.write('b.nft', tidy), '--check').status).toBe(0);
  });

  it('leaves a file with errors alone', () => {
    const path = workspace.write('broken.nft', 'table ip t {');
    const { status, out, error } = cli('fmt', path, '--write');
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(error).toContain('error[unclosed-brace]');
    expect(readFileSync(path, 'utf8')).toBe('table ip t {');
    expect(workspace.files()).toEqual(['broken.nft', 'edge.nft']);
  });

  it('wants one thing at a time', () => {
    expect(cli('fmt', file, '--write', '--check').status).toBe(2);
    expect(cli('fmt', file, '--indent', '99').status).toBe(2);
  });
});
