// Objects in the kernel: loaded by bpftool (libbpf) unmodified, run on a packet, dumped again.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ElfInput, writeElf } from '../../../src/bpf-asm/elf/write.ts';
import {
  type AssemblyItem,
  add64,
  and64,
  atomicAdd,
  call,
  callKfunc,
  exit,
  helperNumber,
  jumpIf,
  label,
  load,
  loadField,
  loadMap,
  mov64,
  movType,
  R0,
  R1,
  R2,
  R3,
  R6,
  R7,
  R10,
  store,
  storeImm,
} from '../../../src/bpf-asm/index.ts';
import { arrayKey, loadTranslation, lookupEntry, testRun } from '../../../src/loader/index.ts';
import { toElf } from '../../../src/lower/output/elf.ts';
import { resolve } from '../../../src/lower/output/resolve.ts';
import type { BpfMap, Program } from '../../../src/lower/program.ts';
import type { FileId, SourceFile } from '../../../src/source/span.ts';
import { assembled, sampleInput, sampleMap, sampleResult } from '../../support/elf-sample.ts';
import { kernel } from '../../support/kernel.ts';
import { runPrivately, shellOutput } from '../../support/private-bpffs.ts';
import { isMissing } from '../../support/requirements.ts';

const folder = mkdtempSync(join(tmpdir(), 'nft2bpf-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

const packetLength = 64;

function save(name: string, bytes: Uint8Array): void {
  writeFileSync(join(folder, name), bytes);
}

function saveObject(name: string, input: ElfInput): void {
  const object = writeElf(input);
  if (!object.ok) throw new Error(object.failure.message);
  save(name, object.value);
}

function plainInput(section: string, items: readonly AssemblyItem[], more: Partial<ElfInput> = {}): ElfInput {
  const { name, code, relocations } = assembled('plain', items);
  return { programs: [{ name, section, code, relocations, lines: [] }], maps: [], ...more };
}

/** The word at `offset` of the value that `bpftool -j map dump` shows first. */
function dumpedWord(json: string, offset: number): number {
  const [entry] = JSON.parse(json) as { value: string[] }[];
  const bytes = Uint8Array.from((entry?.value ?? []).map(Number));
  return new DataView(bytes.buffer).getUint32(offset, true);
}

describe.skipIf(isMissing('root', 'bpftool', 'vmlinux'))('bpftool', () => {
  beforeAll(() => save('packet', new Uint8Array(packetLength)));

  it('loads and runs a tc program with maps, data, subprograms, kfuncs and CO-RE relocations', () => {
    saveObject('sample.o', {
      ...sampleInput(),
      notes: [{ name: '.nft2bpf', bytes: Uint8Array.of(0x7b, 0x7d) }],
    });
    const [run = '', seen = '', table = ''] = shellOutput(
      `mkdir /sys/fs/bpf/maps
      bpftool prog load sample.o /sys/fs/bpf/sample pinmaps /sys/fs/bpf/maps
      bpftool -j prog run pinned /sys/fs/bpf/sample data_in packet
      bpftool -j map dump pinned /sys/fs/bpf/maps/seen
      bpftool -j map lookup pinned /sys/fs/bpf/maps/_rodata_table key 0 0 0 0`,
      folder,
    ).split('\n');
    expect(JSON.parse(run)).toMatchObject({ retval: sampleResult });
    // A test run's packet arrives at the loopback device, whose index in a new namespace is 1.
    expect([dumpedWord(seen, 0), dumpedWord(seen, 4)]).toEqual([packetLength, 1]);
    expect(JSON.parse(table).value.map(Number)).toEqual([1, 0, 0, 0, 40, 0, 0, 0]);
  });

  it('shows source lines and the license of what it loaded', () => {
    saveObject('lines.o', sampleInput());
    const text = shellOutput(
      `bpftool prog load lines.o /sys/fs/bpf/lines
      bpftool prog dump xlated pinned /sys/fs/bpf/lines linum
      bpftool prog show pinned /sys/fs/bpf/lines`,
      folder,
    );
    expect(text).toContain(
      'int sample(struct __sk_buff * context):\n; line for slot 0 [file:rules.nft line_num:1 line_col:3]',
    );
    expect(text).toContain('int sample_1():\n; line for slot 37 [file:rules.nft line_num:38 line_col:3]');
    expect(text).toMatch(/name sample {2}tag [0-9a-f]+ {2}gpl/);
  });

  it('loads and runs an xdp program with a per-CPU counter', () => {
    const counter = sampleMap({ name: 'counter', type: 'percpu_array', valueSize: 8, maxEntries: 2 });
    const items = [
      storeImm(4, R10, -4, 1),
      loadMap(R1, 'counter'),
      mov64(R2, R10),
      add64(R2, -4),
      call(helperNumber.map_lookup_elem),
      jumpIf('eq', R0, 0, 'out'),
      mov64(R1, 1),
      atomicAdd(8, R0, 0, R1),
      label('out'),
      mov64(R0, 2),
      exit(),
    ];
    saveObject('xdp.o', plainInput('xdp', items, { maps: [counter] }));
    const [shown = '', run = '', dump = ''] = shellOutput(
      `mkdir /sys/fs/bpf/maps
      bpftool prog load xdp.o /sys/fs/bpf/xdp pinmaps /sys/fs/bpf/maps
      bpftool -j prog show pinned /sys/fs/bpf/xdp
      bpftool -j prog run pinned /sys/fs/bpf/xdp data_in packet repeat 7
      bpftool -j map lookup pinned /sys/fs/bpf/maps/counter key 1 0 0 0`,
      folder,
    ).split('\n');
    expect(JSON.parse(shown)).toMatchObject({ type: 'xdp', name: 'plain', gpl_compatible: true });
    expect(JSON.parse(run)).toMatchObject({ retval: 2 });
    const values: { value: string[] }[] = JSON.parse(dump).values;
    expect(values.map(({ value }) => Number(value[0])).reduce((sum, count) => sum + count, 0)).toBe(7);
  });

  it.each(['tc', 'classifier', 'cgroup_skb/ingress', 'cgroup_skb/egress', 'socket', 'xdp'])(
    'knows the section %s',
    section => {
      saveObject('section.o', plainInput(section, [mov64(R0, 1), exit()]));
      expect(shellOutput('bpftool prog load section.o /sys/fs/bpf/p', folder)).toBe('');
    },
  );

  it.each([
    ['unicast', 0, 0],
    ['multicast', 0x01, 2],
  ])('reads bit-fields behind their marker: pkt_type of a %s frame', (_, first, type) => {
    const items = [
      callKfunc('bpf_cast_to_kern_ctx'),
      loadField(1, R0, R0, 'sk_buff.__pkt_type_offset'),
      and64(R0, 7),
      exit(),
    ];
    const fieldKinds = { 'sk_buff.__pkt_type_offset': 'marker' } as const;
    saveObject('marker.o', plainInput('tc', items, { fieldKinds }));
    const frame = new Uint8Array(packetLength).fill(first, 0, 6);
    save('frame', frame);
    const run = shellOutput(
      `bpftool prog load marker.o /sys/fs/bpf/p
      bpftool -j prog run pinned /sys/fs/bpf/p data_in frame`,
      folder,
    );
    // PACKET_HOST and PACKET_MULTICAST of uapi/linux/if_packet.h
    expect(JSON.parse(run)).toMatchObject({ retval: type });
  });

  it('tells a map from a program of the same name', () => {
    const maps = [sampleMap({ name: 'other' }), sampleMap({ name: 'plain', maxEntries: 3 })];
    saveObject('same.o', plainInput('tc', [loadMap(R1, 'plain'), mov64(R0, 1), exit()], { maps }));
    const dump = shellOutput(
      `mkdir /sys/fs/bpf/maps
      bpftool prog load same.o /sys/fs/bpf/p pinmaps /sys/fs/bpf/maps
      bpftool -j prog show pinned /sys/fs/bpf/p
      bpftool -j map show pinned /sys/fs/bpf/maps/plain`,
      folder,
    );
    const [program, map] = dump
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(program.map_ids).toEqual([map.id]);
    expect(map).toMatchObject({ name: 'plain', max_entries: 3 });
  });

  it('refuses a member that the kernel does not have, and says which', () => {
    const items = [callKfunc('bpf_cast_to_kern_ctx'), loadField(4, R0, R0, 'sk_buff.no_such'), exit()];
    saveObject('missing.o', plainInput('tc', items));
    const { status, stderr } = runPrivately('bpftool prog load missing.o /sys/fs/bpf/p', folder);
    expect(status).not.toBe(0);
    expect(stderr).toContain('struct sk_buff.no_such');
  });

  it('cannot tell nf_conn from nf_conn___init, which is why toElf warns of it', () => {
    const items = [
      callKfunc('bpf_cast_to_kern_ctx'),
      mov64(R1, R0),
      movType(R2, 'nf_conn'),
      callKfunc('bpf_rdonly_cast'),
      mov64(R0, 0),
      exit(),
    ];
    const { code, relocations, origins } = assembled('conn', items);
    const program: Program = {
      ...{ name: 'conn', code, relocations, origins, spans: [] },
      ...{ target: 'tc', section: 'tc', attach: [], covers: [], requires: [] },
    };
    const { ok, objects, diagnostics } = toElf({ programs: [program], maps: [], sources: [] });
    expect(ok).toBe(true);
    expect(diagnostics).toMatchObject([{ code: 'ambiguous-for-libbpf', severity: 'warning' }]);
    save('conn.o', objects[0]!.bytes);
    const { status, stderr } = runPrivately('bpftool prog load conn.o /sys/fs/bpf/p', folder);
    expect(status).not.toBe(0);
    expect(stderr).toContain('relocation decision ambiguity');
  });
});

const ruleset = 'table netdev t {\n\tchain c {\n\t\ttcp dport 22 counter accept\n\t}\n}\n';
const source: SourceFile = { id: 0 as FileId, name: 'rules.nft', text: ruleset };

function span(text: string): { file: FileId; from: number; to: number } {
  const from = ruleset.indexOf(text);
  return { file: source.id, from, to: from + text.length };
}

const shared: BpfMap = {
  ...sampleMap({ name: 'counters', type: 'array', valueSize: 8, maxEntries: 1 }),
  role: { kind: 'private', use: 'test' },
};

function counting(name: string, more: Partial<Program> & Pick<Program, 'target' | 'section'>): Program {
  const items: AssemblyItem[] = [
    { ...storeImm(4, R10, -4, 0), origin: 0 },
    { ...loadMap(R1, 'counters'), origin: 1 },
    mov64(R2, R10),
    add64(R2, -4),
    { ...call(helperNumber.map_lookup_elem), origin: 1 },
    jumpIf('eq', R0, 0, 'out'),
    mov64(R1, 1),
    atomicAdd(8, R0, 0, R1),
    label('out'),
    { ...mov64(R0, 0), origin: 2 },
    { ...exit(), origin: 2 },
  ];
  const spans = [span('tcp dport 22'), span('counter'), span('accept')];
  const { code, relocations, origins } = assembled(name, items);
  return { name, attach: [], code, relocations, origins, spans, covers: [], requires: [], ...more };
}

describe.skipIf(isMissing('root', 'bpftool'))('the objects of a translation', () => {
  it('share the maps that several programs use, and show lines of the ruleset', () => {
    const programs = ['first', 'second'].map(name => counting(name, { target: 'tc', section: 'classifier' }));
    const { objects, diagnostics } = toElf({ programs, maps: [shared], sources: [source] });
    expect(diagnostics).toEqual([]);
    for (const { name, bytes } of objects) save(`${name}.o`, bytes);
    save('packet', new Uint8Array(packetLength));
    const output = shellOutput(
      `bpftool prog load first.o /sys/fs/bpf/first
      bpftool prog load second.o /sys/fs/bpf/second
      bpftool -j prog run pinned /sys/fs/bpf/first data_in packet repeat 2 >/dev/null
      bpftool -j prog run pinned /sys/fs/bpf/second data_in packet repeat 3 >/dev/null
      bpftool -j map dump pinned /sys/fs/bpf/counters
      bpftool prog dump xlated pinned /sys/fs/bpf/first linum`,
      folder,
    );
    const [dump = '', ...listing] = output.split('\n');
    expect(dumpedWord(dump, 0)).toBe(5);
    expect(listing.filter(line => line.includes('rules.nft'))).toEqual([
      '; tcp dport 22 counter accept [file:rules.nft line_num:3 line_col:3]',
      '; tcp dport 22 counter accept [file:rules.nft line_num:3 line_col:16]',
      '; tcp dport 22 counter accept [file:rules.nft line_num:3 line_col:16]',
      '; tcp dport 22 counter accept [file:rules.nft line_num:3 line_col:24]',
    ]);
  });
});

describe.skipIf(isMissing('root', 'vmlinux'))('a program resolved for this kernel', () => {
  const vmlinux = (): Uint8Array => new Uint8Array(readFileSync('/sys/kernel/btf/vmlinux'));
  const out = {
    ...sampleMap({ name: 'out', valueSize: 16 }),
    role: { kind: 'private', use: 'test' },
  } as const;

  /** Notes the packet's length, the hook and the device's name (4 bytes) of a netfilter program, by offsets alone. */
  const items: AssemblyItem[] = [
    mov64(R6, R1),
    storeImm(4, R10, -4, 0),
    loadMap(R1, 'out'),
    mov64(R2, R10),
    add64(R2, -4),
    call(helperNumber.map_lookup_elem),
    jumpIf('eq', R0, 0, 'pass'),
    mov64(R7, R0),
    loadField(8, R1, R6, 'bpf_nf_ctx.skb'),
    loadField(4, R2, R1, 'sk_buff.len'),
    store(4, R7, 0, R2),
    loadField(8, R1, R6, 'bpf_nf_ctx.state'),
    loadField(1, R2, R1, 'nf_hook_state.hook'),
    store(4, R7, 4, R2),
    loadField(8, R1, R6, 'bpf_nf_ctx.skb'),
    loadField(8, R1, R1, 'sk_buff._nfct'),
    movType(R2, 'nf_conn'),
    callKfunc('bpf_rdonly_cast'),
    loadField(8, R3, R0, 'nf_conn.status'),
    label('pass'),
    mov64(R0, 1),
    exit(),
  ];

  function program(list: readonly AssemblyItem[]): Program {
    const { name, code, relocations, origins } = assembled('resolved', list);
    const spans = [span('counter')];
    return {
      ...{ name, code, relocations, origins, spans },
      ...{ target: 'netfilter', section: 'netfilter', attach: [], covers: [], requires: [] },
    };
  }

  it('runs without anything left to a loader but maps', async () => {
    const resolved = resolve([program(items)], vmlinux());
    expect(resolved.diagnostics).toEqual([]);
    expect(resolved.programs[0]?.relocations.map(({ kind }) => kind)).toEqual(['map']);
    const system = await kernel();
    const loaded = loadTranslation(system, resolved.programs, [out]);
    if (!loaded.ok) throw new Error(loaded.error.message);
    const { programs, maps, close } = loaded.value;
    // IPv4, 40 bytes behind an Ethernet header; a context that names NF_INET_LOCAL_IN, IPv4.
    const data = new Uint8Array(54);
    data.set([0x08, 0x00, 0x45, 0, 0, 40], 12);
    const context = new Uint8Array(48);
    context.set([1, 2]);
    const run = testRun(system, programs[0]!.fd, { data, context });
    const entry = lookupEntry(system, maps.get('out')!, arrayKey(0));
    close();
    expect(run).toMatchObject({ ok: true, value: { returned: 1 } });
    const words = entry.ok && entry.value[0] ? new DataView(entry.value[0].buffer) : undefined;
    expect([words?.getUint32(0, true), words?.getUint32(4, true)]).toEqual([40, 1]);
  });

  it('says what the kernel lacks, once for each place', () => {
    const gone = (origin: number): AssemblyItem[] => [
      { ...loadField(4, R0, R1, 'sk_buff.no_such'), origin },
      { ...loadField(4, R0, R1, 'sk_buff.no_such'), origin },
    ];
    const list = [...gone(0), callKfunc('bpf_no_such'), movType(R1, 'no_such'), load(4, R0, R1, 0), exit()];
    const { ok, programs, diagnostics } = resolve([program(list)], vmlinux());
    expect([ok, programs]).toEqual([false, []]);
    expect(diagnostics).toMatchObject([
      { code: 'kernel-lacks', severity: 'refusal', span: span('counter') },
      { code: 'kernel-lacks' },
      { code: 'kernel-lacks' },
    ]);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'program resolved does not fit the target kernel: struct sk_buff has no member `no_such`',
      'program resolved does not fit the target kernel: no function is called bpf_no_such',
      'program resolved does not fit the target kernel: no structure is called no_such',
    ]);
  });

  it('refuses a load that is not as wide as the member', () => {
    const list = [loadField(4, R0, R1, 'nf_hook_state.hook'), exit()];
    const { diagnostics } = resolve([program(list)], vmlinux());
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'program resolved does not fit the target kernel: `nf_hook_state.hook` has 1 bytes in this kernel, the program reads 4',
    ]);
  });

  it('refuses what is not BTF', () => {
    expect(resolve([], new Uint8Array(3))).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'bad-vmlinux' }],
    });
  });
});
