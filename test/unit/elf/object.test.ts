// Object files as LLVM's tools read them, and objects of clang as the reader reads them.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { disassemble } from '../../../src/bpf-asm/disassemble.ts';
import { type BpfObject, readElf } from '../../../src/bpf-asm/elf/read.ts';
import { type ElfInput, writeElf } from '../../../src/bpf-asm/elf/write.ts';
import {
  callKfunc,
  callLocal,
  exit,
  jump,
  label,
  load,
  loadField,
  loadFunction,
  loadMap,
  loadMapValue,
  mov64,
  movField,
  R0,
  R1,
} from '../../../src/bpf-asm/index.ts';
import type { AssemblyItem } from '../../../src/bpf-asm/instruction.ts';
import { assembled, sampleInput, sampleMap } from '../../support/elf-sample.ts';
import { isMissing } from '../../support/requirements.ts';

const folder = mkdtempSync(join(tmpdir(), 'nft2bpf-elf-'));
afterAll(() => rmSync(folder, { recursive: true }));

function bytesOf(input: ElfInput): Uint8Array {
  const object = writeElf(input);
  if (!object.ok) throw new Error(object.failure.message);
  return object.value;
}

function objectOf(bytes: Uint8Array): BpfObject {
  const object = readElf(bytes);
  if (!object.ok) throw new Error(object.failure.message);
  return object.value;
}

function tool(command: string, options: readonly string[], bytes: Uint8Array): string {
  const file = join(folder, 'object.o');
  writeFileSync(file, bytes);
  return execFileSync(command, [...options, file], { encoding: 'utf8' });
}

/** The words of each line of a table of readelf, without its running number. */
function rows(text: string, pattern: RegExp): string[] {
  return text
    .split('\n')
    .map(line => pattern.exec(line)?.[1]?.replace(/\s+/g, ' ').trim())
    .filter(row => row !== undefined);
}

describe.skipIf(isMissing('objdump'))('an object', () => {
  const bytes = bytesOf({ ...sampleInput(), notes: [{ name: '.note', bytes: Uint8Array.of(1, 2, 3) }] });

  it('has the header and sections of a BPF object', () => {
    const header = tool('llvm-readelf-19', ['-h'], bytes);
    for (const line of ['ELF64', "2's complement, little endian", 'REL (Relocatable file)', 'EM_BPF']) {
      expect(header).toContain(line);
    }
    // Type, flags (WA: writable data, A: read-only data, AX: code), link, info, alignment.
    const sections = rows(tool('llvm-readelf-19', ['-SW'], bytes), /^ +\[ *\d+\] (\S+ +[A-Z]+ .*)$/);
    const columns = sections.map(row => {
      const [name, type, , , , , ...rest] = row.split(' ');
      return [name, type, ...rest].join(' ');
    });
    expect(columns).toEqual([
      'classifier PROGBITS AX 0 0 8',
      '.relclassifier REL I 10 1 8',
      '.text PROGBITS AX 0 0 8',
      'license PROGBITS WA 0 0 1',
      '.maps PROGBITS WA 0 0 8',
      '.rodata.table PROGBITS A 0 0 8',
      '.BTF PROGBITS 0 0 4',
      '.BTF.ext PROGBITS 0 0 4',
      '.note PROGBITS 0 0 1',
      '.symtab SYMTAB 11 4 8',
      '.strtab STRTAB 0 0 1',
    ]);
  });

  it('has the symbols that loaders look for', () => {
    const symbols = rows(tool('llvm-readelf-19', ['-sW'], bytes), /^ +\d+: [0-9a-f]+ +(.*)$/);
    expect(symbols).toEqual([
      '0 NOTYPE LOCAL DEFAULT UND',
      '0 SECTION LOCAL DEFAULT 3 .text',
      '40 FUNC LOCAL DEFAULT 3 sample_1',
      '24 FUNC LOCAL DEFAULT 3 sample_2',
      '296 FUNC GLOBAL DEFAULT 1 sample',
      '40 OBJECT GLOBAL DEFAULT 5 seen',
      '40 OBJECT GLOBAL DEFAULT 5 lpm_set',
      '8 OBJECT GLOBAL DEFAULT 6 table',
      '0 NOTYPE GLOBAL DEFAULT UND bpf_cast_to_kern_ctx',
      '0 NOTYPE GLOBAL DEFAULT UND bpf_rdonly_cast',
      '13 OBJECT GLOBAL DEFAULT 4 _license',
    ]);
  });

  it('has relocations that llvm-objdump resolves', () => {
    const listing = tool('llvm-objdump-19', ['-dr', '--no-show-raw-insn'], bytes);
    const relocations = rows(listing, /^\s+[0-9a-f]{16}: {2}(.*)$/).map(row => row.replace(/\[\d+\] /, ''));
    expect(relocations).toEqual([
      'R_BPF_64_64 seen',
      'R_BPF_64_32 bpf_cast_to_kern_ctx',
      'CO-RE <byte_off> struct sk_buff::len (0:0)',
      'CO-RE <byte_off> struct sk_buff::dev (0:1)',
      'CO-RE <byte_off> struct net_device::ifindex (0:0)',
      'CO-RE <target_type_id> struct net_device',
      'R_BPF_64_32 bpf_rdonly_cast',
      'CO-RE <byte_off> struct net_device::ifindex (0:0)',
      'R_BPF_64_64 .text',
      'R_BPF_64_64 table',
      'R_BPF_64_32 .text',
    ]);
    // Addends: the callback at byte 0 of .text, word 1 of the table, the subprogram at slot 5 of .text.
    expect(listing).toMatch(/r2 = 0x0 ll\n.*R_BPF_64_64\s+\.text/);
    expect(listing).toMatch(/r1 = 0x4 ll\n.*R_BPF_64_64\s+table/);
    expect(listing).toMatch(/call 0x4\n.*R_BPF_64_32\s+\.text/);
  });

  it('shows the lines of its source', () => {
    const listing = tool('llvm-objdump-19', ['-dl', '--no-show-raw-insn'], bytes);
    expect(rows(listing, /^; (rules\.nft:\d+)$/).slice(0, 4)).toEqual([
      'rules.nft:1',
      'rules.nft:2',
      'rules.nft:3',
      'rules.nft:5',
    ]);
  });

  it('is disassembled by us as by llvm-objdump', () => {
    const listing = tool('llvm-objdump-19', ['-d', '--no-show-raw-insn'], bytes);
    const instructions = (text: string): string[] =>
      rows(text, /^ +\d+:\t(.*)$/).map(row => row.replace(/ <.*>$/, ''));
    const ours = objectOf(bytes).functions.flatMap(({ code }) => instructions(disassemble(code)));
    expect(ours).toEqual(instructions(listing));
    expect(ours).toHaveLength(42);
  });
});

const source = `
typedef unsigned int u32;
struct sk_buff { u32 len; void *dev; } __attribute__((preserve_access_index));
extern void *bpf_cast_to_kern_ctx(void *) __attribute__((section(".ksyms")));
struct { int (*type)[1]; int (*max_entries)[4]; int (*key_size)[4]; int (*value_size)[8]; } counts
  __attribute__((section(".maps"), used));
static void *(*lookup)(void *, const void *) = (void *)1;
static __attribute__((noinline)) u32 twice(u32 x) { return x * 2 + (u32)(long)lookup(&counts, &x); }
__attribute__((section("tc"), used)) int probe(void *context) {
  struct sk_buff *skb = bpf_cast_to_kern_ctx(context);
  return twice(skb->len);
}
char the_license[] __attribute__((section("license"), used)) = "GPL";
`;

describe.skipIf(isMissing('clang', 'objdump'))('an object of clang', () => {
  function compile(): Uint8Array {
    writeFileSync(join(folder, 'probe.c'), source);
    execFileSync('clang', ['-g', '-O2', '-target', 'bpf', '-c', 'probe.c', '-o', 'probe.o'], { cwd: folder });
    return new Uint8Array(readFileSync(join(folder, 'probe.o')));
  }

  it('is read: functions, references, maps, lines', () => {
    const { license, functions, maps } = objectOf(compile());
    expect(license).toBe('GPL');
    expect(maps).toEqual([
      {
        name: 'counts',
        section: '.maps',
        definition: { type: 1, max_entries: 4, key_size: 4, value_size: 8 },
      },
    ]);
    expect(functions.map(({ name, section }) => [name, section])).toEqual([
      ['twice', '.text'],
      ['probe', 'tc'],
    ]);
    expect(
      functions.map(({ relocations }) => relocations.map(({ kind, name }) => `${kind} ${name}`)),
    ).toEqual([['map counts'], ['kfunc bpf_cast_to_kern_ctx', 'field sk_buff.len', 'subprogram twice']]);
    const [first] = functions[1]?.lines ?? [];
    expect(first?.file).toMatch(/probe\.c$/);
    expect(first?.text).toContain('bpf_cast_to_kern_ctx(context)');
    expect(source.split('\n')[(first?.line ?? 0) - 1]).toContain('bpf_cast_to_kern_ctx(context)');
  });

  it('holds the same instructions and references as ours of the same code', () => {
    const theirs = compile();
    const { functions } = objectOf(theirs);
    const probe = functions.find(({ name }) => name === 'probe')!;
    const twice = functions.find(({ name }) => name === 'twice')!;
    // One piece of code, as the assembler gives it: the call reaches the function behind.
    const code = new Uint8Array([...probe.code, ...twice.code]);
    const slots = probe.code.length / 8;
    const call = probe.relocations.find(({ kind }) => kind === 'subprogram')!.index;
    new DataView(code.buffer).setInt32(call * 8 + 4, slots - call - 1, true);
    const relocations = [
      ...probe.relocations.filter(({ kind }) => kind !== 'subprogram'),
      ...twice.relocations.map(r => ({ ...r, index: r.index + slots })),
    ];
    const ours = bytesOf({
      programs: [{ name: 'probe', section: 'tc', code, relocations, lines: [] }],
      maps: [sampleMap({ name: 'counts', type: 'hash', maxEntries: 4 })],
    });
    const listing = (bytes: Uint8Array, section: string): string[] =>
      tool('llvm-objdump-19', ['-dr', '-j', section], bytes)
        .split('\n')
        .filter(line => line.startsWith(' ') || line.startsWith('\t'))
        .map(line => line.replace(/\[\d+\] /, ''));
    expect(listing(ours, 'tc')).toEqual(listing(theirs, 'tc'));
    expect(listing(ours, '.text')).toEqual(listing(theirs, '.text'));
  });
});

describe('the object writer', () => {
  function fail(items: readonly AssemblyItem[], more: Partial<ElfInput> = {}): string {
    const { code, relocations } = assembled('p', items);
    const object = writeElf({
      programs: [{ name: 'p', section: 'xdp', code, relocations, lines: [] }],
      maps: [],
      ...more,
    });
    return object.ok ? 'written' : object.failure.message;
  }

  it('says what has no place in an object', () => {
    expect(fail([exit()])).toBe('written');
    expect(fail([loadMap(R1, 'gone'), exit()])).toBe('p: map gone is not in the object');
    expect(fail([callKfunc('bpf_secret'), exit()])).toBe('the prototype of kfunc bpf_secret is not known');
    expect(fail([loadField(8, R1, R1, 'a.b'), exit()])).toBe(
      'the kind of `a.b` is not known, so it cannot be relocated',
    );
    expect(fail([loadField(4, R1, R1, 'a.b'), exit()], { fieldKinds: { 'a.b': 'structure' } })).toBe(
      '`a.b` is not a number or pointer, so it cannot be loaded as one',
    );
    expect(fail([loadField(4, R1, R1, 'a.b'), loadField(2, R1, R1, 'a.b'), exit()])).toBe(
      '`a.b` is used with 4 and with 2 bytes',
    );
    expect(fail([movField(R1, 'plain'), exit()])).toBe('`plain` is not a path like struct.member');
    expect(fail([exit()], { maps: [sampleMap({ name: 'm' }), sampleMap({ name: 'm' })] })).toBe(
      'two parts of the object are called m',
    );
    expect(fail([exit()], { maps: [sampleMap({ name: '1st' })] })).toBe(
      '`1st` cannot be a name in an object file',
    );
  });

  it('says which maps cannot be data', () => {
    const both = [loadMap(R1, 'm'), loadMapValue(R1, 'm', 0), exit()];
    expect(fail(both, { maps: [sampleMap({ name: 'm' })] })).toBe('map m is both looked up and addressed');
    const direct = [loadMapValue(R1, 'm', 0), exit()];
    expect(fail(direct, { maps: [sampleMap({ name: 'm', maxEntries: 2 })] })).toBe(
      'map m is addressed directly, which takes an array of one entry',
    );
    expect(fail(direct, { maps: [sampleMap({ name: 'm', flags: 4 })] })).toBe(
      'map m: flags 4 cannot be given to a data section',
    );
    expect(fail(direct, { maps: [sampleMap({ name: 'm' })], pinMaps: ['m'] })).toBe(
      'map m is a data section, which objects cannot share',
    );
  });

  it('keeps functions apart', () => {
    const into = [
      callLocal('sub'),
      jump('within'),
      exit(),
      label('sub'),
      mov64(R0, 0),
      label('within'),
      exit(),
    ];
    expect(fail(into)).toBe('p: slot 1 jumps into another function');
    const calls = [loadFunction(R1, 'sub'), exit(), label('sub'), load(4, R0, R1, 0), exit()];
    expect(fail(calls)).toBe('written');
  });
});

describe('the object reader', () => {
  const whole = bytesOf(sampleInput());

  it('reads what was written', () => {
    const { functions, maps, license } = objectOf(whole);
    expect(license).toBe('Dual MIT/GPL');
    expect(functions.map(({ name }) => name)).toEqual(['sample', 'sample_1', 'sample_2']);
    expect(functions[0]?.relocations.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'map seen',
      'kfunc bpf_cast_to_kern_ctx',
      'field sk_buff.len',
      'field sk_buff.dev',
      'field net_device.ifindex',
      'type net_device',
      'kfunc bpf_rdonly_cast',
      'field net_device.ifindex',
      'subprogram sample_1',
      'map table',
      'subprogram sample_2',
    ]);
    expect(functions[2]?.lines[0]).toEqual({
      slot: 0,
      file: 'rules.nft',
      text: 'line for slot 42',
      line: 43,
      column: 3,
    });
    expect(maps.map(({ name, definition }) => [name, definition])).toEqual([
      ['seen', { type: 2, max_entries: 1, map_flags: 0, key_size: 4, value_size: 8 }],
      ['lpm_set', { type: 11, max_entries: 0x80000000, map_flags: 1, key_size: 8, value_size: 1 }],
      ['table', {}],
    ]);
    expect(maps[2]?.bytes).toEqual(Uint8Array.of(1, 0, 0, 0, 40, 0, 0, 0));
  });

  it('refuses what is not a BPF object, or only part of it', () => {
    const changed = (at: number, value: number): Uint8Array => {
      const bytes = whole.slice();
      bytes[at] = value;
      return bytes;
    };
    expect(readElf(new Uint8Array(100))).toMatchObject({ failure: { code: 'bad-magic' } });
    expect(readElf(changed(4, 1))).toMatchObject({ failure: { code: 'unsupported' } });
    expect(readElf(changed(5, 2))).toMatchObject({ failure: { code: 'unsupported' } });
    expect(readElf(changed(18, 62))).toMatchObject({ failure: { code: 'unsupported' } });
    for (let length = 0; length < whole.length; length += 7) {
      expect(readElf(whole.subarray(0, length))).toMatchObject({ ok: false });
    }
  });

  it('never throws on damaged bytes', () => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), changes => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at] = value;
        readElf(bytes);
      }),
      { numRuns: 3000 },
    );
  });
});
